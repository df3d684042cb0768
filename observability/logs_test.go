package observability_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/correlation"
	"deals.example/internal/testkit"
)

func TestLogLinesHaveIDs(t *testing.T) {
	logs := &output{}
	telemetry := start(t, nil, logs)
	ctx, span := telemetry.Tracers.Tracer("test").Start(correlation.NewContext(t.Context(), "abc"), "span")
	telemetry.Logger.InfoContext(ctx, "served", "deal", "d-00001")
	span.End()

	lines := logs.lines(t)
	require.Len(t, lines, 1)
	assert.Equal(t, "served", lines[0]["msg"])
	assert.Equal(t, "INFO", lines[0]["level"])
	assert.Equal(t, "d-00001", lines[0]["deal"])
	assert.Equal(t, "price-service", lines[0]["service"])
	assert.Equal(t, "price-1", lines[0]["instance"])
	assert.Equal(t, "abc", lines[0]["correlation_id"])
	assert.Equal(t, span.SpanContext().TraceID().String(), lines[0]["trace_id"])
	assert.Equal(t, span.SpanContext().SpanID().String(), lines[0]["span_id"])
}

func TestLogLinesWithoutRequestHaveNoIDs(t *testing.T) {
	logs := &output{}
	start(t, nil, logs).Logger.InfoContext(t.Context(), "ready")
	lines := logs.lines(t)
	require.Len(t, lines, 1)
	for _, id := range []string{"correlation_id", "trace_id", "span_id"} {
		assert.NotContains(t, lines[0], id)
	}
}

func TestExportedLogsReferToSampledTraces(t *testing.T) {
	for sampler, want := range map[string]bool{"always_on": true, "always_off": false} {
		t.Run(sampler, func(t *testing.T) {
			receiver, logs := testkit.OTLP(t), &output{}
			telemetry := start(t, map[string]string{
				"OTEL_TRACES_SAMPLER": sampler, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.TracesURL, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": receiver.LogsURL,
			}, logs)
			ctx, span := telemetry.Tracers.Tracer("test").Start(t.Context(), "span")
			telemetry.Logger.InfoContext(ctx, "served")
			span.End()
			shutdown(t, telemetry)

			delivered := receiver.Logs()
			require.Len(t, delivered, 1)
			assert.Equal(t, want, delivered[0].TraceID != "")
			assert.NotEmpty(t, logs.lines(t)[0]["trace_id"], "standard output has every trace id")
		})
	}
}

func TestLevels(t *testing.T) {
	tests := map[string][]string{
		"debug": {"DEBUG", "INFO", "WARN", "ERROR"},
		"info":  {"INFO", "WARN", "ERROR"},
		"warn":  {"WARN", "ERROR"},
		"error": {"ERROR"},
	}
	for level, want := range tests {
		t.Run(level, func(t *testing.T) {
			receiver, logs := testkit.OTLP(t), &output{}
			telemetry := start(t, map[string]string{"LOG_LEVEL": level, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": receiver.LogsURL}, logs)
			for _, at := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				telemetry.Logger.Log(t.Context(), at, "line")
			}
			shutdown(t, telemetry)

			var local, sent []string
			for _, line := range logs.lines(t) {
				text, _ := line["level"].(string)
				local = append(local, text)
			}
			for _, record := range receiver.Logs() {
				sent = append(sent, record.Severity)
			}
			assert.Equal(t, want, local)
			assert.Equal(t, want, sent)
		})
	}
}

func TestExportedLogsHaveIDs(t *testing.T) {
	receiver := testkit.OTLP(t)
	environ := tracesTo(receiver.TracesURL)
	environ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = receiver.LogsURL
	telemetry := start(t, environ, io.Discard)
	ctx, span := telemetry.Tracers.Tracer("test").Start(correlation.NewContext(t.Context(), "abc"), "span")
	telemetry.Logger.With("part", "queue").WarnContext(ctx, "not stored", "deal", "d-00001")
	span.End()
	shutdown(t, telemetry)

	require.Len(t, receiver.Logs(), 1)
	assert.Equal(t, testkit.LogRecord{
		Service: "price-service", Severity: "WARN", Body: "not stored", TraceID: span.SpanContext().TraceID().String(),
		Attributes: map[string]string{"part": "queue", "deal": "d-00001", "correlation_id": "abc"},
	}, receiver.Logs()[0])
}

func TestLogGroups(t *testing.T) {
	receiver, logs := testkit.OTLP(t), &output{}
	telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": receiver.LogsURL}, logs)
	telemetry.Logger.WithGroup("redis").InfoContext(t.Context(), "connected", "pool", 32)
	shutdown(t, telemetry)
	assert.Equal(t, map[string]any{"pool": 32.0}, logs.lines(t)[0]["redis"])
	require.Len(t, receiver.Logs(), 1)
	assert.Contains(t, receiver.Logs()[0].Attributes["redis"], "pool")
}

func TestFailingLogReceiverDoesNotBlock(t *testing.T) {
	tests := map[string]func(t *testing.T) string{
		"never answers":    func(t *testing.T) string { t.Helper(); return testkit.OTLP(t, hang).LogsURL },
		"connects, silent": silent,
	}
	for name, receiver := range tests {
		t.Run(name, func(t *testing.T) {
			logs := &output{}
			telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": receiver(t)}, logs)
			begin := time.Now()
			for range 2500 { // the queue holds 2048
				telemetry.Logger.InfoContext(t.Context(), "line")
			}
			assert.Less(t, time.Since(begin), 5*time.Second, "logging must not wait for the receiver's timeout of 10 s")
			assert.Equal(t, 2500, strings.Count(logs.String(), `"msg":"line"`), "standard output has every line")
			requireBoundedShutdown(t, telemetry)
		})
	}
}

func TestAbsentLogReceiverDoesNotDelayShutdown(t *testing.T) {
	telemetry := start(t, map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": testkit.DeadURL(t)}, io.Discard)
	telemetry.Logger.InfoContext(t.Context(), "line")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.Error(t, telemetry.Shutdown(ctx))
	assert.NoError(t, ctx.Err())
}
