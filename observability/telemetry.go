// Package observability sets up logs, metrics, traces and profiles of a process. Their memory and CPU use is bounded. If a backend is
// absent, slow or broken, only the records sent to it are lost.
package observability

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Identity identifies the process in its telemetry.
type Identity struct {
	Service  string // such as experience-api
	Instance string // unique among the replicas of a service
	Version  string
}

func (id Identity) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.ServiceName(id.Service),
		semconv.ServiceInstanceID(id.Instance),
		semconv.ServiceVersion(id.Version),
		semconv.ServiceNamespace("deals"),
	}
}

// Telemetry holds the logger, the metrics registry and the tracer provider of a process. It may be used concurrently.
type Telemetry struct {
	Logger   *slog.Logger
	Registry *prometheus.Registry
	Tracers  trace.TracerProvider

	stops []func(context.Context) error
}

// Start sets up telemetry for the process. Log lines are written to logs. Exporters connect in the background and keep retrying until
// Shutdown.
func Start(ctx context.Context, cfg Config, id Identity, logs io.Writer) (*Telemetry, error) {
	about, err := resource.Merge(resource.Default(), resource.NewSchemaless(id.attributes()...))
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

// Shutdown sends buffered records until ctx ends and stops all goroutines. A goroutine that waits for a hanging backend ends by its own
// timeout. All backends are flushed concurrently, so a hanging one does not delay the others.
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
