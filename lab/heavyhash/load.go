package heavyhash

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"deals.example/k6"
)

// stopWithin bounds how long k6 may take to stop.
const stopWithin = 10 * time.Second

// errEndedEarly is returned when the load ended before the measurement did.
var errEndedEarly = errors.New("k6 ended before it was stopped")

// load is one run of the load tool.
type load struct {
	mode    string
	setting string // of the amount: RATE or CONCURRENCY
	amount  int
}

// lists are read at a constant rate, so that their latency includes the time that a request is late.
func (d *driver) lists() load { return load{modeLists, "RATE", d.cfg.Lists} }

// underLoad calls do while k6 runs the loads, and returns the summary of each mode. The context of do is cancelled when one of the loads
// ends.
func (d *driver) underLoad(ctx context.Context, loads []load, do func(context.Context) error) (map[string]k6.Summary, error) {
	during, cancel := context.WithCancelCause(ctx)
	running := map[string]*k6.Process{}
	defer func() { stop(ctx, running) }()
	var watchers sync.WaitGroup
	defer watchers.Wait()
	defer cancel(nil)
	for _, one := range loads {
		process, err := d.start(ctx, one)
		if err != nil {
			return nil, err
		}
		running[one.mode] = process
		watchers.Go(func() {
			select {
			case <-process.Done():
				cancel(endedEarly(one.mode, process.Result()))
			case <-during.Done():
			}
		})
	}
	if err := do(during); err != nil {
		return nil, cmp.Or(context.Cause(during), err)
	}
	cancel(nil)
	return stop(ctx, running), nil
}

func (d *driver) start(ctx context.Context, l load) (*k6.Process, error) {
	return d.cfg.Runner.Start(ctx, k6.Run{
		Script: "load.ts", Scenario: "load-" + l.mode,
		Env: map[string]string{"MODE": l.mode, l.setting: strconv.Itoa(l.amount)},
	})
}

func endedEarly(mode string, result k6.Result) error {
	return errors.Join(fmt.Errorf("load %s: %w (exit code %d)", mode, errEndedEarly, result.ExitCode), result.Err)
}

// stop stops the processes concurrently and returns their summaries.
func stop(ctx context.Context, running map[string]*k6.Process) map[string]k6.Summary {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	var stopping sync.WaitGroup
	for _, process := range running {
		stopping.Go(func() { _, _ = process.Stop(ctx) }) // Result below has the outcome
	}
	stopping.Wait()
	summaries := map[string]k6.Summary{}
	for mode, process := range running {
		if summary := process.Result().Summary; summary != nil {
			summaries[mode] = *summary
		}
	}
	return summaries
}
