package test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// mostSeries is the limit of active series of the whole platform.
const mostSeries = 15_000

// tsdb is the TSDB status of Prometheus.
type tsdb struct {
	HeadStats               struct{ NumSeries int }
	SeriesCountByMetricName []struct {
		Name  string
		Value int
	}
}

// TestSeriesAreBounded counts the series of the idle platform, and again after calls to every route and to unknown ones: client input must
// not become a label value.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	platform := testkit.NewPlatform(t, program, nil, nil)
	components := append(testkit.Upstreams(), "experience-api", "enrichment-worker", "critical-worker", "queue-ui")
	platform.Start(t, components)
	targets := map[string]string{}
	for _, component := range components {
		targets[component] = platform.URL(t, component)
	}
	prometheus := testkit.Prometheus(t, targets)
	up := fmt.Sprintf("count(up == 1) == %d", len(components)+1)
	require.Eventually(t, func() bool { return seen(t, prometheus, up) }, 30*time.Second, 250*time.Millisecond, "all targets up")
	idle := seriesOf(t, prometheus)

	api := platform.URL(t, "experience-api")
	for n := range 300 {
		_, _ = call(t.Context(), client(), fmt.Sprintf("ODD%d", n), fmt.Sprintf("%s/nothing/%d", api, n), nil)
		_, _ = call(t.Context(), client(), http.MethodGet, fmt.Sprintf("%s/api/deals?city=city-%d", api, n), nil)
		_, _ = call(t.Context(), client(), http.MethodGet, fmt.Sprintf("%s/rating/d-%05d", platform.URL(t, "rating-lb"), n), nil)
	}
	callEverything(t, api)
	const soLong = `sum(experience_http_request_duration_seconds_count{route="/api/heavy-hash/good"}) > 5`
	require.Eventually(t, func() bool { return seen(t, prometheus, soLong) }, time.Minute, 250*time.Millisecond, "load on every route")
	loaded := seriesOf(t, prometheus)

	t.Logf("active series: %d idle, %d loaded; most of them:\n%s", idle.HeadStats.NumSeries, loaded.HeadStats.NumSeries, largest(loaded))
	assert.Less(t, loaded.HeadStats.NumSeries, mostSeries)
}

func seriesOf(t *testing.T, prometheus *testkit.PrometheusServer) tsdb {
	t.Helper()
	var status tsdb
	require.NoError(t, prometheus.Get(t.Context(), "status/tsdb", nil, &status))
	return status
}

func largest(status tsdb) string {
	var lines strings.Builder
	for _, metric := range status.SeriesCountByMetricName {
		fmt.Fprintf(&lines, "%6d %s\n", metric.Value, metric.Name)
	}
	return lines.String()
}
