// Package fault adds synthetic latency, failures and blackholes to a service. GET and PUT /admin/fault read and change them at run time.
package fault

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deals.example/internal/live"
	"deals.example/internal/problem"
	"deals.example/internal/settings"
)

// The factor of slow requests. With the default, the slowest of usual requests are much faster than the fastest of slow ones.
const (
	defaultSlowFactor = 10
	maxSlowFactor     = 100
)

// Config is the faults of a service when it starts.
type Config struct {
	LatencyMin  time.Duration
	LatencyMax  time.Duration
	SlowRate    float64
	SlowFactor  float64
	FailureRate float64
	Blackhole   bool
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Duration(&c.LatencyMin, "FAULT_LATENCY_MIN", 0).Between(0, 30*time.Second).
		Help("minimum synthetic latency of a domain service, uniform up to FAULT_LATENCY_MAX")
	s.Duration(&c.LatencyMax, "FAULT_LATENCY_MAX", 0).Between(0, 30*time.Second).
		Help("maximum synthetic latency of a domain service")
	s.Float(&c.SlowRate, "FAULT_SLOW_RATE", 0).Between(0, 1).
		Help("share of requests to a domain service whose synthetic latency is multiplied by FAULT_SLOW_FACTOR")
	s.Float(&c.SlowFactor, "FAULT_SLOW_FACTOR", defaultSlowFactor).Between(1, maxSlowFactor).
		Help("factor of the synthetic latency of slow requests")
	s.Float(&c.FailureRate, "FAULT_RATE", 0).Between(0, 1).
		Help("share of requests to a domain service that are answered with a synthetic 503")
	s.Bool(&c.Blackhole, "FAULT_BLACKHOLE", false).Help("true: a domain service accepts requests and never answers")
}

// Profile is the faults of a service.
type Profile struct {
	LatencyMin, LatencyMax time.Duration
	SlowRate               float64 // share of requests that are slow, 0 to 1
	SlowFactor             float64 // of the latency of slow requests, at least 1
	FailureRate            float64 // 0 to 1
	Blackhole              bool
}

func (p Profile) check() error {
	if p.LatencyMin > p.LatencyMax {
		return fmt.Errorf("minimum latency %s exceeds the maximum %s", p.LatencyMin, p.LatencyMax)
	}
	return nil
}

// Deps is what an Injector needs.
type Deps struct {
	Service  string
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Injector injects the faults of its current profile. It may be used concurrently.
type Injector struct {
	service string
	logger  *slog.Logger
	profile *live.Value[Profile]
	metrics *metrics
}

// New returns an injector with the configured profile.
func New(cfg Config, deps Deps) (*Injector, error) {
	profile, err := live.New(Profile(cfg), Profile.check, func() { deps.Logger.Info("configured fault settings restored") })
	if err != nil {
		return nil, fmt.Errorf("FAULT_LATENCY_MIN, FAULT_LATENCY_MAX: %w", err)
	}
	i := &Injector{service: deps.Service, logger: deps.Logger, profile: profile}
	i.metrics = newMetrics(deps.Registry, i)
	return i, nil
}

// Profile returns the current profile, and how long it lasts; 0 means until it is changed.
func (i *Injector) Profile() (Profile, time.Duration) {
	state := i.profile.State()
	return state.Value, state.Left
}

// Update applies change to the current profile for d, or until the next change when d is 0; then the configured profile is back. It returns
// the profile that change made, and an error if it is refused. change must not call the injector.
func (i *Injector) Update(ctx context.Context, d time.Duration, change func(Profile) Profile) (Profile, error) {
	p, err := i.profile.Update(d, change)
	if err != nil {
		return p, err
	}
	i.metrics.changes.Inc()
	i.logger.InfoContext(ctx, "fault settings changed",
		"latency_min", p.LatencyMin.String(), "latency_max", p.LatencyMax.String(),
		"slow_rate", p.SlowRate, "slow_factor", p.SlowFactor, "failure_rate", p.FailureRate, "blackhole", p.Blackhole, "lasts", d.String())
	return p, nil
}

// Serve waits for the synthetic latency, multiplied by factor, and then fails at the failure rate. It returns a problem.Error or the error of ctx.
func (i *Injector) Serve(ctx context.Context, factor float64) error {
	p := i.profile.Get()
	err := p.take(ctx, factor)
	if errors.Is(err, ErrInjected) {
		i.metrics.injected.WithLabelValues(kindFailure).Inc()
		return problem.FaultInjected(i.service)
	}
	return err
}

// Hold waits while the profile is a blackhole. It returns the error of ctx.
func (i *Injector) Hold(ctx context.Context) error {
	for counted := false; ; counted = true {
		state := i.profile.State()
		if !state.Value.Blackhole {
			return nil
		}
		if !counted {
			i.metrics.injected.WithLabelValues(kindBlackhole).Inc()
		}
		if err := await(ctx, state.Changed, state.Left); err != nil {
			return err
		}
	}
}

// await waits until changed is closed or limit has passed, where 0 is no limit. It returns the error of ctx.
func await(ctx context.Context, changed <-chan struct{}, limit time.Duration) error {
	var timeout <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-changed:
		return nil
	case <-timeout:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
