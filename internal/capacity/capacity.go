// Package capacity makes a service finite: it serves at most a number of requests at a time, lets others wait in a queue, and refuses or
// drops the rest. All of that can be read and changed while it runs, at /admin/capacity.
package capacity

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deals.example/internal/criticality"
	"deals.example/internal/limiter"
	"deals.example/internal/live"
	"deals.example/internal/slots"
	"deals.example/observability"
)

// Deps is what a Server reports to.
type Deps struct {
	Service  string
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Server is the capacity of a service. It may be used concurrently.
type Server struct {
	start   slots.Discipline // as configured
	profile *live.Value[Profile]
	pool    slots.Pool
	limit   *limiter.Limiter // before the pool
	limited atomic.Bool      // whether limit is in force
	logger  *slog.Logger
	metrics *metrics
}

// New returns an idle server.
func New(cfg Config, deps Deps) (*Server, error) {
	profile, err := live.New(cfg.profile(), Profile.check, func() { deps.Logger.Info("capacity settings are back to the configured ones") })
	if err != nil {
		return nil, fmt.Errorf("capacity of %s: %w", deps.Service, err)
	}
	limit, err := limiter.New(limiter.Config{Kind: limiter.Adaptive, Static: 1, Min: 1, Initial: startLimit, Max: maxSlots, Queue: limitQueue, Patience: limitPatience})
	if err != nil {
		return nil, fmt.Errorf("capacity of %s: %w", deps.Service, err)
	}
	s := &Server{start: cfg.Discipline, profile: profile, limit: limit, logger: deps.Logger}
	s.metrics = newMetrics(deps.Registry, deps.Service, s)
	return s, nil
}

// Profile returns the current profile.
func (s *Server) Profile() Profile { return s.profile.Get() }

// Update applies change to the current profile for d, or until the next change when d is 0. The error says what is wrong with the result;
// nothing is changed then. change must not call the server.
func (s *Server) Update(ctx context.Context, d time.Duration, change func(Profile) Profile) error {
	profile, err := s.profile.Update(d, change)
	if err != nil {
		return err
	}
	s.metrics.changes.Inc()
	s.logger.InfoContext(ctx, "capacity settings changed", "slots", profile.Slots, "queue", profile.Queue, "discipline", string(profile.Discipline),
		"slow_above", profile.SlowAbove, "slowdown", profile.Slowdown, "lasts", d.String())
	s.pool.Apply(profile.Rules)
	return nil
}

// Visit is a request that is being served.
type Visit struct {
	Context context.Context //nolint:containedctx // that of the service: it does not end with the caller where abandoned requests are served, or without a deadline
	Factor  float64         // of the service time

	server *Server
	permit *limiter.Permit // nil without a limit
	caller context.Context //nolint:containedctx // tells at the end whether anybody waits for the answer
}

// Enter waits for a slot, for a request of the criticality of ctx. Leave must be called when the error is nil. Otherwise it is that of
// slots.Pool. A request that came without a deadline is served even if its caller goes, since the server does not know how long it waits.
func (s *Server) Enter(ctx context.Context) (Visit, error) {
	profile, arrived, caller := s.profile.Get(), time.Now(), ctx
	if _, bounded := ctx.Deadline(); !bounded || profile.Abandoned == Serve {
		ctx = context.WithoutCancel(ctx)
	}
	var permit *limiter.Permit
	err := ctx.Err() // a request may come when its time is over
	if err == nil {
		permit, err = s.admit(ctx, profile.Rules)
		observability.Waited(ctx, observability.WaitCapacity, arrived, err)
	}
	if err != nil {
		s.metrics.turnedAway(ctx, err, profile.Discipline)
		return Visit{}, err
	}
	s.metrics.served(ctx, time.Since(arrived), profile.Discipline)
	factor := profile.factor(s.pool.Load(criticality.Sheddable).Busy)
	return Visit{Context: ctx, Factor: factor, server: s, permit: permit, caller: caller}, nil
}

// admit waits for a slot, and before that for the limit if one is in force.
func (s *Server) admit(ctx context.Context, rules slots.Rules) (*limiter.Permit, error) {
	if !s.limited.Load() {
		return nil, s.pool.Enter(ctx, rules)
	}
	permit, err := s.limit.Enter(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.pool.Enter(ctx, rules); err != nil {
		permit.Leave(limiter.Outcome{Unknown: true})
		return nil, err
	}
	return &permit, nil
}

// Leave frees the slot.
func (v Visit) Leave() {
	if v.caller.Err() != nil {
		v.server.metrics.waste(v.Context.Err() == nil)
	}
	if v.permit != nil {
		defer v.permit.Leave(limiter.Outcome{Utilization: v.server.Utilization(criticality.From(v.Context))})
	}
	v.server.pool.Leave(v.Context, v.server.profile.Get().Rules)
}

// Utilization returns the requests served and waiting for each slot, as a request of the level meets them: above 1 when some wait.
func (s *Server) Utilization(level criticality.Criticality) float64 {
	load := s.pool.Load(level)
	return float64(load.Busy+load.Waiting) / float64(s.profile.Get().Slots)
}

// waiting returns how many requests wait, for a slot or for the limit.
func (s *Server) waiting() int {
	return s.pool.Load(criticality.Sheddable).Waiting + s.limit.Load().Waiting
}
