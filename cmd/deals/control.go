package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"deals.example/internal/stack"
)

const controlHelp = `The command is sent to the "deals up" of the state directory.`

// stateDir is the flag that selects a running `deals up`.
type stateDir struct {
	StateDir string `default:".deals" placeholder:"DIR" help:"State directory of the running 'deals up' (.deals)."`
}

func (d stateDir) client() *stack.Client { return stack.NewClient(d.StateDir) }

// partNames are the arguments of a command that applies to parts.
type partNames struct {
	stateDir `embed:""`

	Names []string `arg:"" name:"name" help:"Names of parts, as printed by 'deals ps'."`
}

// stopCmd is `deals stop`.
type stopCmd struct {
	partNames `embed:""`
}

// Help is shown after the flags.
func (stopCmd) Help() string {
	return `A part gets SIGTERM and is not restarted until "deals start". Parts that depend on it keep running. ` + controlHelp
}

// Run stops each part.
func (c *stopCmd) Run(ctx context.Context, sys *system) error {
	return c.each(sys, func(client *stack.Client, name string) (string, error) { return client.Stop(ctx, name) })
}

// startCmd is `deals start`.
type startCmd struct {
	partNames `embed:""`
}

// Help is shown after the flags.
func (startCmd) Help() string {
	return `The command returns when the parts are ready. ` + controlHelp
}

// Run starts each part.
func (c *startCmd) Run(ctx context.Context, sys *system) error {
	return c.each(sys, func(client *stack.Client, name string) (string, error) { return client.Start(ctx, name) })
}

// restartCmd is `deals restart`.
type restartCmd struct {
	partNames `embed:""`
}

// Help is shown after the flags.
func (restartCmd) Help() string { return `Each part is stopped and then started. ` + controlHelp }

// Run stops and starts each part.
func (c *restartCmd) Run(ctx context.Context, sys *system) error {
	return c.each(sys, func(client *stack.Client, name string) (string, error) {
		if _, err := client.Stop(ctx, name); err != nil {
			return "", err
		}
		return client.Start(ctx, name)
	})
}

// each calls do for each part and prints the results. It continues after an error.
func (c partNames) each(sys *system, do func(*stack.Client, string) (string, error)) error {
	client := c.client()
	var failures []error
	for _, name := range c.Names {
		text, err := do(client, name)
		switch {
		case errors.Is(err, stack.ErrNotRunning):
			return notUp(err)
		case errors.Is(err, stack.ErrUnknown):
			failures = append(failures, usageError{err})
		case err != nil:
			failures = append(failures, err)
		default:
			fmt.Fprintln(sys.stdout, text)
		}
	}
	return errors.Join(failures...)
}

// psCmd is `deals ps`.
type psCmd struct {
	stateDir `embed:""`
}

// Help is shown after the flags.
func (psCmd) Help() string {
	return `States: waiting (for a dependency), starting, ready, restarting (after an exit), stopping, stopped. ` + controlHelp
}

// Run prints the parts and their states.
func (c *psCmd) Run(ctx context.Context, sys *system) error {
	processes, err := c.client().Processes(ctx)
	if err != nil {
		return notUp(err)
	}
	table := tabwriter.NewWriter(sys.stdout, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintf(table, "NAME\tSTATE\tFOR\tPID\tURL\n")
	for _, p := range processes {
		pid := "-"
		if p.PID != 0 {
			pid = strconv.FormatInt(p.PID, 10)
		}
		fmt.Fprintf(table, "%s\t%s\t%v\t%s\t%s\n", p.Name, p.State, time.Since(p.Since).Truncate(time.Second), pid, p.URL)
	}
	return table.Flush()
}

// notUp adds advice to stack.ErrNotRunning.
func notUp(err error) error {
	if errors.Is(err, stack.ErrNotRunning) {
		return fmt.Errorf("%w: start one with deals up, or pass its --state-dir", err)
	}
	return err
}
