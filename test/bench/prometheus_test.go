package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/testkit"
)

// measureSeries counts the series of each sort of component after every route was called.
func measureSeries(b *testing.B) {
	b.Helper()
	p := testkit.NewPlatform(b, program, nil, everysec())
	components := append(testkit.Upstreams(), platform.ExperienceAPI, platform.EnrichmentWorker, platform.CriticalWorker)
	p.Start(b, components)
	targets := map[string]string{}
	for _, component := range components {
		targets[component] = p.URL(b, component)
	}
	prometheus := testkit.Prometheus(b, targets)
	callEverything(b, p.URL(b, platform.ExperienceAPI))
	const scrapes = 5
	<-time.After(scrapes * platform.ScrapeInterval)
	var scraped, series float64
	for _, of := range []struct{ id, component string }{
		{"series-per-api", platform.ExperienceAPI},
		{"series-per-service", platform.PriceService},
		{"series-per-balancer", platform.RatingLB},
		{"series-per-enrichment-worker", platform.EnrichmentWorker},
		{"series-per-critical-worker", platform.CriticalWorker},
	} {
		count := query(b, prometheus, fmt.Sprintf("count({job=%q})", of.component))
		constant(b, of.id, count)
		series += count
		scraped += query(b, prometheus, fmt.Sprintf("scrape_samples_post_metric_relabeling{job=%q}", of.component))
	}
	constant(b, "samples-per-series", scraped/series)
}

// callEverything calls every route of the API several times.
func callEverything(b *testing.B, api string) {
	b.Helper()
	for n := range 20 {
		mustGet(b, api+"/api/deals")
		mustGet(b, fmt.Sprintf("%s/api/deals/d-%05d", api, n+1))
		mustCall(b, http.MethodPost, api+"/api/purchase", `{"dealId":"d-00007"}`, http.StatusAccepted)
	}
	mustCall(b, http.MethodPost, api+"/api/enrichment-jobs", `{"count":200}`, http.StatusAccepted)
	for _, way := range []string{"bad", "good"} {
		mustCall(b, http.MethodPost, api+"/api/heavy-hash/"+way, `{"rounds":1,"iterations":20000}`, http.StatusOK)
	}
}

// query returns the value of a PromQL expression that has one.
func query(b *testing.B, prometheus *testkit.PrometheusServer, promQL string) float64 {
	b.Helper()
	var answer struct {
		Result []struct{ Value [2]any }
	}
	require.NoError(b, prometheus.Get(b.Context(), "query", url.Values{"query": {promQL}}, &answer))
	require.Len(b, answer.Result, 1, promQL)
	text, _ := answer.Result[0].Value[1].(string)
	number, err := strconv.ParseFloat(text, 64)
	require.NoError(b, err)
	return number
}

// measurePrometheus measures what Prometheus takes for series whose values change at each scrape.
func measurePrometheus(b *testing.B) {
	b.Helper()
	const (
		series = 50_000
		calm   = 10 * time.Second
		lasts  = time.Minute
	)
	var shown, turn atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var text bytes.Buffer
		text.WriteString("# TYPE synthetic_total counter\n")
		now := turn.Add(1)
		for n := range shown.Load() {
			fmt.Fprintf(&text, "synthetic_total{method=\"GET\",route=\"/api/deals/:id\",status=\"200\",n=\"%d\"} %d\n", n, now*(n%97))
		}
		_, _ = text.WriteTo(w) // Prometheus may have given up
	}))
	b.Cleanup(target.Close)
	prometheus := testkit.Prometheus(b, map[string]string{"synthetic": target.URL})
	const memory, appended = "process_resident_memory_bytes", "prometheus_tsdb_head_samples_appended_total"
	<-time.After(calm)
	before := value(b, prometheus.URL, memory)
	shown.Store(series)
	<-time.After(calm) // series are created
	samples, busy := value(b, prometheus.URL, appended), cpuSeconds(b, prometheus.URL)
	<-time.After(lasts)
	constant(b, "prometheus-samples-per-core", (value(b, prometheus.URL, appended)-samples)/(cpuSeconds(b, prometheus.URL)-busy))
	constant(b, "prometheus-bytes-per-series", (value(b, prometheus.URL, memory)-before)/series)
}
