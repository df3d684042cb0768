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
)

// MaxLatency is the longest synthetic latency.
const MaxLatency = 30 * time.Second

// Config is the settings of a service's faults at its start.
type Config struct {
	LatencyMin  time.Duration `env:"FAULT_LATENCY_MIN" envDefault:"0s" validate:"min=0s,max=30s" help:"least synthetic latency of a domain service, uniform up to FAULT_LATENCY_MAX"`
	LatencyMax  time.Duration `env:"FAULT_LATENCY_MAX" envDefault:"0s" validate:"min=0s,max=30s" help:"greatest synthetic latency of a domain service"`
	FailureRate float64       `env:"FAULT_RATE" envDefault:"0" validate:"min=0,max=1" help:"share of requests to a domain service that are answered with a synthetic 503"`
	Blackhole   bool          `env:"FAULT_BLACKHOLE" envDefault:"false" help:"true: a domain service accepts requests and never answers"`
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
	i.mu.Lock()
	defer i.mu.Unlock()
	i.expire()
	if i.until.IsZero() {
		return i.current, 0
	}
	return i.current, time.Until(i.until)
}

// Set puts a profile in force for that long, 0 for good. After that the configured one is back.
func (i *Injector) Set(ctx context.Context, p Profile, lasts time.Duration) error {
	if err := p.check(); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current, i.until = p, time.Time{}
	if lasts > 0 {
		i.until = time.Now().Add(lasts)
	}
	i.wake()
	i.metrics.changes.Inc()
	i.logger.InfoContext(ctx, "fault settings changed",
		"latency_min", p.LatencyMin.String(), "latency_max", p.LatencyMax.String(),
		"failure_rate", p.FailureRate, "blackhole", p.Blackhole, "lasts", lasts.String())
	return nil
}

// expire must be called with mu held.
func (i *Injector) expire() {
	if i.until.IsZero() || time.Now().Before(i.until) {
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
	counted := false
	for {
		p, left := i.Profile()
		if !p.Blackhole {
			return nil
		}
		if !counted {
			i.metrics.injected.WithLabelValues(kindBlackhole).Inc()
			counted = true
		}
		if err := i.awaitChange(ctx, left); err != nil {
			return err
		}
	}
}

func (i *Injector) awaitChange(ctx context.Context, most time.Duration) error {
	if most > 0 {
		bounded, cancel := context.WithTimeout(ctx, most)
		defer cancel()
		ctx = bounded
	}
	i.mu.Lock()
	changed := i.changed
	i.mu.Unlock()
	select {
	case <-changed:
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
	}
	return nil
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
