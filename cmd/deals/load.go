package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"deals.example/k6"
)

// Bounds of what `deals load` may be asked for.
const (
	maxClients      = 10_000
	minLoadDuration = time.Second
	maxLoadDuration = 24 * time.Hour
)

const (
	progressEvery = 2 * time.Second
	k6StopWithin  = 45 * time.Second // longer than the grace that k6 itself has
)

// errThresholds is that the platform did not do under load what the thresholds of the script ask for.
var errThresholds = errors.New("thresholds did not hold")

// loadCmd is `deals load`.
type loadCmd struct {
	Mode        string        `enum:"deals,enqueue,hash-bad,hash-good,mixed" default:"mixed" help:"What to send: deals, enqueue, hash-bad, hash-good, mixed."`
	Target      string        `default:"${target}" placeholder:"URL" help:"Experience API to load (${target})."`
	Duration    time.Duration `default:"30s" help:"How long, 1s to 24h."`
	Concurrency int           `default:"20" help:"Clients at once, 1 to ${maxClients}; each sends its next request when the last one is answered."`
	JSON        bool          `name:"json" help:"Print the summary as JSON, and nothing else on standard output."`
}

// Help is shown after the flags.
func (loadCmd) Help() string {
	return `k6 makes the load, from its script load.ts: deals reads lists, enqueue puts 200 jobs a call into the queue, hash-bad and
hash-good compute heavy hashes (2 rounds of 180,000), mixed is 68 % lists, 16 % enqueues, 8 % bad hashes and 8 % good ones.

Progress goes to standard error. 202, 409 and 429 are answers of a platform that works, not failures.
Ctrl-C stops the load and prints the summary of what was done.

Exit codes: 0 thresholds held, 3 they did not, 130 interrupted, 1 failed, 2 wrong usage.`
}

// Run loads the platform and prints what came of it.
func (c *loadCmd) Run(ctx context.Context, sys *system) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := checkTarget(ctx, c.Target); err != nil {
		return err
	}
	return withRunner(c.Target, func(runner *k6.Runner) error {
		address := freeAddress(ctx)
		process, err := runner.Start(ctx, k6.Run{
			Script: "load.ts", Scenario: "load-" + c.Mode, Duration: c.Duration, Address: address,
			Env: map[string]string{"MODE": c.Mode, "CONCURRENCY": strconv.Itoa(c.Concurrency)},
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(sys.stderr, "deals: %s against %s, %d clients, %s; Ctrl-C stops it\n", c.Mode, c.Target, c.Concurrency, c.Duration)
		newLoadProgress(address, c.Duration, sys.stderr).until(ctx, process.Done())
		return c.conclude(ctx, sys, process)
	})
}

func (c *loadCmd) check() error {
	c.Target = strings.TrimSuffix(c.Target, "/")
	var faults []error
	if c.Duration < minLoadDuration || c.Duration > maxLoadDuration {
		faults = append(faults, fmt.Errorf("--duration is %s; allowed: %s to %s", c.Duration, minLoadDuration, maxLoadDuration))
	}
	if c.Concurrency < 1 || c.Concurrency > maxClients {
		faults = append(faults, fmt.Errorf("--concurrency is %d; allowed: 1 to %d", c.Concurrency, maxClients))
	}
	if len(faults) > 0 {
		return usageError{errors.Join(faults...)}
	}
	return nil
}

// conclude waits for the end of k6, prints the summary, and says by its error how the run went.
func (c *loadCmd) conclude(ctx context.Context, sys *system, process *k6.Process) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), k6StopWithin)
	defer cancel()
	result, err := process.Stop(stopping) // it has ended, or was told to
	if err := errors.Join(err, result.Err); err != nil {
		return err
	}
	if result.Summary == nil {
		return fmt.Errorf("k6 left no summary; its last lines:\n%s", strings.Join(result.LastLines, "\n"))
	}
	if err := c.print(sys.stdout, result); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return errInterrupted()
	case result.ThresholdsFailed:
		return exitError{errThresholds, exitThresholds}
	}
	return nil
}

// loadSummary is what came of a run, as JSON.
type loadSummary struct {
	Mode           string  `json:"mode"`
	Target         string  `json:"target"`
	Concurrency    int     `json:"concurrency"`
	Seconds        float64 `json:"seconds"` // with the start and the end of k6
	ThresholdsHeld bool    `json:"thresholdsHeld"`
	Interrupted    bool    `json:"interrupted"`
	*k6.Summary
}

func (c *loadCmd) print(out io.Writer, result k6.Result) error {
	if c.JSON {
		return printJSON(out, loadSummary{
			Mode: c.Mode, Target: c.Target, Concurrency: c.Concurrency, Seconds: result.Ended.Sub(result.Started).Seconds(),
			ThresholdsHeld: !result.ThresholdsFailed, Interrupted: result.Interrupted, Summary: result.Summary,
		})
	}
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintf(table, "requests sent\t%d\n", result.Summary.Requests)
	fmt.Fprintf(table, "success\t%d\n", result.Summary.Success)
	fmt.Fprintf(table, "failures\t%d\n", result.Summary.Failures)
	fmt.Fprintf(table, "refused (429)\t%.1f %%\n", result.Summary.RefusedPct)
	fmt.Fprintf(table, "requests a second\t%.1f\n", result.Summary.RPS)
	fmt.Fprintf(table, "average latency\t%.1f ms\n", result.Summary.AverageMs)
	fmt.Fprintf(table, "p95 latency\t%.1f ms\n", result.Summary.P95Ms)
	return table.Flush()
}

// freeAddress is a port of this machine that nobody has, "" when there is none.
func freeAddress(ctx context.Context) string {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return ""
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
