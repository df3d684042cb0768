package experience_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/correlation"
	"deals.example/internal/testkit"
)

func TestUpstreamsReceiveTheCorrelationID(t *testing.T) {
	a := newAPI(t, nil)
	header := http.Header{correlation.Header: {"journey-1"}}
	assert.Equal(t, "journey-1", a.Do(t, http.MethodGet, "/api/deals/d-00008", "", header).Header.Get(correlation.Header))
	a.upstreams.mu.Lock()
	defer a.upstreams.mu.Unlock()
	assert.Equal(t, []string{"journey-1", "journey-1", "journey-1", "journey-1", "journey-1"}, a.upstreams.ids)
}

func TestReadiness(t *testing.T) {
	tests := map[string]struct {
		environ map[string]string
		status  int
		want    string
	}{
		"all available":           {nil, http.StatusOK, `"status":"ready"`},
		"price unavailable":       {map[string]string{"PRICE_SERVICE_URL": ""}, http.StatusOK, `"status":"degraded"`},
		"inventory unavailable":   {map[string]string{"INVENTORY_SERVICE_URL": ""}, http.StatusOK, `"status":"degraded"`},
		"rating unavailable":      {map[string]string{"RATING_SERVICE_URL": ""}, http.StatusOK, `"status":"degraded"`},
		"merchant unavailable":    {map[string]string{"MERCHANT_SERVICE_URL": ""}, http.StatusOK, `"status":"degraded"`},
		"the catalog unavailable": {map[string]string{"DEAL_SERVICE_URL": ""}, http.StatusServiceUnavailable, `"status":"not-ready"`},
		"redis unavailable":       {map[string]string{"REDIS_URL": ""}, http.StatusServiceUnavailable, `"status":"not-ready"`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			environ := map[string]string{}
			for setting := range tc.environ {
				environ[setting] = testkit.DeadURL(t)
				if setting == "REDIS_URL" {
					environ[setting] = strings.Replace(environ[setting], "http", "redis", 1)
				}
			}
			answer := newAPI(t, environ).Get(t, "/readyz")
			assert.Equal(t, tc.status, answer.Status)
			assert.Contains(t, answer.Body, tc.want)
			for _, dependency := range []string{"redis", "deal-service", "price-service", "inventory-service", "rating-lb", "merchant-service"} {
				assert.Contains(t, answer.Body, `"name":"`+dependency+`"`)
			}
		})
	}
}

func TestMetricsExistFromTheStart(t *testing.T) {
	a := newAPI(t, nil)
	a.Get(t, "/api/deals") // a duration has no series before the first request
	text := a.Await(t, "/metrics", func(a testkit.Answer) bool { return strings.Contains(a.Body, "\nexperience_queue_depth") }).Body
	for _, metric := range []string{
		"experience_http_request_duration_seconds_bucket", "experience_upstream_request_duration_seconds_bucket", "experience_upstream_requests_total",
		"experience_upstream_failures_total", "experience_upstream_in_flight", "experience_upstream_breaker_state", "experience_queue_depth",
		"experience_queue_dlq_depth", "experience_queue_oldest_job_age_seconds", "experience_queue_rejections_total",
		"experience_queue_jobs_enqueued_total", "experience_read_model_outcomes_total", "experience_catalog_cache_outcomes_total",
		"experience_degraded_responses_total", "experience_hash_pool_workers", "experience_hash_pool_jobs", "go_sched_latencies_seconds_bucket",
		"process_cpu_seconds_total",
	} {
		assert.Contains(t, text, "\n"+metric)
	}
	assert.Contains(t, text, `experience_http_request_duration_seconds_bucket{method="GET",route="/api/deals",status="200",le="0.3"}`)
}
