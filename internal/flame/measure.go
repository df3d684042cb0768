package flame

import (
	"context"
	"fmt"
	"time"

	"github.com/google/pprof/profile"
	"golang.org/x/sync/errgroup"

	"deals.example/k6"
)

// evidence is what was seen of one side.
type evidence struct {
	cpu, goroutines *profile.Profile
	before, after   families // when the profile began and ended
	started, ended  time.Time
	looks           []look
	lists           k6.Summary // of the whole load, the lead included
}

// look is the goroutines of the target at one moment.
type look struct{ goroutines, runnable, threads float64 }

// measure takes the evidence while lists are read and hashes are computed the way that mode says.
func (d *driver) measure(ctx context.Context, mode string) (*evidence, error) {
	e := &evidence{}
	summaries, err := d.underLoad(ctx, map[string]int{modeLists: d.cfg.Lists, mode: d.cfg.Hashes}, func(ctx context.Context) error {
		if err := d.pause(ctx, d.cfg.Lead); err != nil {
			return err
		}
		return d.gather(ctx, e)
	})
	if err != nil {
		return nil, err
	}
	lists, ok := summaries[modeLists]
	if !ok {
		return nil, fmt.Errorf("load %s: k6 left no summary", modeLists)
	}
	e.lists = lists
	return e, nil
}

// gather takes the CPU profile and, meanwhile, looks at the goroutines.
func (d *driver) gather(ctx context.Context, e *evidence) (err error) {
	if e.before, err = d.scrape(ctx); err != nil {
		return err
	}
	e.started = time.Now()
	group, ctx := errgroup.WithContext(ctx)
	looking, enough := context.WithCancel(ctx)
	group.Go(func() error {
		defer enough()
		taken, err := d.profile(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", int(d.cfg.Duration.Seconds())))
		e.cpu = taken
		return err
	})
	group.Go(func() error { return d.lookAround(ctx, looking.Done(), e) })
	if err := group.Wait(); err != nil {
		return err
	}
	e.ended = time.Now()
	e.after, err = d.scrape(context.WithoutCancel(ctx))
	return err
}

// lookAround looks at the goroutines until it is told that it is enough, and in the middle takes a profile of where they are.
func (d *driver) lookAround(ctx context.Context, enough <-chan struct{}, e *evidence) error {
	ticker := time.NewTicker(sampling)
	defer ticker.Stop()
	for {
		select {
		case <-enough:
			return nil
		case <-ticker.C:
		}
		metrics, err := d.scrape(ctx)
		if err != nil {
			return err
		}
		seen := look{metrics.gauge("go_goroutines"), metrics.gauge("go_sched_goroutines_runnable_goroutines"), metrics.gauge("go_threads")}
		e.looks = append(e.looks, seen)
		d.went(int(seen.goroutines), int(seen.runnable))
		if e.goroutines == nil && time.Since(e.started) >= d.cfg.Duration/2 {
			if e.goroutines, err = d.profile(ctx, "/debug/pprof/goroutine"); err != nil {
				return err
			}
		}
	}
}
