package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"deals.example/lab/experiment"
	"deals.example/services/slodashboard/api"
)

// errPromises reports promises of an experiment that were not met.
var errPromises = errors.New("the experiment did not keep all of its promises")

// experimentCmd is `deals experiment`.
type experimentCmd struct {
	List   experimentListCmd   `cmd:"" help:"Show the experiments with their last verdicts."`
	Show   experimentShowCmd   `cmd:"" help:"Show what an experiment does and promises."`
	Run    experimentRunCmd    `cmd:"" help:"Run an experiment and print the verdict."`
	Report experimentReportCmd `cmd:"" help:"Write the report of a run to a file."`
}

// Help is shown after the commands.
func (experimentCmd) Help() string {
	return `An experiment compares settings of the platform under the same load: its arms run one after the other, several times,
and measures of all of them are compared with what the experiment promises. The dashboard of a running 'deals up' runs
it, so it can be watched there as well. Scenarios are paused meanwhile.`
}

// experimentListCmd is `deals experiment list`.
type experimentListCmd struct {
	stateDir `embed:""`
}

// Run prints a table.
func (c *experimentListCmd) Run(ctx context.Context, sys *system) error {
	d, err := c.dashboard(ctx, sys)
	if err != nil {
		return err
	}
	var list api.Experiments
	if err := d.call(ctx, http.MethodGet, "", nil, &list); err != nil {
		return err
	}
	table := tabwriter.NewWriter(sys.stdout, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintln(table, "EXPERIMENT\tTAKES\tLAST VERDICT\tTITLE")
	for _, e := range list.Experiments {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", e.ID, asDuration(e.TakesSec), lastVerdict(e.Last), e.Title)
	}
	return table.Flush()
}

func lastVerdict(v *api.ExperimentVerdict) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%d of %d promises met", v.Met, v.Of)
}

func asDuration(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// experimentShowCmd is `deals experiment show`.
type experimentShowCmd struct {
	stateDir `embed:""`

	ID string `arg:"" help:"Experiment, as printed by 'deals experiment list'."`
}

// Run prints the experiment.
func (c *experimentShowCmd) Run(ctx context.Context, sys *system) error {
	_, e, err := c.experiment(ctx, sys, c.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(sys.stdout, "%s\n%s\n", e.Title, e.Question)
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(sys.stdout, "\n%s\n  %s\n", title, strings.Join(lines, "\n  "))
		}
	}
	load := "Load"
	if e.Replay {
		load = "Samples"
	}
	section(load, e.Streams)
	section("In every arm", e.Setup)
	for _, arm := range e.Arms {
		lines := arm.Set
		if len(lines) == 0 {
			lines = []string{"the defaults"}
		}
		section("Arm "+arm.ID+": "+arm.Label, lines)
	}
	var spans []string
	for _, span := range e.Disturbed {
		spans = append(spans, fmt.Sprintf("at %s for %s: %s", asDuration(span.AtSec), asDuration(span.ForSec), span.Text))
	}
	section("Disturbances", spans)
	var promises []string
	for _, p := range e.Promises {
		promises = append(promises, fmt.Sprintf("%s (%s: %s)", p.Text, p.Key, p.Bound))
	}
	section("Promises", promises)
	var sources []string
	for _, m := range e.Mirrors {
		sources = append(sources, strings.TrimSpace(m.Text+" "+m.URL))
	}
	section("It repeats", sources)
	return nil
}

// experimentRunCmd is `deals experiment run`.
type experimentRunCmd struct {
	stateDir `embed:""`

	ID      string `arg:"" help:"Experiment, as printed by 'deals experiment list'."`
	Repeats int    `default:"${repeats}" help:"Rounds, 1 to ${maxRepeats}; the arms alternate. A replay has one."`
	Arm     string `placeholder:"ID" help:"Run only this arm."`
	Quick   bool   `help:"Halve all times, except those of a replay. The bounds are then looser where the experiment says so."`
	Seed    int    `default:"1" help:"Seed of what the requests ask for."`
	JSON    bool   `name:"json" help:"Print the result as JSON."`

	Set map[string]float64 `placeholder:"PROMISE=BOUND;..." help:"Other bounds, by the keys that 'deals experiment show' prints."`
}

// Validate returns an error for a bound that is not a number.
func (c *experimentRunCmd) Validate() error {
	for measure, bound := range c.Set {
		if math.IsNaN(bound) || math.IsInf(bound, 0) {
			return fmt.Errorf("--set: %s: got %v, want a finite number", measure, bound)
		}
	}
	return nil
}

// Help is shown after the flags.
func (experimentRunCmd) Help() string {
	return `Progress goes to standard error. Ctrl-C stops the run and puts all settings back.

Exit codes: 0 all promises were met, 3 a promise was not met, 130 interrupted, 1 failed, 2 wrong usage.`
}

// experimentVars returns the defaults and limits in the help.
func experimentVars() kong.Vars {
	return kong.Vars{"repeats": strconv.Itoa(experiment.DefaultRepeats), "maxRepeats": strconv.Itoa(experiment.MaxRepeats)}
}

// Run runs the experiment and prints the verdict.
func (c *experimentRunCmd) Run(ctx context.Context, sys *system) error {
	d, err := c.dashboard(ctx, sys)
	if err != nil {
		return err
	}
	body := api.ExperimentBody{Repeats: &c.Repeats, Arm: c.Arm, Quick: c.Quick, Seed: &c.Seed, Bounds: c.Set}
	var run api.ExperimentRun
	if err := d.call(ctx, http.MethodPost, "/"+url.PathEscape(c.ID), body, &run); err != nil {
		return err
	}
	if run, err = d.follow(ctx, sys.stderr); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return errInterrupted()
	case run.State != "done":
		return fmt.Errorf("the run was %s: %s", run.State, run.Error)
	}
	var e api.ExperimentDetail
	if err := d.call(ctx, http.MethodGet, "/"+url.PathEscape(c.ID), nil, &e); err != nil {
		return err
	}
	if err := c.print(sys.stdout, e); err != nil {
		return err
	}
	if e.Result.Met < e.Result.Of {
		return exitError{errPromises, exitThresholds}
	}
	return nil
}

func (c *experimentRunCmd) print(out io.Writer, e api.ExperimentDetail) error {
	if c.JSON {
		return json.NewEncoder(out).Encode(e.Result)
	}
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	fmt.Fprint(table, "MEASURE")
	for _, arm := range e.Arms {
		fmt.Fprintf(table, "\t%s", strings.ToUpper(arm.ID))
	}
	fmt.Fprintln(table, "\tFIRST OVER LAST")
	for _, m := range e.Result.Table {
		fmt.Fprint(table, m.Text)
		for _, arm := range m.Arms {
			fmt.Fprintf(table, "\t%s", spreadText(m.Unit, arm))
		}
		fmt.Fprintf(table, "\t%s\n", ratioText(m))
	}
	fmt.Fprintln(table)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(table, "PROMISE\tBOUND\tMEASURED\tOUTCOME")
	for _, p := range e.Result.Promises {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Text, p.Bound, p.Measured, p.Outcome)
	}
	return table.Flush()
}

func spreadText(unit string, s api.ExperimentSpread) string {
	text := experiment.Quantity(unit, s.Median)
	if s.Least != nil && *s.Least != *s.Most {
		text += fmt.Sprintf(" (%s to %s)", experiment.Quantity(unit, s.Least), experiment.Quantity(unit, s.Most))
	}
	return text
}

func ratioText(m api.ExperimentMeasure) string {
	switch {
	case m.Overlap:
		return "the ranges overlap"
	case m.Ratio == nil:
		return "-"
	}
	return experiment.Times(*m.Ratio)
}

// experimentReportCmd is `deals experiment report`.
type experimentReportCmd struct {
	stateDir `embed:""`

	ID  string `arg:"" help:"Experiment, as printed by 'deals experiment list'."`
	Of  string `placeholder:"RUN" help:"Run; by default the last one."`
	Out string `placeholder:"FILE" help:"File to write; by default the run's name with .html, in this folder. It must not exist."`
}

// Run writes the report and prints its path.
func (c *experimentReportCmd) Run(ctx context.Context, sys *system) error {
	d, e, err := c.experiment(ctx, sys, c.ID)
	if err != nil {
		return err
	}
	run, err := c.choose(e)
	if err != nil {
		return err
	}
	page, err := d.send(ctx, http.MethodGet, run.Report, nil)
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = run.Run + ".html"
	}
	if err := writeNew(c.Out, page); err != nil {
		return err
	}
	fmt.Fprintln(sys.stdout, c.Out)
	return nil
}

// writeNew writes a file that must not exist. It is there as a whole or not at all.
func writeNew(path string, data []byte) error {
	//nolint:gosec // G302, G304: a page for people, where the user wants it
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return usageError{fmt.Errorf("--out: %w", err)}
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// choose returns the run that is asked for.
func (c *experimentReportCmd) choose(e api.ExperimentDetail) (api.ExperimentVerdict, error) {
	names := []string{}
	for _, v := range e.Verdicts {
		if v.Run == c.Of || c.Of == "" {
			return v, nil
		}
		names = append(names, v.Run)
	}
	if len(names) == 0 {
		return api.ExperimentVerdict{}, fmt.Errorf("%s has not been run yet: deals experiment run %s", c.ID, c.ID)
	}
	return api.ExperimentVerdict{}, usageError{fmt.Errorf("--of: got %q, want one of %s", c.Of, strings.Join(names, ", "))}
}
