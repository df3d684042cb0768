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

// Propagator carries trace context and baggage between processes, as W3C says.
func Propagator() propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
}

// BeginHere lets the next span be the root of the caller's trace: the same trace id, recorded when the caller's is, and a link to the
// caller's own span. Spans of clients are seldom where ours are, and a trace without its root has no name there.
func BeginHere(ctx context.Context) (context.Context, []trace.SpanStartOption) {
	caller := trace.SpanContextFromContext(ctx)
	if !caller.IsValid() {
		return ctx, nil
	}
	begun := trace.ContextWithRemoteSpanContext(ctx, caller.WithSpanID(trace.SpanID{}))
	return begun, []trace.SpanStartOption{trace.WithLinks(trace.Link{SpanContext: caller})}
}

// startTraces makes the tracer provider. With no receiver configured no span is recorded, but ids still go from hop to hop and into the logs.
func (t *Telemetry) startTraces(ctx context.Context, cfg Config, about *resource.Resource) error {
	otel.SetErrorHandler(newQuietErrors(t.Logger, time.Minute))
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.NeverSample())}
	giveUp := func(context.Context) error { return nil }
	if endpoint := cfg.traces(); endpoint != "" {
		exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint))
		if err != nil {
			return fmt.Errorf("set up the export of traces: %w", err)
		}
		options = append(options, sdktrace.WithSampler(cfg.sampler()), sdktrace.WithBatcher(exporter))
		giveUp = exporter.Shutdown
	}
	provider := sdktrace.NewTracerProvider(options...)
	t.stops = append(t.stops, func(ctx context.Context) error {
		err := provider.Shutdown(ctx)
		// When the time is up the provider leaves its exporter trying, for up to a minute. Stopping that again does nothing when it is stopped.
		return errors.Join(err, giveUp(ctx))
	})
	t.Tracers = provider
	if cfg.PyroscopeURL != "" {
		t.Tracers = otelpyroscope.NewTracerProvider(provider) // marks profiles with the span they belong to
	}
	return nil
}

// quietErrors logs the telemetry's own errors, at most one a period: a receiver that is gone must not flood the log.
type quietErrors struct {
	logger    *slog.Logger
	sometimes rate.Sometimes
}

func newQuietErrors(logger *slog.Logger, period time.Duration) *quietErrors {
	return &quietErrors{logger: logger, sometimes: rate.Sometimes{Interval: period}}
}

// Handle is called by OpenTelemetry's SDK with what went wrong inside it.
func (q *quietErrors) Handle(err error) {
	q.sometimes.Do(func() {
		q.logger.Warn("telemetry is not delivered; more of these are held back for a while", "error", err, "held_back_for", q.sometimes.Interval.String())
	})
}
