package flame

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

// stopWithin bounds the end of a k6 that was asked to stop.
const stopWithin = 10 * time.Second

// errEndedEarly says that there was no load any more while it was needed.
var errEndedEarly = errors.New("k6 ended before it was stopped")

// underLoad calls do while so many clients run in each of the modes of the load tool, and returns what k6 says of each. The context of do ends
// when one of them does.
func (d *driver) underLoad(ctx context.Context, clients map[string]int, do func(context.Context) error) (map[string]k6.Summary, error) {
	during, cancel := context.WithCancelCause(ctx)
	running := map[string]*k6.Process{}
	defer func() { stop(ctx, running) }()
	var watchers sync.WaitGroup
	defer watchers.Wait()
	defer cancel(nil)
	for mode, count := range clients {
		process, err := d.start(ctx, mode, count)
		if err != nil {
			return nil, err
		}
		running[mode] = process
		watchers.Go(func() {
			select {
			case <-process.Done():
				cancel(endedEarly(mode, process.Result()))
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

func (d *driver) start(ctx context.Context, mode string, clients int) (*k6.Process, error) {
	return d.cfg.Runner.Start(ctx, k6.Run{
		Script: "load.ts", Scenario: "load-" + mode,
		Env: map[string]string{"MODE": mode, "CONCURRENCY": strconv.Itoa(clients)},
	})
}

func endedEarly(mode string, result k6.Result) error {
	return errors.Join(fmt.Errorf("load %s: %w (exit code %d)", mode, errEndedEarly, result.ExitCode), result.Err)
}

// stop ends the processes, all at once, and returns what they come to. One that has ended stays as it was.
func stop(ctx context.Context, running map[string]*k6.Process) map[string]k6.Summary {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	var stopping sync.WaitGroup
	for _, process := range running {
		stopping.Go(func() { _, _ = process.Stop(ctx) }) // its result is asked for below
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
