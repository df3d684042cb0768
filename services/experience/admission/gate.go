// Package admission decides which requests the API takes when it has more than it can answer: those that matter more, and as many of each
// tenant.
package admission

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deals.example/internal/criticality"
	"deals.example/internal/limiter"
	"deals.example/internal/tenant"
	"deals.example/observability"
)

// Bounds of the gate. Where the adaptive limit starts, the API answers 200 lists within some milliseconds, and clients that wait for longer
// than a second for their turn have mostly gone.
const (
	minLimit   = 10
	startLimit = 200
	maxLimit   = 1000
	queue      = 200
	patience   = time.Second
)

// policy is how much a request matters at the gate.
type policy int32

const (
	none     policy = iota // no gate
	equal                  // all matter the same
	priority               // as their level says
)

// Gate lets a limited number of requests in and lets others wait. Without a policy, as at the start, it lets all in. It may be used
// concurrently.
type Gate struct {
	policy   atomic.Int32
	limit    *limiter.Limiter
	overload overload
	metrics  *meters
}

// New returns an open gate. Run must run for the limit to adapt.
func New(registry prometheus.Registerer) (*Gate, error) {
	limit, err := limiter.New(limiter.Config{
		Kind: limiter.Adaptive, Static: startLimit, Min: minLimit, Initial: startLimit, Max: maxLimit, Queue: queue, Patience: patience,
	})
	if err != nil {
		return nil, err
	}
	limit.SetFair(true)
	g := &Gate{limit: limit}
	g.metrics = newMeters(registry, g)
	return g, nil
}

// Visit is a request inside. Its zero value is one that no gate was asked for.
type Visit struct {
	gate   *Gate
	permit limiter.Permit
}

// Enter waits until the request may go on; Leave must then be called. The error is that of slots.Pool.
func (g *Gate) Enter(ctx context.Context, level criticality.Criticality, of tenant.Tenant) (Visit, error) {
	inForce := policy(g.policy.Load())
	if inForce == none {
		g.metrics.counted(of, nil)
		return Visit{}, nil
	}
	if inForce == equal {
		level = criticality.Default
	}
	arrived := time.Now()
	permit, err := g.limit.Enter(tenant.With(criticality.With(ctx, level), of))
	observability.Waited(ctx, observability.WaitAdmission, arrived, err)
	g.metrics.counted(of, err)
	if err != nil {
		g.metrics.refused(level, err)
		return Visit{}, err
	}
	g.metrics.waited(ctx, of, time.Since(arrived))
	return Visit{g, permit}, nil
}

// Leave ends the visit.
func (v Visit) Leave() {
	if v.gate != nil {
		v.permit.Leave(limiter.Outcome{Overloaded: v.gate.overload.load()})
	}
}
