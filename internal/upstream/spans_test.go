package upstream_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/correlation"
	"deals.example/internal/limiter"
	"deals.example/internal/upstream"
	"deals.example/observability"
)

func TestOneSpanPerAttempt(t *testing.T) {
	var parents []trace.SpanContext
	var ids []string
	baseURL, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		parents = append(parents, trace.SpanContextFromContext(ctx))
		ids = append(ids, r.Header.Get(correlation.Header))
		if len(parents) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, priceJSON)
	})
	recorder := tracetest.NewSpanRecorder()
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	reg := prometheus.NewRegistry()
	client := newClient(t, defaults(t), upstream.Deps{Registry: reg, Tracers: tracers}, baseURL)

	ctx, parent := tracers.Tracer("test").Start(correlation.NewContext(t.Context(), "abc-123"), "request")
	require.NoError(t, client.Get(ctx, "/price/d-00001", nil, &price{}))
	parent.End()

	spans := recorder.Ended()
	require.Len(t, spans, 3, "two attempts and their parent")
	for i, span := range spans[:2] {
		assert.Equal(t, "GET price-service", span.Name())
		assert.Equal(t, trace.SpanKindClient, span.SpanKind())
		assert.Equal(t, parent.SpanContext().SpanID(), span.Parent().SpanID())
		assert.Equal(t, span.SpanContext().SpanID(), parents[i].SpanID(), "the upstream continues another span")
		assert.Contains(t, span.Attributes(), attribute.String("url.full", baseURL+"/price/d-00001"))
		assert.Contains(t, span.Attributes(), attribute.String("service.peer.name", "price-service"))
	}
	assert.Equal(t, codes.Error, spans[0].Status().Code)
	assert.Contains(t, spans[0].Attributes(), attribute.Int("http.response.status_code", 503))
	assert.Equal(t, codes.Unset, spans[1].Status().Code)
	assert.Contains(t, spans[1].Attributes(), attribute.Int("http.request.resend_count", 1))
	assert.Equal(t, []string{"abc-123", "abc-123"}, ids)

	exemplars := 0
	for _, bucket := range series(t, reg, "experience_upstream_request_duration_seconds", map[string]string{"status": "200"}).GetHistogram().GetBucket() {
		if bucket.GetExemplar() != nil {
			exemplars++
			assert.Equal(t, parent.SpanContext().TraceID().String(), bucket.GetExemplar().GetLabel()[0].GetValue())
		}
	}
	assert.Equal(t, 1, exemplars)
}

func TestSpanOfATimeoutNamesIt(t *testing.T) {
	baseURL, _ := serve(t, hang)
	recorder := tracetest.NewSpanRecorder()
	endpoint, err := upstream.NewEndpoint(
		upstream.EndpointConfig{Service: "rating-service", URL: baseURL, Timeout: 20 * time.Millisecond},
		upstream.Deps{Transport: ownTransport(t), Tracers: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))})
	require.NoError(t, err)

	_, err = endpoint.Get(t.Context(), "/rating/d-00001", nil)
	var failed *upstream.AttemptError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, upstream.ReasonTimeout, failed.Reason)
	require.Len(t, recorder.Ended(), 1)
	assert.Contains(t, recorder.Ended()[0].Attributes(), attribute.String("error.type", "timeout"))
}

func ownTransport(t *testing.T) *http.Transport {
	t.Helper()
	transport := upstream.NewTransport(4)
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// A composer cancels the calls of a deal's parts when the deal is not there. They have not failed.
func TestCanceledAttemptHasNotFailed(t *testing.T) {
	called := make(chan struct{}, 1)
	baseURL, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { called <- struct{}{}; hang(w, r) })
	recorder := tracetest.NewSpanRecorder()
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	client := newClient(t, defaults(t), upstream.Deps{Registry: prometheus.NewRegistry(), Tracers: tracers}, baseURL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-called; cancel() }()
	require.Error(t, get(ctx, client))

	require.Len(t, recorder.Ended(), 1)
	span := recorder.Ended()[0]
	assert.Equal(t, codes.Unset, span.Status().Code)
	assert.NotContains(t, span.Attributes(), attribute.String("error.type", "canceled"))
	require.Len(t, span.Events(), 1)
	assert.Equal(t, "canceled by the caller", span.Events()[0].Name)
}

func TestWaitForTheLimiterHasASpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorder := tracetest.NewSpanRecorder()
		tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
		client := newClient(t, defaults(t, func(c *upstream.Config) { c.Limit, c.StaticLimit = limiter.Static, 1 }), upstream.Deps{
			Registry: prometheus.NewRegistry(), Tracers: tracers,
			Transport: wire(func(r *http.Request) (*http.Response, error) {
				return after(r, 50*time.Millisecond, http.StatusOK, priceJSON)
			}),
		}, "http://127.0.0.1:1")
		ctx, request := tracers.Tracer("test").Start(t.Context(), "request")
		var calls sync.WaitGroup
		for range 2 {
			calls.Go(func() { assert.NoError(t, get(ctx, client)) })
		}
		calls.Wait()
		var waits []sdktrace.ReadOnlySpan
		for _, span := range recorder.Ended() {
			if span.Name() == observability.WaitLimiter {
				waits = append(waits, span)
			}
		}
		require.Len(t, waits, 1, "the first call does not wait")
		assert.Equal(t, request.SpanContext().SpanID(), waits[0].Parent().SpanID())
		assert.Equal(t, 50*time.Millisecond, waits[0].EndTime().Sub(waits[0].StartTime()))
	})
}
