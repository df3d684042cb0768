// Package observability makes a process visible: logs, metrics, traces and profiles, each bounded in what it costs.
// A backend that is absent, slow or broken costs the records sent to it and nothing else.
package observability

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// Identity says whose telemetry it is.
type Identity struct {
	Service  string // such as experience-api
	Instance string // unique among the replicas of a service
	Version  string
}

// Telemetry is what a process reports with. All of it may be used concurrently.
type Telemetry struct {
	Logger   *slog.Logger
	Registry *prometheus.Registry
	Tracers  trace.TracerProvider

	stops []func(context.Context) error
}

// Start sets up telemetry for the process; its log lines are written to logs. Nothing is connected yet when it returns: exporters
// connect by themselves, and try again for as long as the process lives.
func Start(ctx context.Context, cfg Config, id Identity, logs io.Writer) (*Telemetry, error) {
	about, err := resource.Merge(resource.Default(), resource.NewSchemaless(
		semconv.ServiceName(id.Service),
		semconv.ServiceInstanceID(id.Instance),
		semconv.ServiceVersion(id.Version),
		semconv.ServiceNamespace("deals"),
	))
	if err != nil {
		return nil, err
	}
	t := &Telemetry{Registry: newRegistry(id)}
	for _, start := range []func() error{
		func() error { return t.startLogs(ctx, cfg, id, about, logs) },
		func() error { return t.startTraces(ctx, cfg, about) },
		func() error { return t.startProfiles(cfg, id) },
	} {
		if err := start(); err != nil {
			return nil, errors.Join(err, t.Shutdown(ctx))
		}
	}
	return t, nil
}

// Shutdown sends what is still held, for as long as ctx lets it, and ends all goroutines; one that is stuck in a backend that does not
// answer ends by its own timeout. All backends are sent to at once, so that one that hangs takes no time from the others.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	errs := make([]error, len(t.stops))
	var stopping sync.WaitGroup
	for i, stop := range t.stops {
		stopping.Go(func() { errs[i] = stop(ctx) })
	}
	stopping.Wait()
	t.stops = nil
	return errors.Join(errs...)
}
