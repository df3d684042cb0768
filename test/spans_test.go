package test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"deals.example/internal/correlation"
	"deals.example/internal/testkit"
	"deals.example/observability"
)

// convention is the attributes of one sort of spans.
type convention struct{ required, allowed []attribute.Key }

// conventions returns the attributes that OpenTelemetry's semantic conventions 1.43.0 define for our spans
// (github.com/open-telemetry/semantic-conventions, tag v1.43.0: docs/http/http-spans.md, docs/db/redis.md, docs/messaging/messaging-spans.md).
// The constants are those of its registry, generated to semconv/v1.43.0, which has none for a deprecated attribute.
func conventions() map[string]convention {
	return map[string]convention{
		"HTTP server": {
			required: []attribute.Key{
				semconv.HTTPRequestMethodKey, semconv.HTTPResponseStatusCodeKey, semconv.HTTPRouteKey, semconv.URLPathKey, semconv.URLSchemeKey,
				semconv.ServerAddressKey, semconv.ServerPortKey, semconv.NetworkProtocolVersionKey, semconv.UserAgentOriginalKey, correlation.Field,
			},
			allowed: []attribute.Key{semconv.ErrorTypeKey, semconv.URLQueryKey, semconv.HTTPResponseBodySizeKey},
		},
		"HTTP client": {
			required: []attribute.Key{
				semconv.HTTPRequestMethodKey, semconv.ServerAddressKey, semconv.ServerPortKey, semconv.URLFullKey, semconv.ServicePeerNameKey,
			},
			allowed: []attribute.Key{semconv.ErrorTypeKey, semconv.HTTPResponseStatusCodeKey, semconv.HTTPRequestResendCountKey},
		},
		"Redis": {
			required: []attribute.Key{
				semconv.DBSystemNameKey, semconv.DBNamespaceKey, semconv.DBOperationNameKey, semconv.ServerAddressKey, semconv.ServerPortKey,
			},
			allowed: []attribute.Key{semconv.ErrorTypeKey, semconv.DBResponseStatusCodeKey, semconv.DBOperationBatchSizeKey},
		},
		"messaging": {
			required: []attribute.Key{
				semconv.MessagingSystemKey, semconv.MessagingOperationNameKey, semconv.MessagingOperationTypeKey, semconv.MessagingDestinationNameKey,
			},
			allowed: []attribute.Key{
				semconv.ErrorTypeKey, semconv.MessagingMessageIDKey, semconv.MessagingBatchMessageCountKey,
				correlation.Field, observability.AttrJobAttempt, observability.AttrJobsEnqueued,
			},
		},
		"internal": {allowed: []attribute.Key{
			semconv.ErrorTypeKey, observability.AttrHashRounds, observability.AttrHashIterations,
			semconv.DBSystemNameKey, semconv.DBNamespaceKey, semconv.ServerAddressKey, semconv.ServerPortKey, // of dials
		}},
	}
}

// sortOf returns the key of a span's convention.
func sortOf(span testkit.Span) string {
	_, database := span.Attributes[string(semconv.DBSystemNameKey)]
	switch {
	case span.Kind == "SPAN_KIND_SERVER":
		return "HTTP server"
	case span.Kind == "SPAN_KIND_CLIENT" && database:
		return "Redis"
	case span.Kind == "SPAN_KIND_CLIENT":
		return "HTTP client"
	case span.Kind == "SPAN_KIND_INTERNAL":
		return "internal"
	default:
		return "messaging"
	}
}

func (c convention) check(t *testing.T, span testkit.Span) {
	t.Helper()
	for _, key := range c.required {
		assert.Contains(t, span.Attributes, string(key), "%s of %s", span.Name, span.Service)
	}
	for key := range span.Attributes {
		defined := slices.Contains(c.required, attribute.Key(key)) || slices.Contains(c.allowed, attribute.Key(key))
		assert.True(t, defined, "%s of %s: no convention defines %s for it", span.Name, span.Service, key)
	}
	count, batch := span.Attributes[string(semconv.MessagingBatchMessageCountKey)]
	assert.False(t, batch && count == "1", "%s: a single message has no count", span.Name)
}

// TestSpansFollowTheConventions checks all spans of a list, a purchase and two hashes. Nothing fails, so no span has an error.
func TestSpansFollowTheConventions(t *testing.T) {
	t.Parallel()
	receiver := testkit.OTLP(t)
	platform := serving(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.TracesURL, "OTEL_TRACES_SAMPLER=always_on", "OTEL_BSP_SCHEDULE_DELAY=100",
		"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT="+receiver.LogsURL, "OTEL_BLRP_SCHEDULE_DELAY=100")
	platform.Start(t, []string{"critical-worker"}, "FAULT_FRAUD_RATE=0", "FAULT_ANALYTICS_RATE=0", "FAULT_RECEIPT_RATE=0")
	platform.Start(t, []string{"enrichment-worker"}, "FAULT_ENRICHMENT_RATE=0")
	api := platform.URL(t, "experience-api")
	hash := map[string]any{"rounds": 1, "iterations": 20_000}
	for name, request := range map[string]struct {
		method, path string
		body         any
		spans        []string // some that the trace must have
	}{
		"list": {http.MethodGet, "/api/deals?city=valencia&limit=5", nil, []string{
			"GET /api/deals", "GET deal-service", "GET /deals", "PIPELINE", "enqueue enrichment-jobs", "process enrichment-jobs",
		}},
		"purchase": {http.MethodPost, "/api/purchase", map[string]any{"dealId": "d-00001"}, []string{
			"POST /api/purchase", "GET inventory-service", "enqueue critical-jobs", "process critical-jobs", "email-receipt",
		}},
		"good hash": {http.MethodPost, "/api/heavy-hash/good", hash, []string{"POST /api/heavy-hash/good", observability.WaitHashPool, "compute hash"}},
		"bad hash":  {http.MethodPost, "/api/heavy-hash/bad", hash, []string{"POST /api/heavy-hash/bad", "compute hash"}},
	} {
		got := send(t, request.method, api+request.path, request.body)
		require.Less(t, got.status, http.StatusBadRequest, "%s", got.body)
		var spans []testkit.Span
		require.Eventually(t, func() bool {
			spans = traceOf(receiver.Spans(), "experience-api", request.spans[0])
			return !slices.ContainsFunc(request.spans, func(name string) bool { return !hasSpan(spans, name) })
		}, 30*time.Second, 50*time.Millisecond, "%s: spans %v", name, request.spans)
		for _, span := range spans {
			conventions()[sortOf(span)].check(t, span)
			assert.NotEqual(t, "STATUS_CODE_ERROR", span.Status, "%s of %s: %v", span.Name, span.Service, span.Attributes)
		}
	}
	checkPurchaseLog(t, receiver)
}

func hasSpan(spans []testkit.Span, name string) bool {
	return slices.ContainsFunc(spans, func(s testkit.Span) bool { return s.Name == name || strings.HasPrefix(s.Name, name+" ") })
}

// checkPurchaseLog checks that the log has the accept, each step and the end of the purchase, with its trace.
func checkPurchaseLog(t *testing.T, receiver *testkit.OTLPReceiver) {
	t.Helper()
	trace := traceOf(receiver.Spans(), "experience-api", "POST /api/purchase")[0].TraceID
	want := []string{
		"purchase accepted", "purchase completed",
		"purchase step completed analytics-event", "purchase step completed email-receipt", "purchase step completed fraud-check",
	}
	lines := func() (lines []string) {
		for _, record := range receiver.Logs() {
			if record.TraceID == trace && record.Severity == "INFO" && strings.HasPrefix(record.Body, "purchase") {
				lines = append(lines, strings.TrimSpace(record.Body+" "+record.Attributes["step"]))
			}
		}
		slices.Sort(lines)
		return lines
	}
	require.Eventually(t, func() bool { return len(lines()) >= len(want) }, 10*time.Second, 50*time.Millisecond)
	assert.Equal(t, want, lines())
}
