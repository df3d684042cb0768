package heavyhash

import (
	"context"
	"fmt"
	"time"

	"github.com/google/pprof/profile"
	"golang.org/x/sync/errgroup"

	"deals.example/k6"
)

// evidence is what was measured of one side.
type evidence struct {
	cpu, goroutines *profile.Profile
	before, after   families // at the start and the end of the profile
	started, ended  time.Time
	samples         []sample
	lists           k6.Summary // of the whole load, including the lead
}

// sample is the state of the target's scheduler at one moment.
type sample struct{ goroutines, runnable, threads float64 }

// measure collects the evidence of one side: lists are read while clients request hashes in the given mode.
func (d *driver) measure(ctx context.Context, mode string) (*evidence, error) {
	d.begin(mode, d.cfg.Lead+d.cfg.Duration)
	e := &evidence{}
	summaries, err := d.underLoad(ctx, []load{d.lists(), {mode, "CONCURRENCY", d.cfg.Hashes}}, func(ctx context.Context) error {
		if err := d.pause(ctx, d.cfg.Lead); err != nil {
			return err
		}
		return d.gather(ctx, e)
	})
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", mode, err)
	}
	lists, ok := summaries[modeLists]
	if !ok {
		return nil, fmt.Errorf("measure %s: k6 left no summary of the lists", mode)
	}
	e.lists = lists
	return e, nil
}

// gather takes the CPU profile and samples the goroutines meanwhile.
func (d *driver) gather(ctx context.Context, e *evidence) (err error) {
	if e.before, err = d.scrape(ctx); err != nil {
		return err
	}
	e.started = time.Now()
	group, ctx := errgroup.WithContext(ctx)
	sampling, stop := context.WithCancel(ctx)
	group.Go(func() error {
		defer stop()
		taken, err := d.profile(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", int(d.cfg.Duration.Seconds())))
		e.cpu = taken
		return err
	})
	group.Go(func() error { return d.sample(ctx, sampling.Done(), e) })
	if err := group.Wait(); err != nil {
		return err
	}
	e.ended = time.Now()
	e.after, err = d.scrape(context.WithoutCancel(ctx))
	return err
}

// sample samples the goroutines until stopped is closed, and takes one goroutine profile halfway.
func (d *driver) sample(ctx context.Context, stopped <-chan struct{}, e *evidence) error {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-stopped:
			return nil
		case <-ticker.C:
		}
		metrics, err := d.scrape(ctx)
		if err != nil {
			return err
		}
		seen := sample{metrics.gauge("go_goroutines"), metrics.gauge("go_sched_goroutines_runnable_goroutines"), metrics.gauge("go_threads")}
		e.samples = append(e.samples, seen)
		d.progress(int(seen.goroutines), int(seen.runnable))
		if e.goroutines == nil && time.Since(e.started) >= d.cfg.Duration/2 {
			if e.goroutines, err = d.profile(ctx, "/debug/pprof/goroutine"); err != nil {
				return err
			}
		}
	}
}
