package slodashboard_test

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/value"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// traffic records a platform under load, with round numbers.
func traffic() *recording {
	r := newRecording()
	const durations = "experience_http_request_duration_seconds"
	// 9 of 10 lists take 1/8 to 1/4 s, the tenth up to 1/2 s.
	r.histogram(durations, []bucket{steady(-2, 7.2), steady(-1, 0.8)}, "route", "/api/deals", "status", "200", "job", "experience-api")
	r.counter(durations+"_count", 1.5, "route", "/api/deals/:id", "status", "200", "job", "experience-api")
	r.counter(durations+"_count", 0.5, "route", "/api/purchase", "status", "503", "job", "experience-api")
	r.counter("experience_http_request_errors_total", 0.5, "route", "/api/purchase", "status", "503", "job", "experience-api")

	const calls = "experience_upstream_requests_total"
	r.counter(calls, 3, "job", "experience-api", "service", "price-service", "status", "200")
	r.counter(calls, 1, "job", "experience-api", "service", "price-service", "status", "503")
	r.counter(calls, 3, "job", "experience-api", "service", "rating-lb", "status", "200")
	r.counter(calls, 1, "job", "experience-api", "service", "rating-lb", "status", "404")
	r.counter(calls, 2, "job", "enrichment-worker", "service", "price-service", "status", "200")
	r.counter("experience_upstream_failures_total", 0.4, "job", "experience-api", "service", "price-service", "reason", "unavailable")
	for service, state := range map[string]float64{"price-service": 0, "rating-lb": 1, "merchant-service": 2} {
		r.gauge("experience_upstream_breaker_state", state, "job", "experience-api", "service", service)
	}
	recordQueues(r)
	recordCards(r)
	for job, up := range map[string]float64{"experience-api": 1, "price-service": 1, "merchant-service": 0} {
		r.gauge("up", up, "job", job, "instance", job)
	}
	r.gauge("up", 1, "job", "experience-api", "instance", "another")
	r.gauge("up", 0, "job", "experience-api", "instance", "silent")
	r.gauge("process_start_time_seconds", 0, "job", "experience-api", "instance", "experience-api")
	r.gauge("process_start_time_seconds", float64(time.Now().Unix()), "job", "experience-api", "instance", "another")
	r.counter("domain_http_request_duration_seconds_count", 5.7, "service", "price-service", "status", "200")
	r.counter("domain_http_request_duration_seconds_count", 0.3, "service", "price-service", "status", "503")
	for name, value := range map[string]float64{"latency_min_seconds": 0.035, "latency_max_seconds": 0.25, "failure_ratio": 0.015, "blackhole": 0} {
		r.gauge("domain_fault_"+name, value, "service", "price-service")
	}
	for name, value := range map[string]float64{"slots": 16, "busy": 16, "waiting": 4} {
		r.gauge("domain_capacity_"+name, value, "service", "price-service")
		r.gauge("domain_capacity_"+name, value, "service", "price-service", "instance", "another")
	}
	r.histogram("domain_capacity_wait_seconds", []bucket{steady(-2, 6)}, "service", "price-service", "discipline", "fifo")
	for name, value := range map[string]float64{"limit": 20, "in_flight": 20, "waiting": 3} {
		r.gauge("experience_upstream_"+name, value, "job", "experience-api", "service", "price-service")
	}
	r.gauge("experience_upstream_limit", math.Inf(1), "job", "experience-api", "service", "rating-lb")
	r.gauge("experience_upstream_in_flight", 7, "job", "experience-api", "service", "rating-lb")
	for route, success := range map[string]float64{"/api/deals": 1, "/api/deals/:id": 0} {
		r.counter("probe_requests_total", 0.2, "route", route)
		r.gauge("probe_success", success, "route", route)
		r.gauge("probe_duration_seconds", 2-success, "route", route)
	}
	r.histogram("rating_lb_target_request_duration_seconds", []bucket{steady(-2, 2)}, "target", "http://127.0.0.1:3004", "status", "200")
	r.counter("rating_lb_target_requests_total", 2, "target", "http://127.0.0.1:3004", "status", "200")
	return r
}

// recordQueues records two replicas of the API that report the same queues.
func recordQueues(r *recording) {
	for _, replica := range []string{"a", "b"} {
		r.gauge("experience_queue_depth", 60, "queue", "enrichment-jobs", "instance", replica)
		r.gauge("experience_queue_depth", 40, "queue", "critical-jobs", "instance", replica)
	}
	r.gauge("experience_queue_dlq_depth", 3, "queue", "critical-jobs")
	r.gauge("experience_queue_oldest_job_age_seconds", 12, "queue", "enrichment-jobs")
	r.counter("worker_jobs_total", 2, "queue", "enrichment-jobs", "outcome", "completed")
	r.counter("worker_jobs_total", 0.5, "queue", "enrichment-jobs", "outcome", "retried")
	r.counter("worker_jobs_total", 0.5, "queue", "critical-jobs", "outcome", "completed")
	r.counter("experience_queue_jobs_enqueued_total", 4, "queue", "enrichment-jobs")
}

// recordCards records 8 lists of 6 deals per second.
func recordCards(r *recording) {
	for outcome, rate := range map[string]float64{"hit": 36, "stale": 4, "miss": 8, "live_fallback": 2, "refresh_enqueued": 1} {
		r.counter("experience_read_model_outcomes_total", rate, "outcome", outcome)
	}
	r.counter("experience_catalog_cache_outcomes_total", 6, "outcome", "hit")
	r.counter("experience_catalog_cache_outcomes_total", 0.5, "outcome", "miss")
	r.counter("experience_catalog_cache_outcomes_total", 1.5, "outcome", "shared")
	r.counter("experience_list_compositions_total", 1, "outcome", "made")
	r.counter("experience_list_compositions_total", 1, "outcome", "shared")
}

// p95OfLists is in the middle of the last tenth, on the logarithmic scale of native histograms.
func p95OfLists() float64 { return 250 * math.Sqrt2 }

func TestViewsUnderLoad(t *testing.T) {
	dashboard := run(t, traffic().play(t).URL, nil)
	t.Run("sli", func(t *testing.T) {
		sli := get(t, dashboard, "/api/sli")
		near(t, 10, sli["requestRateRps"], "8 + 1.5 + 0.5")
		near(t, 5, sli["errorRatePct"], "0.5 of 10")
		near(t, p95OfLists(), sli["p95LatencyMs"], "p95")
		near(t, 4, sli["upstreamFailureRatePct"], "0.4 of 10")
		near(t, 100, sli["queueDepth"], "60 + 40, not twice")
		near(t, 40, sli["queueLagEstimateSec"], "100 by 2 + 0.5")
		assert.Equal(t, map[string]any{"errorRatePct": 1.0, "p95LatencyMs": 300.0, "queueDepth": 1000.0}, sli["targets"])
		assert.Equal(t, map[string]any{"errorRatePct": false, "p95LatencyMs": false, "queueDepth": true}, sli["met"])
		assert.Nil(t, sli["history"])
	})
	t.Run("outside", func(t *testing.T) {
		sli := get(t, dashboard, "/api/sli")
		assert.Equal(t, "probe", sli.at(t, "outside", "source"))
		near(t, 12, sli.at(t, "outside", "requests"), "one every 5 s")
		near(t, 100, sli.at(t, "outside", "errorRatePct"), "that of the details")
		near(t, 2000, sli.at(t, "outside", "p95LatencyMs"), "that of the details")
		near(t, 0, sli.at(t, "outside", "insideErrorRatePct"), "neither lists nor details failed")
		near(t, p95OfLists(), sli.at(t, "outside", "insideP95LatencyMs"), "p95")
		assert.Len(t, sli.at(t, "outside", "differences"), 2)
	})
	t.Run("history", func(t *testing.T) {
		history := object(get(t, dashboard, "/api/sli?history=15m")["history"].(map[string]any)) //nolint:forcetypeassert // a test
		near(t, 5, history["stepSec"], "900 s in 180 steps")
		times, _ := history["times"].([]any)
		require.Len(t, times, 181)
		for name, want := range map[string]float64{"requestRateRps": 10, "errorRatePct": 5, "p95LatencyMs": p95OfLists(), "queueLagEstimateSec": 40} {
			values, _ := history.at(t, "series", name, "values").([]any)
			require.Len(t, values, 181, name)
			near(t, want, values[0], name+" at the beginning")
			near(t, want, values[180], name+" at the end")
		}
	})
	t.Run("hybrid", func(t *testing.T) {
		hybrid := get(t, dashboard, "/api/hybrid")
		for name, want := range map[string]float64{
			"listRps": 8, "dealsPerList": 6, "freshHitPct": 75, "coveragePct": 100 * 40.0 / 48, "catalogCachePct": 75,
			"liveFallbackPerRequest": 0.25, "fanOutClassic": 25, "fanOutMeasured": 4.5 / 8, "reductionPct": 100 - 100*4.5/8/25, "p95Ms": p95OfLists(),
		} {
			near(t, want, hybrid[name], name)
		}
		near(t, 4.5, hybrid.at(t, "outcomes", "hit", "perRequest"), "36 hits of 8 lists")
	})
	t.Run("queues", func(t *testing.T) {
		queues := get(t, dashboard, "/api/queues?history=1m")
		near(t, 60, queues.at(t, "queues", "enrichment-jobs", "depth"), "depth")
		near(t, 30, queues.at(t, "queues", "enrichment-jobs", "lagSec"), "60 by 2")
		near(t, 80, queues.at(t, "queues", "critical-jobs", "lagSec"), "40 by 0.5")
		near(t, 12, queues.at(t, "queues", "enrichment-jobs", "oldestSec"), "oldest")
		near(t, 0.5, queues.at(t, "queues", "enrichment-jobs", "retriedRps"), "retried")
		assert.InDelta(t, 3, queues.at(t, "queues", "critical-jobs", "dead"), 0, "by Prometheus, since Redis is away")
		assert.Contains(t, queues["dlqNote"], "queue unavailable")
		assert.Nil(t, queues.at(t, "queues", "critical-jobs", "endToEndP95Ms"))
	})
}

// TestOutsideByClients records 10 lists per second of k6, a fifth of which get no answer.
func TestOutsideByClients(t *testing.T) {
	r := newRecording()
	r.histogram("experience_http_request_duration_seconds", []bucket{steady(-1, 8)}, "route", "/api/deals", "status", "200")
	r.counter("k6_http_reqs_total", 8, "name", "/api/deals", "status", "200")
	r.counter("k6_http_reqs_total", 2, "name", "/api/deals", "status", "0")
	r.histogram("k6_http_req_duration_seconds", []bucket{steady(-1, 10)}, "name", "/api/deals")
	r.counter("probe_requests_total", 0.2, "route", "/api/deals")
	outside := object(get(t, run(t, r.play(t).URL, nil), "/api/sli")["outside"].(map[string]any)) //nolint:forcetypeassert // a test
	assert.Equal(t, "k6", outside["source"], "while a scenario runs, its clients count")
	near(t, 600, outside["requests"], "in a minute")
	near(t, 20, outside["errorRatePct"], "2 of 10")
	near(t, 0, outside["insideErrorRatePct"], "the API answered all that it counted")
	near(t, 500*math.Pow(2, -0.05), outside["p95LatencyMs"], "p95")
	assert.Len(t, outside["differences"], 1)
}

// TestReadModelOff records 2 lists of 6 deals per second, all composed live; half of the compositions are shared.
func TestReadModelOff(t *testing.T) {
	r := newRecording()
	r.histogram("experience_http_request_duration_seconds", []bucket{steady(-1, 2)}, "route", "/api/deals", "status", "200")
	r.counter("experience_read_model_outcomes_total", 12, "outcome", "bypass")
	for _, outcome := range []string{"hit", "stale", "miss", "live_fallback"} {
		r.gauge("experience_read_model_outcomes_total", 0, "outcome", outcome)
	}
	r.counter("experience_catalog_cache_outcomes_total", 1, "outcome", "miss")
	r.counter("experience_list_compositions_total", 6, "outcome", "made")
	r.counter("experience_list_compositions_total", 6, "outcome", "shared")
	hybrid := get(t, run(t, r.play(t).URL, nil), "/api/hybrid")
	near(t, 2, hybrid["listRps"], "lists")
	near(t, 6, hybrid["dealsPerList"], "deals of a list")
	near(t, 25, hybrid["fanOutClassic"], "1 + 4 * 6")
	near(t, 12.5, hybrid["fanOutMeasured"], "1 + 4 * 6 calls for 2 lists")
	near(t, 50, hybrid["reductionPct"], "by sharing alone")
	near(t, 6, hybrid.at(t, "outcomes", "bypass", "perRequest"), "composed without a look at the read model")
	assert.Nil(t, hybrid["freshHitPct"], "nothing was looked up")
}

func TestQueueLag(t *testing.T) {
	tests := map[string]struct {
		record func(*recording)
		want   any
	}{
		"jobs wait and none is completed": {func(r *recording) {
			r.gauge("experience_queue_depth", 100, "queue", "enrichment-jobs")
			r.gauge("worker_jobs_total", 7, "queue", "enrichment-jobs", "outcome", "completed")
		}, "Infinity"},
		"jobs wait without a worker": {func(r *recording) {
			r.gauge("experience_queue_depth", 100, "queue", "enrichment-jobs")
		}, "Infinity"},
		"nothing waits and none is completed": {func(r *recording) {
			r.gauge("experience_queue_depth", 0, "queue", "enrichment-jobs")
		}, 0.0},
		"the worker has restarted often": {func(r *recording) {
			r.gauge("experience_queue_depth", 100, "queue", "enrichment-jobs")
			// 10 a second, beginning at 0 again every 10 s; the first sample after each start is 20.
			r.values("worker_jobs_total", func(s float64) float64 { return 10 * (math.Mod(s, 10) + 2) }, "queue", "enrichment-jobs", "outcome", "completed")
		}, 10.0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRecording()
			tc.record(r)
			dashboard := run(t, r.play(t).URL, nil)
			got := []any{
				get(t, dashboard, "/api/sli")["queueLagEstimateSec"],
				get(t, dashboard, "/api/queues").at(t, "queues", "enrichment-jobs", "lagSec"),
			}
			for _, lag := range got {
				if number, ok := tc.want.(float64); ok {
					near(t, number, lag, name)
					continue
				}
				assert.Equal(t, tc.want, lag)
			}
		})
	}
}

func TestNothingRecorded(t *testing.T) {
	dashboard := run(t, newRecording().play(t).URL, nil)
	sli := get(t, dashboard, "/api/sli?history=15m")
	for _, name := range []string{"requestRateRps", "errorRatePct", "p95LatencyMs", "upstreamFailureRatePct", "queueDepth", "queueLagEstimateSec"} {
		assert.Nil(t, sli[name], name)
	}
	assert.Equal(t, map[string]any{"errorRatePct": nil, "p95LatencyMs": nil, "queueDepth": nil}, sli["met"])
	values, _ := sli.at(t, "history", "series", "requestRateRps", "values").([]any)
	require.Len(t, values, 181)
	assert.Nil(t, values[0])
	assert.Nil(t, get(t, dashboard, "/api/hybrid")["freshHitPct"])
	assert.Equal(t, "unknown", get(t, dashboard, "/api/topology").at(t, "nodes", "experience-api", "severity"))
	assert.Nil(t, get(t, dashboard, "/api/hash").at(t, "bad", "seenSec"))
}

// TestSwitches records a control that is switched twice, one whose component starts anew, and one that stays as it is.
func TestSwitches(t *testing.T) {
	r := newRecording()
	from := func(start, end float64) func(float64) float64 {
		return func(seconds float64) float64 {
			if seconds < start || seconds >= end {
				return math.Float64frombits(value.StaleNaN)
			}
			return 1
		}
	}
	const never = 1e6
	labels := []string{"component", "experience-api", "control", "retry", "option"}
	for option, there := range map[string]func(float64) float64{"fixed": from(600, 700), "budget": from(700, never)} {
		r.values("deals_control_info", there, append(labels, option)...)
	}
	r.values("deals_control_changes_total", func(seconds float64) float64 {
		switch {
		case seconds < 600:
			return 4
		case seconds < 700:
			return 5
		default:
			return 6
		}
	}, labels[:4]...)
	r.gauge("deals_control_info", 1, "component", "rating-lb", "control", "balancing", "option", "random")
	r.values("deals_control_changes_total", func(seconds float64) float64 { return max(0, math.Copysign(2, 650-seconds)) }, "component", "rating-lb", "control", "balancing")
	r.gauge("deals_control_info", 1, "component", "price-service", "control", "queue", "option", "fifo")
	r.gauge("deals_control_changes_total", 3, "component", "price-service", "control", "queue")

	answer := get(t, run(t, r.play(t).URL, nil), "/api/switches")
	switches, _ := answer["switches"].([]any)
	require.Len(t, switches, 2)
	for i, want := range []struct {
		option string
		after  time.Duration
	}{{"fixed", 600 * time.Second}, {"budget", 700 * time.Second}} {
		got, _ := switches[i].(map[string]any)
		at, err := time.Parse(time.RFC3339, got["at"].(string)) //nolint:forcetypeassert // a test
		require.NoError(t, err)
		assert.WithinDuration(t, r.moments[0].Add(want.after), at, recordedEvery)
		assert.Equal(t, []any{"experience-api", "retry", want.option}, []any{got["component"], got["control"], got["option"]})
	}
}
