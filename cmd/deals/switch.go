package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"deals.example/internal/admin"
	"deals.example/internal/platform"
	"deals.example/internal/stack"
	"deals.example/lab/control"
)

const maxControlFor = 24 * time.Hour

// controlCmd is `deals control`.
type controlCmd struct {
	List  controlListCmd  `cmd:"" help:"Show the controls, their options and which is in force."`
	Set   controlSetCmd   `cmd:"" help:"Switch a control."`
	Reset controlResetCmd `cmd:"" help:"Switch all controls back to what they were at the start."`
}

// Help is shown after the commands.
func (controlCmd) Help() string {
	return `A control is a policy of a component that can be switched while it runs, such as what limits its upstream calls.
A restart of the component switches its controls back.`
}

// controlledComponent selects running components.
type controlledComponent struct {
	stateDir `embed:""`

	Component string `arg:"" optional:"" help:"Only this component."`
}

// controlListCmd is `deals control list`.
type controlListCmd struct {
	controlledComponent `embed:""`
}

// Run prints a table.
func (c *controlListCmd) Run(ctx context.Context, sys *system) error {
	_, lists, failures := c.controls(ctx, sys, c.Component)
	table := tabwriter.NewWriter(sys.stdout, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tCONTROL\tIN FORCE\tOPTIONS\tWHAT")
	for _, list := range lists {
		for _, one := range list.Controls {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", list.Component, one.Name, inForce(one), options(one), one.Help)
		}
	}
	if len(lists) == 0 {
		return failures
	}
	return errors.Join(table.Flush(), failures)
}

func inForce(s control.State) string {
	if s.ForSeconds > 0 {
		return fmt.Sprintf("%s (for %s)", s.Option, time.Duration(s.ForSeconds*float64(time.Second)).Round(time.Second))
	}
	return s.Option
}

func options(s control.State) string {
	var names []string
	for _, option := range s.Options {
		names = append(names, control.Option(option).String())
	}
	return strings.Join(names, ", ")
}

// controlSetCmd is `deals control set`.
type controlSetCmd struct {
	stateDir `embed:""`

	Component string        `arg:"" help:"Component, as printed by 'deals control list'."`
	Control   string        `arg:"" help:"Name of the control."`
	Option    string        `arg:"" help:"Option, such as none or static=30; default is the one at the start."`
	For       time.Duration `placeholder:"DURATION" help:"Switch back after this time, up to 24h."`
}

// Run switches the control and prints what is in force.
func (c *controlSetCmd) Run(ctx context.Context, sys *system) error {
	if c.For < 0 || c.For > maxControlFor {
		return usageError{fmt.Errorf("--for: got %s, want 0s to %s", c.For, maxControlFor)}
	}
	client, _, err := c.controls(ctx, sys, c.Component)
	if err != nil {
		return err
	}
	var list control.List
	change := control.Change{Control: c.Control, Option: c.Option, ForSeconds: c.For.Seconds()}
	err = client.Set(ctx, c.Component, control.Path, change, &list)
	if refused, ok := errors.AsType[*admin.Refused](err); ok {
		return usageError{fmt.Errorf("%s: %w", c.Component, refused)}
	}
	if err != nil {
		return err
	}
	for _, one := range list.Controls {
		if one.Name == c.Control {
			fmt.Fprintf(sys.stdout, "%s %s is %s\n", c.Component, one.Name, inForce(one))
		}
	}
	return nil
}

// controlResetCmd is `deals control reset`.
type controlResetCmd struct {
	controlledComponent `embed:""`
}

// Run resets the controls and prints what has changed.
func (c *controlResetCmd) Run(ctx context.Context, sys *system) error {
	client, lists, failures := c.controls(ctx, sys, c.Component)
	for _, list := range lists {
		if len(list.Controls) > 0 {
			var after control.List
			failures = errors.Join(failures, client.Delete(ctx, list.Component, control.Path, &after))
			printChanges(sys.stdout, list, after)
		}
	}
	return failures
}

func printChanges(out io.Writer, before, after control.List) {
	for _, now := range after.Controls {
		for _, then := range before.Controls {
			if then.Name == now.Name && then.Option != now.Option {
				fmt.Fprintf(out, "%s %s is %s again (was %s)\n", after.Component, now.Name, now.Option, then.Option)
			}
		}
	}
}

// controls returns the controls of the running components, or only of the named one, and a client for them. It returns what it has got
// together with the errors of the components that do not answer.
func (d stateDir) controls(ctx context.Context, sys *system, component string) (*admin.Client, []control.List, error) {
	processes, err := d.client().Processes(ctx)
	if err != nil {
		return nil, nil, notUp(err)
	}
	urls, names := map[string]string{}, []string{}
	for _, p := range processes {
		if part, known := platform.Named(p.Name); known && part.IsComponent() && p.State == stack.Ready {
			urls[p.Name], names = p.URL, append(names, p.Name)
		}
	}
	if component != "" {
		if urls[component] == "" {
			return nil, nil, usageError{fmt.Errorf("component: got %q, want one of %s", component, strings.Join(names, ", "))}
		}
		names = []string{component}
	}
	client := admin.New(urls, &http.Transport{}, asMap(sys.environ)["ADMIN_TOKEN"])
	var lists []control.List
	for _, name := range names {
		var list control.List
		if failure := client.Get(ctx, name, control.Path, &list); failure != nil {
			err = errors.Join(err, failure)
			continue
		}
		lists = append(lists, list)
	}
	return client, lists, err
}
