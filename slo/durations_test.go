package slo_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
	"deals.example/observability"
	"deals.example/slo"
)

const (
	durations = "experience_http_request_duration_seconds"
	recorded  = `slo:event_durations:increase4s{sloth_id="deals-lab-time-latency"}`
)

// TestFractionOfRecordedDurations has a real Prometheus scrape the histogram of the API, and compares what it says of 300 ms and of other
// targets with what a client counts.
func TestFractionOfRecordedDurations(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	histogram := promauto.With(registry).NewHistogramVec(
		observability.Histogram(durations, "Time to answer.", observability.LatencyBuckets()), []string{"route", "status"})
	lists, details, hashes := histogram.WithLabelValues("/api/deals", "200"), histogram.WithLabelValues("/api/deals/:id", "200"),
		histogram.WithLabelValues("/api/heavy-hash/bad", "200")
	scrapes := observability.NewScrapes(registry)
	server := httptest.NewServer(scrapes)
	t.Cleanup(func() { server.Close(); scrapes.Wait() })
	prom := testkit.Prometheus(t, map[string]string{"experience-api": server.URL})
	await(t, prom, `count_over_time(`+recorded+`[1m])`, 3) // the rules know the empty histogram

	const events = 20_000
	took := make([]float64, 0, 2*events)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable
	for range events {
		for median, observer := range map[float64]prometheus.Observer{0.12: lists, 0.28: details} {
			seconds := median * math.Exp(0.5*random.NormFloat64()) // lognormal, as latencies are
			observer.Observe(seconds)
			took = append(took, seconds)
		}
		hashes.Observe(1)
	}
	share := func(target float64) float64 {
		good := 0
		for _, seconds := range took {
			if seconds <= target {
				good++
			}
		}
		return float64(good) / float64(len(took))
	}
	await(t, prom, `histogram_count(sum_over_time(`+recorded+`[5m]))`, 2*events)
	for _, target := range []float64{0.05, 0.1, 0.2, 0.3, 0.5, 1} {
		native := scalar(t, prom, fmt.Sprintf(`histogram_fraction(-Inf, %g, sum_over_time(%s[5m]))`, target, recorded))
		assert.InDelta(t, share(target), native, 0.01, "%g s", target)
		t.Logf("%4g s: %.4f by clients, %.4f by the native histogram", target, share(target), native)
	}
	within := scalar(t, prom, `sum(`+durations+`_bucket{route!~"/api/heavy-hash/.*", le="0.3"}) / sum(`+durations+`_count{route!~"/api/heavy-hash/.*"})`)
	assert.InDelta(t, share(0.3), within, 1e-9, "the classic bucket is exact")
	await(t, prom, `slo:period_total_events:sum{sloth_id="deals-lab-time-latency"}`, 2*events)
	assert.InDelta(t, 1-share(0.3), scalar(t, prom, `slo:sli_error:ratio_period{sloth_id="deals-lab-time-latency"}`), 1e-9, "the objective is exact")
}

// await polls until a query has a value of at least want.
func await(t *testing.T, prom *testkit.PrometheusServer, query string, want float64) {
	t.Helper()
	require.Eventually(t, func() bool { return scalar(t, prom, query) >= want }, 60*time.Second, 200*time.Millisecond, query)
}

// scalar returns the value of a query that has one series, or NaN if it has none.
func scalar(t *testing.T, prom *testkit.PrometheusServer, query string) float64 {
	t.Helper()
	var answer struct {
		Result []struct {
			Value [2]any `json:"value"`
		} `json:"result"`
	}
	require.NoError(t, prom.Get(t.Context(), "query", url.Values{"query": {query}}, &answer))
	if len(answer.Result) != 1 {
		return math.NaN()
	}
	value, err := strconv.ParseFloat(fmt.Sprint(answer.Result[0].Value[1]), 64)
	require.NoError(t, err)
	return value
}

// Only an objective that counts nothing but one histogram and one of its buckets is a latency objective.
func TestLatencyObjectives(t *testing.T) {
	t.Parallel()
	const fast = `sum(rate(took_seconds_count{to="shop"}[{{.window}}])) - sum(rate(took_seconds_bucket{to="shop",le="0.25"}[{{.window}}]))`
	const all = `sum(rate(took_seconds_count{to="shop"}[{{.window}}])) > 0`
	tests := map[string]struct {
		bad, total, records string
	}{
		"a latency objective":           {fast, all, `took_seconds{to="shop"}`},
		"another bucket":                {`rate(took_seconds_count[{{.window}}]) - rate(took_seconds_bucket{le="+Inf"}[{{.window}}])`, `rate(took_seconds_count[{{.window}}])`, "took_seconds"},
		"failures are counted too":      {fast + ` + sum(rate(errors_total[{{.window}}]))`, all, ""},
		"others are counted":            {fast, `sum(rate(requests_total[{{.window}}]))`, ""},
		"the bucket of another one":     {`rate(a_count[{{.window}}]) - rate(b_bucket{le="1"}[{{.window}}])`, `rate(a_count[{{.window}}])`, ""},
		"a bucket of fewer events":      {`rate(a_count[{{.window}}]) - rate(a_bucket{x="y",le="1"}[{{.window}}])`, `rate(a_count[{{.window}}])`, ""},
		"only counters, without bucket": {`rate(a_count[{{.window}}]) - rate(b_total[{{.window}}])`, `rate(a_count[{{.window}}])`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := fmt.Sprintf("version: prometheus/v1\nservice: shop\nslos:\n  - name: fast\n    objective: 99\n    sli:\n      events:\n"+
				"        error_query: '%s'\n        total_query: '%s'\n    alerting: {page_alert: {disable: true}, ticket_alert: {disable: true}}\n", test.bad, test.total)
			catalog, err := slo.Load(fstest.MapFS{"specs/shop.yaml": {Data: []byte(spec)}, "windows/30d.yaml": {Data: []byte(goodWindows)}})
			require.NoError(t, err)
			files, err := catalog.Files()
			require.NoError(t, err)
			if test.records == "" {
				assert.NotContains(t, string(files[0].Content), "slo:event_durations")
				assert.NotContains(t, string(files[0].Content), "slo:latency_target")
				return
			}
			assert.Contains(t, string(files[0].Content), "record: slo:event_durations:increase1m")
			assert.Contains(t, string(files[0].Content), "("+test.records+" - "+test.records+" offset 1m unless")
			assert.Contains(t, string(files[0].Content), "record: slo:latency_target:seconds")
		})
	}
}
