// Package fault gives a service synthetic latency, failures and silence, which can be read and changed while it runs
// at /admin/fault.
package fault

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"deals.example/internal/problem"
	"deals.example/internal/settings"
)

// Config is the settings of a service's faults at its start.
type Config struct {
	LatencyMin  time.Duration
	LatencyMax  time.Duration
	FailureRate float64
	Blackhole   bool
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Duration(&c.LatencyMin, "FAULT_LATENCY_MIN", 0).Between(0, 30*time.Second).
		Help("least synthetic latency of a domain service, uniform up to FAULT_LATENCY_MAX")
	s.Duration(&c.LatencyMax, "FAULT_LATENCY_MAX", 0).Between(0, 30*time.Second).
		Help("greatest synthetic latency of a domain service")
	s.Float(&c.FailureRate, "FAULT_RATE", 0).Between(0, 1).
		Help("share of requests to a domain service that are answered with a synthetic 503")
	s.Bool(&c.Blackhole, "FAULT_BLACKHOLE", false).Help("true: a domain service accepts requests and never answers")
}

// Profile is how a service misbehaves.
type Profile struct {
	LatencyMin, LatencyMax time.Duration
	FailureRate            float64 // 0 to 1
	Blackhole              bool
}

var errLatencyOrder = errors.New("latency: got a least one over the greatest, allowed: at most that")

func (p Profile) check() error {
	if p.LatencyMin > p.LatencyMax {
		return fmt.Errorf("%w (%s, %s)", errLatencyOrder, p.LatencyMin, p.LatencyMax)
	}
	return nil
}

// Deps is what an Injector reports to.
type Deps struct {
	Service  string
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Injector misbehaves as its profile says. It may be used concurrently.
type Injector struct {
	service    string
	logger     *slog.Logger
	configured Profile
	metrics    *metrics

	mu      sync.Mutex
	current Profile
	until   time.Time     // when current gives way to configured; zero: never
	changed chan struct{} // closed at each change, to wake what is blackholed
}

// New returns an injector with the configured profile.
func New(cfg Config, deps Deps) (*Injector, error) {
	profile := Profile(cfg)
	if err := profile.check(); err != nil {
		return nil, fmt.Errorf("FAULT_LATENCY_MIN, FAULT_LATENCY_MAX: %w", err)
	}
	i := &Injector{
		service: deps.Service, logger: deps.Logger,
		configured: profile, current: profile, changed: make(chan struct{}),
	}
	i.metrics = newMetrics(deps.Registry, i)
	return i, nil
}

// Profile returns the profile in force, and how long it stays so; 0 means until it is changed.
func (i *Injector) Profile() (Profile, time.Duration) {
	p, left, _ := i.state()
	return p, left
}

// state is Profile with a channel that is closed at the next change, all of one moment.
func (i *Injector) state() (p Profile, left time.Duration, changed <-chan struct{}) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	i.expire(now)
	if !i.until.IsZero() {
		left = i.until.Sub(now)
	}
	return i.current, left, i.changed
}

// Update puts what change makes of the profile in force in its place for that long, 0 for good. After that the configured one is back.
// Updates at the same time see each other's outcome. change must not call the injector.
func (i *Injector) Update(ctx context.Context, lasts time.Duration, change func(Profile) Profile) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	i.expire(now)
	p := change(i.current)
	if err := p.check(); err != nil {
		return err
	}
	i.current, i.until = p, time.Time{}
	if lasts > 0 {
		i.until = now.Add(lasts)
	}
	i.wake()
	i.metrics.changes.Inc()
	i.logger.InfoContext(ctx, "fault settings changed",
		"latency_min", p.LatencyMin.String(), "latency_max", p.LatencyMax.String(),
		"failure_rate", p.FailureRate, "blackhole", p.Blackhole, "lasts", lasts.String())
	return nil
}

// expire must be called with mu held.
func (i *Injector) expire(now time.Time) {
	if i.until.IsZero() || now.Before(i.until) {
		return
	}
	i.current, i.until = i.configured, time.Time{}
	i.wake()
	i.logger.Info("fault settings are back to the configured ones")
}

func (i *Injector) wake() {
	close(i.changed)
	i.changed = make(chan struct{})
}

// Middleware misbehaves before the handlers that it stands in front of.
func (i *Injector) Middleware() gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := i.inject(c.Request.Context()); err != nil {
			problem.Write(c, err)
			return
		}
		c.Next()
	}
}

func (i *Injector) inject(ctx context.Context) error {
	if err := i.blackhole(ctx); err != nil {
		return err
	}
	p, _ := i.Profile()
	if err := sleep(ctx, p.LatencyMin+time.Duration(rand.Float64()*float64(p.LatencyMax-p.LatencyMin))); err != nil { //nolint:gosec // no secret
		return err
	}
	if rand.Float64() < p.FailureRate { //nolint:gosec // no secret
		i.metrics.injected.WithLabelValues(kindFailure).Inc()
		return problem.FaultInjected(i.service)
	}
	return nil
}

// blackhole keeps the request for as long as the profile says so and the client stays.
func (i *Injector) blackhole(ctx context.Context) error {
	for counted := false; ; counted = true {
		p, left, changed := i.state()
		if !p.Blackhole {
			return nil
		}
		if !counted {
			i.metrics.injected.WithLabelValues(kindBlackhole).Inc()
		}
		if err := await(ctx, changed, left); err != nil {
			return err
		}
	}
}

// await returns when changed is closed or most has passed, 0 being for ever. The error is that of ctx.
func await(ctx context.Context, changed <-chan struct{}, most time.Duration) error {
	var over <-chan time.Time
	if most > 0 {
		timer := time.NewTimer(most)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-changed:
		return nil
	case <-over:
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
