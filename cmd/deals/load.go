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

// Limits of the flags of `deals load`.
const (
	maxClients      = 10_000 // also requests per second
	defaultLoadRate = 20
	minLoadDuration = time.Second
	maxLoadDuration = 24 * time.Hour
)

const (
	progressEvery = 2 * time.Second
	k6StopWithin  = 45 * time.Second // longer than k6's own grace period
)

// errThresholds reports failed k6 thresholds.
var errThresholds = errors.New("k6 thresholds failed")

// loadCmd is `deals load`.
type loadCmd struct {
	Mode        string        `enum:"deals,details,enqueue,hash-bad,hash-good,mixed" default:"mixed" help:"Requests to send: ${enum}."`
	Target      string        `default:"${target}" placeholder:"URL" help:"Experience API to load (${target})."`
	Duration    time.Duration `default:"30s" help:"Duration of the load, 1s to 24h."`
	Rate        *int          `placeholder:"N" help:"Requests per second, 1 to ${maxClients} (${loadRate})."`
	Concurrency *int          `placeholder:"N" help:"Instead of a rate: clients in a closed loop, 1 to ${maxClients}."`
	JSON        bool          `name:"json" help:"Print the summary as JSON."`
}

// Help is shown after the flags.
func (loadCmd) Help() string {
	return `Runs k6 with the script load.ts. Requests are sent at a constant rate, whether or not
earlier ones are answered, so the latencies are those that users of the platform would see.
With --concurrency each client sends its next request when the previous one is answered (closed loop).
A slow answer then counts once, however many requests it would have delayed.

Modes: deals reads lists; details reads one deal per request; enqueue adds 200 jobs per request; hash-bad and hash-good compute
heavy hashes (2 rounds of 180,000 iterations); mixed is 68 % deals, 16 % enqueue, 8 % hash-bad and 8 % hash-good.

Progress goes to standard error. Responses 202, 409 and 429 count as successes.
Ctrl-C stops the load and prints the summary of the requests sent so far.

Exit codes: 0 all thresholds passed, 3 a threshold failed, 130 interrupted, 1 failed, 2 wrong usage.`
}

// Run loads the platform and prints the summary.
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
			Env: c.environ(),
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(sys.stderr, "deals: %s against %s, %s for %s; Ctrl-C stops it\n", c.Mode, c.Target, c.amount(), c.Duration)
		newLoadProgress(address, c.Duration, sys.stderr).until(ctx, process.Done())
		return c.conclude(ctx, sys, process)
	})
}

func (c *loadCmd) check() error {
	c.Target = strings.TrimSuffix(c.Target, "/")
	var faults []error
	if c.Duration < minLoadDuration || c.Duration > maxLoadDuration {
		faults = append(faults, fmt.Errorf("--duration: got %s, want %s to %s", c.Duration, minLoadDuration, maxLoadDuration))
	}
	for _, flag := range []struct {
		name  string
		value *int
	}{{"--rate", c.Rate}, {"--concurrency", c.Concurrency}} {
		if flag.value != nil && (*flag.value < 1 || *flag.value > maxClients) {
			faults = append(faults, fmt.Errorf("%s: got %d, want 1 to %d", flag.name, *flag.value, maxClients))
		}
	}
	if c.Rate != nil && c.Concurrency != nil {
		faults = append(faults, errors.New("--rate and --concurrency exclude each other"))
	}
	if len(faults) > 0 {
		return usageError{errors.Join(faults...)}
	}
	if c.Rate == nil && c.Concurrency == nil {
		c.Rate = new(defaultLoadRate)
	}
	return nil
}

func (c *loadCmd) environ() map[string]string {
	if c.Concurrency != nil {
		return map[string]string{"MODE": c.Mode, "CONCURRENCY": strconv.Itoa(*c.Concurrency)}
	}
	return map[string]string{"MODE": c.Mode, "RATE": strconv.Itoa(*c.Rate)}
}

func (c *loadCmd) amount() string {
	if c.Concurrency != nil {
		return fmt.Sprintf("%d clients", *c.Concurrency)
	}
	return fmt.Sprintf("%d requests per second", *c.Rate)
}

// conclude waits for the end of k6, prints the summary and returns an error unless the run succeeded.
func (c *loadCmd) conclude(ctx context.Context, sys *system, process *k6.Process) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), k6StopWithin)
	defer cancel()
	result, err := process.Stop(stopping) // a no-op when it has ended
	if err := errors.Join(err, result.Err); err != nil {
		return err
	}
	if result.Summary == nil {
		return fmt.Errorf("k6 wrote no summary; its last lines:\n%s", strings.Join(result.LastLines, "\n"))
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

// loadSummary is the summary as JSON.
type loadSummary struct {
	Mode           string  `json:"mode"`
	Target         string  `json:"target"`
	Rate           *int    `json:"rate,omitempty"`        // requests per second
	Concurrency    *int    `json:"concurrency,omitempty"` // clients, in place of a rate
	Seconds        float64 `json:"seconds"`               // includes the start and the end of k6
	ThresholdsHeld bool    `json:"thresholdsHeld"`
	Interrupted    bool    `json:"interrupted"`
	*k6.Summary
}

func (c *loadCmd) print(out io.Writer, result k6.Result) error {
	if c.JSON {
		return printJSON(out, loadSummary{
			Mode: c.Mode, Target: c.Target, Rate: c.Rate, Concurrency: c.Concurrency, Seconds: result.Ended.Sub(result.Started).Seconds(),
			ThresholdsHeld: !result.ThresholdsFailed, Interrupted: result.Interrupted, Summary: result.Summary,
		})
	}
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintf(table, "requests sent\t%d\n", result.Summary.Requests)
	fmt.Fprintf(table, "success\t%d\n", result.Summary.Success)
	fmt.Fprintf(table, "failures\t%d\n", result.Summary.Failures)
	if result.Summary.NotSent > 0 {
		fmt.Fprintf(table, "not sent\t%d, because all clients waited for answers: latencies are too low\n", result.Summary.NotSent)
	}
	fmt.Fprintf(table, "refused (429)\t%.1f %%\n", result.Summary.RefusedPct)
	fmt.Fprintf(table, "requests per second\t%.1f\n", result.Summary.RPS)
	fmt.Fprintf(table, "average latency\t%.1f ms\n", result.Summary.AverageMs)
	fmt.Fprintf(table, "p95 latency\t%.1f ms\n", result.Summary.P95Ms)
	return table.Flush()
}

// freeAddress returns a loopback address with an unused port, "" when there is none.
func freeAddress(ctx context.Context) string {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return ""
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
