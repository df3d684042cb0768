package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/httpguard"
	"deals.example/lab/control"
	"deals.example/observability"
)

// Runtime holds what every component has. The build function registers the component's parts on it; it must not be called concurrently or
// later. The fields are safe for concurrent use.
type Runtime struct {
	Name, Instance string
	Logger         *slog.Logger
	Registry       *prometheus.Registry
	Tracers        trace.TracerProvider
	Router         *gin.Engine // with the standard middleware on it
	Guard          *httpguard.Guard
	AdminToken     string       // for calls of other components
	Controls       *control.Set // answers at control.Path

	health    *health
	scrapes   *observability.Scrapes
	gate      *gate
	redisFull *fullHook // shared by the Redis clients
	redisUp   bool      // the metric is registered
	loops     []step
	drains    []step
	closers   []step
}

// step is a named function of the lifecycle.
type step struct {
	name string
	run  func(context.Context) error
}

func newRuntime(info Info, cfg Config, telemetry *observability.Telemetry) *Runtime {
	rt := &Runtime{
		Name: info.Name, Instance: cfg.InstanceID,
		Logger: telemetry.Logger, Registry: telemetry.Registry, Tracers: telemetry.Tracers,
		Guard: httpguard.New(cfg.Access, info.Public), AdminToken: cfg.Access.Token,
		Controls: control.NewSet(info.Name, telemetry.Logger, telemetry.Registry),
		health:   newHealth(), scrapes: observability.NewScrapes(telemetry.Registry), gate: newGate(),
	}
	rt.OnClose("system paths", func(context.Context) error { rt.scrapes.Wait(); rt.health.wait(); return nil })
	rt.Router = newRouter(rt, info, cfg)
	rt.Controls.Register(rt.Router)
	rt.OnClose("controls", func(context.Context) error { rt.Controls.Close(); return nil })
	return rt
}

// Check adds a dependency to /readyz. If probe fails, the component is not ready if the dependency is critical, otherwise degraded. The
// context of probe ends after a second.
func (rt *Runtime) Check(name string, critical bool, probe func(ctx context.Context) error) {
	rt.health.shallow.checks = append(rt.health.shallow.checks, check{name: name, critical: critical, probe: probe})
}

// CheckDeep adds a dependency to /readyz/deep, which the component is not ready without. /readyz does not have it.
func (rt *Runtime) CheckDeep(name string, probe func(ctx context.Context) error) {
	rt.health.deep.checks = append(rt.health.deep.checks, check{name: name, critical: true, probe: probe})
}

// Go adds a background loop. It must return when its context ends, which is after the drain. An error before that stops the component.
func (rt *Runtime) Go(name string, run func(ctx context.Context) error) {
	rt.loops = append(rt.loops, step{name, run})
}

// OnDrain adds a drain step for work that does not come from HTTP. f must stop the intake and wait for work in flight until its context
// ends.
func (rt *Runtime) OnDrain(name string, f func(ctx context.Context) error) {
	rt.drains = append(rt.drains, step{name, f})
}

// OnClose adds a function that closes a client. They run after the drain in reverse order of registration.
func (rt *Runtime) OnClose(name string, f func(ctx context.Context) error) {
	rt.closers = append(rt.closers, step{name, f})
}

// startLoops starts the background loops. failed receives their errors; wait returns when all have ended.
func (rt *Runtime) startLoops(ctx context.Context) (failed <-chan error, wait func()) {
	errs := make(chan error, len(rt.loops))
	var running sync.WaitGroup
	for _, loop := range rt.loops {
		running.Go(func() {
			if err := loop.run(ctx); err != nil && ctx.Err() == nil {
				errs <- fmt.Errorf("%s: %w", loop.name, err)
			}
		})
	}
	return errs, running.Wait
}

// drain runs all drain steps concurrently.
func (rt *Runtime) drain(ctx context.Context) error {
	errs := make([]error, len(rt.drains))
	var running sync.WaitGroup
	for i, d := range rt.drains {
		running.Go(func() {
			if err := d.run(ctx); err != nil {
				errs[i] = fmt.Errorf("drain %s: %w", d.name, err)
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

func (rt *Runtime) close(ctx context.Context) error {
	var errs []error
	for _, c := range slices.Backward(rt.closers) {
		if err := c.run(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}
