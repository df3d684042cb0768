package enrichment

import (
	"context"
	"sync"
	"time"

	"deals.example/internal/criticality"
	"deals.example/internal/slots"
)

// How the number of jobs at a time moves, once in each interval: up while jobs wait and their calls don't, down while their calls wait
// at an upstream's limit. More jobs would then only wait there, and would be taken from another worker.
const (
	adaptInterval = 100 * time.Millisecond
	growth        = 1.25
	shrinkage     = 0.9
	minJobs       = 4
)

// concurrency is how many jobs are done at a time. It may be used concurrently.
type concurrency struct {
	most      int
	adapts    bool
	saturated func() bool // reports whether calls wait at an upstream
	pool      slots.Pool

	mu    sync.Mutex
	limit float64
}

func newConcurrency(most int, adapts bool, saturated func() bool) *concurrency {
	c := &concurrency{most: most, adapts: adapts, saturated: saturated, limit: float64(most)}
	if adapts {
		c.limit = min(minJobs, float64(most))
	}
	return c
}

// do runs the job when there is room for it. The error is that of the job, or of ctx when it ends first.
func (c *concurrency) do(ctx context.Context, job func(context.Context) error) error {
	if err := c.pool.Enter(ctx, c.rules()); err != nil {
		return err
	}
	defer func() { c.pool.Leave(ctx, c.rules()) }()
	return job(ctx)
}

// run adapts the limit until ctx ends.
func (c *concurrency) run(ctx context.Context) error {
	if !c.adapts {
		return nil
	}
	ticker := time.NewTicker(adaptInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			c.adapt()
		}
	}
}

func (c *concurrency) adapt() {
	wanted := c.pool.Load(criticality.Sheddable).Waiting > 0
	saturated := c.saturated()
	c.mu.Lock()
	switch {
	case saturated:
		c.limit *= shrinkage
	case wanted:
		c.limit *= growth
	}
	c.limit = min(max(c.limit, minJobs), float64(c.most))
	c.mu.Unlock()
	c.pool.Apply(c.rules())
}

func (c *concurrency) rules() slots.Rules {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slots.Rules{Slots: int(c.limit), Discipline: slots.Unbounded} // as many wait as the queue's server takes, which is bounded
}
