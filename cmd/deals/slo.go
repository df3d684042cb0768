package main

import (
	"errors"
	"fmt"

	"deals.example/slo"
)

// errRulesDrifted is that `deals slo check` found a difference.
var errRulesDrifted = errors.New("rules are not what their specs and windows make: run make generate, and change those rather than the rules")

// sloCmd is `deals slo`.
type sloCmd struct {
	Generate sloGenerateCmd `cmd:"" help:"Write the generated files: rules, and indicators in Go and TypeScript."`
	Check    sloCheckCmd    `cmd:"" help:"Fail when a generated file is not what its sources make."`
}

// Help is shown after the flags.
func (sloCmd) Help() string {
	return `Each spec in DIR/specs, over each set of windows in DIR/windows, makes a file of Prometheus rules in DIR/rules.
DIR/indicators.yaml makes the recording rules of the indicators, and their Go and TypeScript.
The formats are those of Sloth (sloth.dev). A spec with a mistake is refused, with every mistake named.`
}

// sloFlags say where the objectives are.
type sloFlags struct {
	Dir string `default:"slo" placeholder:"DIR" help:"Directory of specs, windows and rules."`
}

// sloGenerateCmd is `deals slo generate`.
type sloGenerateCmd struct {
	sloFlags `embed:""`
}

// Run writes the rules and names the files it changed.
func (c *sloGenerateCmd) Run(sys *system) error {
	changed, err := slo.Generate(c.Dir)
	if err != nil {
		return err
	}
	for _, drift := range changed {
		fmt.Fprintln(sys.stdout, drift.File)
	}
	return nil
}

// sloCheckCmd is `deals slo check`.
type sloCheckCmd struct {
	sloFlags `embed:""`
}

// Run prints how the rules differ from what they should be.
func (c *sloCheckCmd) Run(sys *system) error {
	drifts, err := slo.Check(c.Dir)
	if err != nil {
		return err
	}
	for _, drift := range drifts {
		fmt.Fprintf(sys.stdout, "%s\n%s", drift.File, drift.Diff())
	}
	if len(drifts) > 0 {
		return errRulesDrifted
	}
	return nil
}
