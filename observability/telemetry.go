// Package observability makes a process visible: logs, metrics, traces and profiles, each bounded in what it costs.
// A backend that is absent, slow or broken costs the records sent to it and nothing else.
package observability

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"

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

// Start sets up telemetry for the process. Nothing is connected yet when it returns: exporters connect by themselves, and
// try again for as long as the process lives.
func Start(ctx context.Context, cfg Config, id Identity) (*Telemetry, error) {
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
		func() error { return t.startLogs(ctx, cfg, id, about, os.Stdout) },
		func() error { return t.startTraces(ctx, cfg, about) },
		func() error { return t.startProfiles(cfg, id) },
	} {
		if err := start(); err != nil {
			return nil, errors.Join(err, t.Shutdown(ctx))
		}
	}
	return t, nil
}

// Shutdown sends what is still held, for as long as ctx lets it, and ends all goroutines.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var errs []error
	for _, stop := range slices.Backward(t.stops) {
		errs = append(errs, stop(ctx))
	}
	t.stops = nil
	return errors.Join(errs...)
}
