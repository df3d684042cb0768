package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"deals.example/internal/app"
)

const tablePadding = 2

// runCmd is `deals run`.
type runCmd struct {
	Component string `arg:"" optional:"" help:"Component to run. By default the components are listed."`
}

// Help is shown after the flags.
func (runCmd) Help() string {
	return `Settings come from the environment; "deals run <component> --help" lists them.` +
		` A component with invalid settings does not start; the error lists all of them.`
}

// Run runs the component until ctx ends.
func (c *runCmd) Run(ctx context.Context, sys *system) error {
	if c.Component == "" {
		return listComponents(sys.stdout)
	}
	component, err := componentNamed(c.Component)
	if err != nil {
		return err
	}
	return component.Run(ctx, asMap(sys.environ))
}

func componentNamed(name string) (app.Component, error) {
	all := components()
	names := make([]string, len(all))
	for i, component := range all {
		if component.Name == name {
			return component, nil
		}
		names[i] = component.Name
	}
	return app.Component{}, usageError{fmt.Errorf("unknown component %q: allowed are %s", name, strings.Join(names, ", "))}
}

func listComponents(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintf(table, "COMPONENT\tPORT\tSUMMARY\n")
	for _, component := range components() {
		fmt.Fprintf(table, "%s\t%d\t%s\n", component.Name, component.Port, component.Summary)
	}
	return table.Flush()
}

// namedComponent returns the component argument of `deals run`, "" if there is none.
func namedComponent(ctx *kong.Context) string {
	for _, path := range ctx.Path {
		if path.Positional != nil && path.Positional.Name == "component" {
			return ctx.Value(path).String()
		}
	}
	return ""
}

// printSettings lists the environment variables that a component reads.
func printSettings(out io.Writer, name string) error {
	component, err := componentNamed(name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s: %s\n\nSettings, from the environment, with their defaults:\n", component.Name, component.Summary)
	for _, setting := range component.Settings() {
		fmt.Fprintf(out, "\n  %s=%s\n      %s\n", setting.Name, setting.Default, setting.Help)
		if setting.Want != "" {
			fmt.Fprintf(out, "      allowed: %s\n", setting.Want)
		}
	}
	return nil
}
