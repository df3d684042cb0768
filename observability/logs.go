package observability

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/correlation"
)

func (t *Telemetry) startLogs(ctx context.Context, cfg Config, id Identity, about *resource.Resource, out io.Writer) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return fmt.Errorf("log level: %w", err)
	}
	local := slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level}).
		WithAttrs([]slog.Attr{slog.String("service", id.Service), slog.String("instance", id.Instance)})
	endpoint := cfg.logs()
	if endpoint == "" {
		t.Logger = slog.New(contextHandler{local, everyTrace})
		return nil
	}
	exporter, err := otlploghttp.New(ctx, otlploghttp.WithEndpointURL(endpoint))
	if err != nil {
		return fmt.Errorf("create the log exporter: %w", err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(about), sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
	t.stops = append(t.stops, provider.Shutdown)
	remote := otelslog.NewHandler(id.Service, otelslog.WithLoggerProvider(provider))
	t.Logger = slog.New(slog.NewMultiHandler(contextHandler{local, everyTrace}, leveled{contextHandler{remote, exported}, level}))
	return nil
}

// contextHandler adds the ids in the context to each record.
type contextHandler struct {
	slog.Handler

	finish func(context.Context, *slog.Record) context.Context
}

// everyTrace adds the trace and span ids as attributes.
func everyTrace(ctx context.Context, record *slog.Record) context.Context {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return ctx
}

// exported makes a record valid for the exporter. It removes an unsampled trace from the context, from which the OpenTelemetry bridge reads
// it, so that every link from a log line leads to a stored trace.
func exported(ctx context.Context, record *slog.Record) context.Context {
	*record = validText(*record)
	if span := trace.SpanContextFromContext(ctx); span.IsValid() && !span.IsSampled() {
		return trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	}
	return ctx
}

// Handle adds correlation_id, trace_id and span_id if the context has them.
func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	if id := correlation.FromContext(ctx); id != "" {
		record.AddAttrs(slog.String(correlation.Field, id))
	}
	ctx = h.finish(ctx, &record)
	return h.Handler.Handle(ctx, record)
}

// WithAttrs keeps the wrapping.
func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs), h.finish}
}

// WithGroup keeps the wrapping.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name), h.finish}
}

// leveled drops records below its level.
type leveled struct {
	slog.Handler

	level slog.Level
}

// Enabled reports whether the level is logged.
func (h leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

// WithAttrs keeps the wrapping.
func (h leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leveled{h.Handler.WithAttrs(attrs), h.level}
}

// WithGroup keeps the wrapping.
func (h leveled) WithGroup(name string) slog.Handler {
	return leveled{h.Handler.WithGroup(name), h.level}
}
