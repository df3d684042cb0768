package upstream_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"deals.example/internal/upstream"
)

// TestMetrics: names and labels are what dashboards and SLOs are built on.
func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	first := true
	client := newClient(t, defaults(t), upstream.Deps{Registry: reg, Transport: wire(func(r *http.Request) (*http.Response, error) {
		if first {
			first = false
			return unavailable(r)
		}
		return garbled(r)
	})}, anyURL)
	require.Error(t, get(t.Context(), client))

	want := `
# HELP experience_upstream_breaker_state State of the circuit breaker: 0 closed or switched off, 1 half-open, 2 open.
# TYPE experience_upstream_breaker_state gauge
experience_upstream_breaker_state{service="price-service"} 0
# HELP experience_upstream_failures_total Calls that failed after all policies. A call that its caller canceled is no failure.
# TYPE experience_upstream_failures_total counter
experience_upstream_failures_total{reason="bad_response",service="price-service"} 1
experience_upstream_failures_total{reason="circuit_open",service="price-service"} 0
experience_upstream_failures_total{reason="connection",service="price-service"} 0
experience_upstream_failures_total{reason="overloaded",service="price-service"} 0
experience_upstream_failures_total{reason="timeout",service="price-service"} 0
experience_upstream_failures_total{reason="unavailable",service="price-service"} 0
# HELP experience_upstream_in_flight Attempts in flight.
# TYPE experience_upstream_in_flight gauge
experience_upstream_in_flight{service="price-service"} 0
# HELP experience_upstream_limit Attempts that may be in flight at the upstream; +Inf without a limit.
# TYPE experience_upstream_limit gauge
experience_upstream_limit{service="price-service"} 20
# HELP experience_upstream_requests_total Attempts at an upstream, retries included; status is the HTTP code, timeout, connection or canceled.
# TYPE experience_upstream_requests_total counter
experience_upstream_requests_total{service="price-service",status="200"} 1
experience_upstream_requests_total{service="price-service",status="404"} 0
experience_upstream_requests_total{service="price-service",status="503"} 1
experience_upstream_requests_total{service="price-service",status="canceled"} 0
experience_upstream_requests_total{service="price-service",status="connection"} 0
experience_upstream_requests_total{service="price-service",status="timeout"} 0
# HELP experience_upstream_retries_total Attempts that were retries.
# TYPE experience_upstream_retries_total counter
experience_upstream_retries_total{service="price-service"} 1
# HELP experience_upstream_retry_budget_exhausted_total Failed attempts that were not retried because the retry budget was spent.
# TYPE experience_upstream_retry_budget_exhausted_total counter
experience_upstream_retry_budget_exhausted_total{service="price-service"} 0
`
	require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(want),
		"experience_upstream_breaker_state", "experience_upstream_failures_total", "experience_upstream_in_flight",
		"experience_upstream_limit", "experience_upstream_requests_total", "experience_upstream_retries_total",
		"experience_upstream_retry_budget_exhausted_total"))
	problems, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestDurationIsClassicAndNative(t *testing.T) {
	reg := prometheus.NewRegistry()
	client := newClient(t, defaults(t), upstream.Deps{Registry: reg, Transport: wire(healthy)}, anyURL)
	require.NoError(t, get(t.Context(), client))
	h := series(t, reg, "experience_upstream_request_duration_seconds", map[string]string{"service": "price-service", "status": "200"}).GetHistogram()
	require.Equal(t, uint64(1), h.GetSampleCount())
	require.NotEmpty(t, h.GetBucket(), "classic")
	require.NotEmpty(t, h.GetPositiveSpan(), "native")
}
