package enrichment

import (
	"context"
	"sync"
	"time"

	"deals.example/internal/criticality"
	"deals.example/internal/slots"
	"deals.example/lab/control"
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
	saturated func() bool // reports whether calls wait at an upstream
	pool      slots.Pool

	mu     sync.Mutex
	adapts bool
	limit  float64
}

func newConcurrency(most int, adapts bool, saturated func() bool) *concurrency {
	c := &concurrency{most: most, saturated: saturated, adapts: adapts, limit: float64(most)}
	if adapts {
		c.limit = min(minJobs, float64(most))
	}
	return c
}

// adapt lets the limit follow the upstreams from now on.
func (c *concurrency) adapt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.adapts = true
}

// fix sets the limit to a constant.
func (c *concurrency) fix(limit int) {
	c.mu.Lock()
	c.adapts, c.limit = false, float64(limit)
	c.mu.Unlock()
	c.pool.Apply(c.rules())
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
	ticker := time.NewTicker(adaptInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			c.step()
		}
	}
}

func (c *concurrency) step() {
	c.move(c.pool.Load(criticality.Sheddable).Waiting > 0, c.saturated())
	c.pool.Apply(c.rules())
}

// move moves the limit, unless it is a constant.
func (c *concurrency) move(wanted, saturated bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.adapts:
		return
	case saturated:
		c.limit *= shrinkage
	case wanted:
		c.limit *= growth
	}
	c.limit = min(max(c.limit, minJobs), float64(c.most))
}

func (c *concurrency) rules() slots.Rules {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slots.Rules{Slots: int(c.limit), Discipline: slots.Unbounded} // as many wait as the queue's server takes, which is bounded
}

// control switches between the two kinds of limit.
func (c *concurrency) control() control.Control {
	start := control.Setting{Option: adaptive}
	if !c.adapts {
		start = control.Setting{Option: static, Value: c.most}
	}
	return control.Control{
		Name: "concurrency", Help: "how many enrichment jobs are done at a time", Start: start,
		Options: []control.Option{
			{Name: adaptive, Help: "as many as the upstreams have room for"},
			{Name: static, Help: "a constant", Min: 1, Max: c.most},
		},
		Apply: func(s control.Setting) error {
			if s.Option == adaptive {
				c.adapt()
			} else {
				c.fix(s.Value)
			}
			return nil
		},
	}
}
