package observability

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	otelpyroscope "github.com/grafana/otel-profiling-go"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
)

// Propagator propagates trace context and baggage in the W3C formats.
func Propagator() propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
}

// BeginHere makes the next span the root of the caller's trace. It keeps the trace id and the sampling decision, and links to the caller's
// span. Clients rarely send their spans to the same backend, and a trace without a root span has no name there.
func BeginHere(ctx context.Context) (context.Context, []trace.SpanStartOption) {
	caller := trace.SpanContextFromContext(ctx)
	if !caller.IsValid() {
		return ctx, nil
	}
	begun := trace.ContextWithRemoteSpanContext(ctx, caller.WithSpanID(trace.SpanID{}))
	return begun, []trace.SpanStartOption{trace.WithLinks(trace.Link{SpanContext: caller})}
}

// startTraces creates the tracer provider. Without an endpoint no span is recorded, but ids are still propagated and logged.
func (t *Telemetry) startTraces(ctx context.Context, cfg Config, about *resource.Resource) error {
	otel.SetErrorHandler(newQuietErrors(t.Logger, time.Minute))
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.NeverSample())}
	stopExporter := func(context.Context) error { return nil }
	if endpoint := cfg.traces(); endpoint != "" {
		exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint))
		if err != nil {
			return fmt.Errorf("create the trace exporter: %w", err)
		}
		options = append(options, sdktrace.WithSampler(cfg.sampler()), sdktrace.WithBatcher(exporter))
		stopExporter = exporter.Shutdown
	}
	provider := sdktrace.NewTracerProvider(options...)
	t.stops = append(t.stops, func(ctx context.Context) error {
		err := provider.Shutdown(ctx)
		// When ctx ends first, the provider leaves its exporter retrying for up to a minute. A second Shutdown of the exporter is harmless.
		return errors.Join(err, stopExporter(ctx))
	})
	t.Tracers = provider
	if cfg.PyroscopeURL != "" {
		t.Tracers = otelpyroscope.NewTracerProvider(provider) // marks profiles with the span they belong to
	}
	return nil
}

// quietErrors logs the errors of the telemetry itself, at most one per period, so that an absent receiver does not flood the log.
type quietErrors struct {
	logger    *slog.Logger
	sometimes rate.Sometimes
}

func newQuietErrors(logger *slog.Logger, period time.Duration) *quietErrors {
	return &quietErrors{logger: logger, sometimes: rate.Sometimes{Interval: period}}
}

// Handle logs an error of OpenTelemetry's SDK.
func (q *quietErrors) Handle(err error) {
	q.sometimes.Do(func() {
		q.logger.Warn("telemetry is not delivered; further errors are suppressed", "error", err, "suppressed_for", q.sometimes.Interval.String())
	})
}
