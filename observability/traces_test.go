package observability_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"deals.example/internal/testkit"
	"deals.example/observability"
)

// tracesTo returns settings that send every span to endpoint.
func tracesTo(endpoint string) map[string]string {
	return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_TRACES_SAMPLER": "always_on"}
}

func TestSpansAreDelivered(t *testing.T) {
	receiver := testkit.OTLP(t)
	telemetry := start(t, tracesTo(receiver.TracesURL), io.Discard)
	tracer := telemetry.Tracers.Tracer("test")
	ctx, parent := tracer.Start(t.Context(), "parent", trace.WithSpanKind(trace.SpanKindServer))
	_, child := tracer.Start(ctx, "child")
	child.End()
	parent.End()
	shutdown(t, telemetry)

	spans := receiver.Spans()
	require.Len(t, spans, 2)
	assert.Equal(t, "child", spans[0].Name)
	assert.Equal(t, "parent", spans[1].Name)
	assert.Equal(t, "SPAN_KIND_SERVER", spans[1].Kind)
	assert.Equal(t, "price-service", spans[1].Service)
	assert.Equal(t, spans[1].SpanID, spans[0].ParentID)
	assert.Equal(t, parent.SpanContext().TraceID().String(), spans[0].TraceID)
}

func TestTracesEndpointWins(t *testing.T) {
	general, traces := testkit.OTLP(t), testkit.OTLP(t)
	environ := tracesTo(general.TracesURL)
	environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = traces.TracesURL
	telemetry := start(t, environ, io.Discard)
	_, span := telemetry.Tracers.Tracer("test").Start(t.Context(), "span")
	span.End()
	shutdown(t, telemetry)
	assert.Len(t, traces.Spans(), 1)
	assert.Empty(t, general.Spans())
}

func TestDisabledSendsNothing(t *testing.T) {
	receiver := testkit.OTLP(t)
	environ := tracesTo(receiver.TracesURL)
	environ["OTEL_SDK_DISABLED"], environ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = "true", receiver.LogsURL
	telemetry := start(t, environ, io.Discard)
	_, span := telemetry.Tracers.Tracer("test").Start(t.Context(), "span")
	telemetry.Logger.InfoContext(t.Context(), "line")
	span.End()
	shutdown(t, telemetry)
	assert.Empty(t, receiver.Spans())
	assert.Empty(t, receiver.Logs())
}

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// silent returns the URL of a server that accepts connections and never answers.
func silent(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return "http://" + listener.Addr().String()
}

func TestFailingTraceReceiverDoesNotBlock(t *testing.T) {
	tests := map[string]func(t *testing.T) string{
		"never answers": func(t *testing.T) string { t.Helper(); return testkit.OTLP(t, hang).TracesURL },
		"refuses": func(t *testing.T) string {
			t.Helper()
			return testkit.OTLP(t, func(context.Context) error { return status.Error(codes.Unavailable, "not now") }).TracesURL
		},
		"absent":           func(t *testing.T) string { t.Helper(); return testkit.DeadURL(t) },
		"connects, silent": silent,
	}
	for name, receiver := range tests {
		t.Run(name, func(t *testing.T) {
			telemetry := start(t, tracesTo(receiver(t)), io.Discard)
			tracer := telemetry.Tracers.Tracer("test")
			begin := time.Now()
			for range 10_000 { // the queue holds 2048
				_, span := tracer.Start(t.Context(), "span")
				span.End()
			}
			assert.Less(t, time.Since(begin), 5*time.Second, "a span must not wait for the receiver's timeout of 10 s")
			requireBoundedShutdown(t, telemetry)
		})
	}
}

func TestBufferedSpansAreBounded(t *testing.T) {
	released := make(chan struct{})
	receiver := testkit.OTLP(t, func(ctx context.Context) error {
		select {
		case <-released:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	telemetry := start(t, tracesTo(receiver.TracesURL), io.Discard)
	tracer := telemetry.Tracers.Tracer("test")
	const ended, queue, batch = 10_000, 2048, 512
	for range ended {
		_, span := tracer.Start(t.Context(), "span")
		span.End()
	}
	close(released)
	shutdown(t, telemetry)
	assert.NotEmpty(t, receiver.Spans())
	assert.LessOrEqual(t, len(receiver.Spans()), queue+2*batch, "at most the queue, the batch being sent and the batch being built are kept")
}

func TestSamplers(t *testing.T) {
	const none, sampled, unsampled = "none", "sampled", "unsampled"
	tests := map[string]struct {
		sampler, arg string
		recorded     map[string]bool // by the caller's sampling decision
	}{
		"always on":               {"always_on", "", map[string]bool{none: true, sampled: true, unsampled: true}},
		"always off":              {"always_off", "", map[string]bool{none: false, sampled: false, unsampled: false}},
		"ratio 1":                 {"traceidratio", "1", map[string]bool{none: true, sampled: true, unsampled: true}},
		"ratio 0":                 {"traceidratio", "0", map[string]bool{none: false, sampled: false, unsampled: false}},
		"parent, else on":         {"parentbased_always_on", "", map[string]bool{none: true, sampled: true, unsampled: false}},
		"parent, else off":        {"parentbased_always_off", "", map[string]bool{none: false, sampled: true, unsampled: false}},
		"parent, else ratio 1":    {"parentbased_traceidratio", "1", map[string]bool{none: true, sampled: true, unsampled: false}},
		"parent, else ratio 0":    {"parentbased_traceidratio", "0", map[string]bool{none: false, sampled: true, unsampled: false}},
		"parent, else limited":    {"parentbased_ratelimiting", "1", map[string]bool{none: true, sampled: true, unsampled: false}},
		"parent, else limit 0":    {"parentbased_ratelimiting", "0", map[string]bool{none: false, sampled: true, unsampled: false}},
		"default is parent first": {"", "0", map[string]bool{none: false, sampled: true, unsampled: false}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			environ := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": testkit.OTLP(t).TracesURL}
			for name, value := range map[string]string{"OTEL_TRACES_SAMPLER": tc.sampler, "OTEL_TRACES_SAMPLER_ARG": tc.arg} {
				if value != "" {
					environ[name] = value
				}
			}
			tracer := start(t, environ, io.Discard).Tracers.Tracer("test")
			for caller, want := range tc.recorded {
				_, span := tracer.Start(callerContext(t.Context(), caller), "span")
				assert.Equal(t, want, span.SpanContext().IsSampled(), caller)
				span.End()
			}
		})
	}
}

func TestRateLimitedSampler(t *testing.T) {
	environ := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": testkit.OTLP(t).TracesURL, "OTEL_TRACES_SAMPLER_ARG": "0.001"}
	tracer := start(t, environ, io.Discard).Tracers.Tracer("test")
	var recorded []bool
	for range 4 {
		_, span := tracer.Start(t.Context(), "span")
		recorded = append(recorded, span.SpanContext().IsSampled())
		span.End()
	}
	assert.Equal(t, []bool{true, false, false, false}, recorded, "the next token comes after 1000 s")
}

// callerContext returns the context of a request whose caller's trace is "sampled", "unsampled" or "none".
func callerContext(ctx context.Context, caller string) context.Context {
	if caller == "none" {
		return ctx
	}
	parent := trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, Remote: true}
	if caller == "sampled" {
		parent.TraceFlags = trace.FlagsSampled
	}
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(parent))
}

func TestPropagatorCarriesTraceAndBaggage(t *testing.T) {
	assert.ElementsMatch(t, []string{"traceparent", "tracestate", "baggage"}, observability.Propagator().Fields())
}

func TestTelemetryErrorsAreRateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &output{}
		start(t, nil, logs)
		for second := range 150 {
			otel.Handle(fmt.Errorf("not sent: %w", errors.New("backend is gone")))
			if second == 0 {
				require.Len(t, logs.lines(t), 1, "the first error is logged at once")
			}
			<-time.After(time.Second)
		}
		lines := logs.lines(t)
		require.Len(t, lines, 3, "one line per started minute")
		assert.Equal(t, "WARN", lines[0]["level"])
		assert.Equal(t, "not sent: backend is gone", lines[0]["error"])
	})
}
