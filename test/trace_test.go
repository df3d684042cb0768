package test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/purchase"
	"deals.example/internal/testkit"
)

// TestOneTraceFromRequestToLastRetry follows a purchase through its spans: the request, the upstream calls, the enqueue, and each attempt
// of the worker, the first of which fail.
func TestOneTraceFromRequestToLastRetry(t *testing.T) {
	t.Parallel()
	receiver := testkit.OTLP(t)
	platform := serving(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.TracesURL, "OTEL_TRACES_SAMPLER=always_on", "OTEL_BSP_SCHEDULE_DELAY=100",
		"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT="+receiver.LogsURL, "OTEL_BLRP_SCHEDULE_DELAY=100")
	platform.Start(t, []string{"critical-worker"}, "FAULT_FRAUD_RATE=1", "FAULT_ANALYTICS_RATE=0", "FAULT_RECEIPT_RATE=0")

	got := send(t, http.MethodPost, platform.URL(t, "experience-api")+"/api/purchase", map[string]any{"dealId": "d-00001"})
	require.Equal(t, http.StatusAccepted, got.status, "%s", got.body)
	var body struct {
		PurchaseID string
		Meta       struct{ RequestID string }
	}
	got.into(t, &body)
	const attempts = 4
	var spans []testkit.Span
	require.Eventually(t, func() bool {
		spans = traceOf(receiver.Spans(), "experience-api", "POST /api/purchase")
		return count(spans, "critical-worker", "SPAN_KIND_CONSUMER") == attempts
	}, 30*time.Second, 50*time.Millisecond)

	for _, service := range []string{"experience-api", "deal-service", "inventory-service", "critical-worker"} {
		assert.Positive(t, count(spans, service, ""), "spans of %s", service)
	}
	assert.Positive(t, count(spans, "experience-api", "SPAN_KIND_PRODUCER"), "enqueueing")
	assert.Equal(t, 1, roots(spans), "roots of the trace")

	require.Eventually(t, func() bool {
		return slices.ContainsFunc(receiver.Logs(), func(l testkit.LogRecord) bool {
			return l.Service == "critical-worker" && l.TraceID == spans[0].TraceID && l.Attributes["correlation_id"] == body.Meta.RequestID
		})
	}, 10*time.Second, 50*time.Millisecond, "a log line of the worker with the request's trace and correlation id")

	store, err := purchase.NewStore(platform.Redis.Client(t))
	require.NoError(t, err)
	status, err := store.Status(t.Context(), body.PurchaseID)
	require.NoError(t, err)
	assert.Equal(t, purchase.Failed, status.Progress)
	assert.Equal(t, attempts, status.Steps[0].Attempts)
}

// traceOf returns the spans of the trace that has a span of that service and name.
func traceOf(spans []testkit.Span, service, name string) []testkit.Span {
	for _, span := range spans {
		if span.Service == service && span.Name == name {
			return slices.DeleteFunc(slices.Clone(spans), func(s testkit.Span) bool { return s.TraceID != span.TraceID })
		}
	}
	return nil
}

// count returns the number of spans of a service and, unless kind is empty, of that kind.
func count(spans []testkit.Span, service, kind string) int {
	n := 0
	for _, span := range spans {
		if span.Service == service && (kind == "" || span.Kind == kind) {
			n++
		}
	}
	return n
}

func roots(spans []testkit.Span) int {
	n := 0
	for _, span := range spans {
		if span.ParentID == "" {
			n++
		}
	}
	return n
}
