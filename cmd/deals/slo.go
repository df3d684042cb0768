package main

import (
	"errors"
	"fmt"

	"deals.example/slo"
)

// errRulesDrifted reports that `deals slo check` found a difference.
var errRulesDrifted = errors.New("generated files differ from their sources: edit the sources, then run make generate")

// sloCmd is `deals slo`.
type sloCmd struct {
	Generate sloGenerateCmd `cmd:"" help:"Write the generated files: rules, and indicators in Go and TypeScript."`
	Check    sloCheckCmd    `cmd:"" help:"Print the differences between generated files and their sources; fail if there are any."`
}

// Help is shown after the flags.
func (sloCmd) Help() string {
	return `For each spec in DIR/specs and each file of windows in DIR/windows there is a file of Prometheus rules in DIR/rules.
DIR/indicators.yaml is the source of the indicators' recording rules and of their declarations in Go and TypeScript.
Specs and windows use the formats of Sloth (sloth.dev). An invalid spec is refused; the error lists all its mistakes.`
}

// sloFlags are the flags of both commands.
type sloFlags struct {
	Dir string `default:"slo" placeholder:"DIR" help:"Directory of specs, windows and rules."`
}

// sloGenerateCmd is `deals slo generate`.
type sloGenerateCmd struct {
	sloFlags `embed:""`
}

// Run generates the files and prints the path of each file that changed.
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

// Run prints the differences.
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
