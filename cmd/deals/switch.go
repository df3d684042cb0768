package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"deals.example/internal/stack"
	"deals.example/lab/control"
)

const (
	controlTimeout = 5 * time.Second
	maxControlFor  = 24 * time.Hour
)

// controlCmd is `deals control`.
type controlCmd struct {
	List  controlListCmd  `cmd:"" help:"Show the controls, their options and which is in force."`
	Set   controlSetCmd   `cmd:"" help:"Switch a control."`
	Reset controlResetCmd `cmd:"" help:"Switch all controls back to what they were at the start."`
}

// Help is shown after the commands.
func (controlCmd) Help() string {
	return `A control is a policy of a component that can be switched while it runs, such as what limits its upstream calls. A restart of the component
switches its controls back.`
}

// controlListCmd is `deals control list`.
type controlListCmd struct {
	stateDir `embed:""`

	Component string `arg:"" optional:"" help:"Only this component."`
}

// Run prints a table.
func (c *controlListCmd) Run(ctx context.Context, sys *system) error {
	parts, err := c.components(ctx, sys, c.Component)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(sys.stdout, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tCONTROL\tIN FORCE\tOPTIONS\tWHAT")
	for _, part := range parts {
		for _, one := range part.list.Controls {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", part.name, one.Name, inForce(one), options(one), one.Help)
		}
	}
	return table.Flush()
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
	parts, err := c.components(ctx, sys, c.Component)
	if err != nil {
		return err
	}
	list, err := parts[0].client.Switch(ctx, parts[0].url, control.Change{Control: c.Control, Option: c.Option, ForSeconds: c.For.Seconds()})
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", c.Component, err)}
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
	stateDir `embed:""`

	Component string `arg:"" optional:"" help:"Only this component."`
}

// Run resets the controls and prints what has changed.
func (c *controlResetCmd) Run(ctx context.Context, sys *system) error {
	parts, err := c.components(ctx, sys, c.Component)
	if err != nil {
		return err
	}
	var failures []error
	for _, part := range parts {
		after, err := part.client.Reset(ctx, part.url)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", part.name, err))
			continue
		}
		for i, one := range after.Controls {
			if before := part.list.Controls[i].Option; before != one.Option {
				fmt.Fprintf(sys.stdout, "%s %s is %s again (was %s)\n", part.name, one.Name, one.Option, before)
			}
		}
	}
	return errors.Join(failures...)
}

// controlled is a running component that has controls.
type controlled struct {
	name, url string
	client    control.Client
	list      control.List
}

// components returns the running components that have controls, or only the named one.
func (d stateDir) components(ctx context.Context, sys *system, name string) ([]controlled, error) {
	processes, err := d.client().Processes(ctx)
	if err != nil {
		return nil, notUp(err)
	}
	client := control.Client{HTTP: &http.Client{Timeout: controlTimeout}, Token: asMap(sys.environ)["ADMIN_TOKEN"]}
	var found []controlled
	var names []string
	for _, p := range processes {
		if p.State != stack.Ready || !strings.HasPrefix(p.URL, "http") {
			continue
		}
		list, err := client.List(ctx, p.URL)
		if err != nil || len(list.Controls) == 0 { // not a component of ours, or one without controls
			continue
		}
		names = append(names, p.Name)
		found = append(found, controlled{p.Name, p.URL, client, list})
	}
	if name == "" {
		return found, nil
	}
	i := slices.Index(names, name)
	if i < 0 {
		return nil, usageError{fmt.Errorf("component: got %q, want one of those that run and have controls: %s", name, strings.Join(names, ", "))}
	}
	return found[i : i+1], nil
}
