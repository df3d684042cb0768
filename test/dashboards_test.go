package test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/grafana"
	"deals.example/internal/testkit"
	"deals.example/k6"
	"deals.example/lab/experiment"
)

// rateInterval replaces $__rate_interval. It is shorter than in Grafana to keep the test short.
const rateInterval = "16s"

// TestEveryPanelHasSomethingToShow sends each query of each dashboard to a Prometheus that scrapes the platform under light load. The query
// must parse, its metrics and labels must exist, and it must return data with the labels of the legend. The queries that runbooks name first
// must return data as well.
func TestEveryPanelHasSomethingToShow(t *testing.T) {
	t.Parallel()
	dashboards, err := grafana.Dashboards()
	require.NoError(t, err)
	platform := testkit.NewPlatform(t, program, nil, nil)
	components := append(testkit.Upstreams(), "experience-api", "enrichment-worker", "critical-worker", "queue-ui")
	platform.Start(t, components)
	targets := map[string]string{}
	for _, component := range components {
		targets[component] = platform.URL(t, component)
	}
	targets["alertmanager"] = testkit.Alertmanager(t).URL
	maps.Copy(targets, selectedArms(t, dashboards))
	prometheus := testkit.Prometheus(t, targets)
	// Some metrics are absent until the first error. Warnings must continue, because most queries run later.
	setFault(t, platform, "deal-service", map[string]any{"failureRate": 1, "forSeconds": 5})
	setFault(t, platform, "price-service", map[string]any{"failureRate": 1, "forSeconds": 900})
	callEverything(t, platform.URL(t, "experience-api"))
	driveNormalTraffic(t, targets["experience-api"], prometheus)

	for _, dashboard := range dashboards {
		for _, query := range dashboard.Queries(rateInterval) {
			t.Run(query.Where, func(t *testing.T) {
				t.Parallel()
				checkQuery(t, prometheus, query)
			})
		}
	}
	for _, query := range testkit.RunbookQueries(t) {
		if query.First && !ofTempo(query.Expr) {
			t.Run(query.Runbook, func(t *testing.T) {
				t.Parallel()
				awaitData(t, prometheus, query.Expr)
			})
		}
	}
}

// ofTempo reports whether a query asks for series of Tempo, which does not run here. Other tests parse those.
func ofTempo(promQL string) bool {
	return strings.Contains(promQL, "tempo_") || strings.Contains(promQL, "traces_spanmetrics_")
}

// callEverything calls every route of the API, one after another, until the test ends.
func callEverything(t *testing.T, api string) {
	t.Helper()
	calls := []struct {
		method, path string
		body         any
	}{
		{http.MethodGet, "/api/deals?city=valencia&limit=5", nil},
		{http.MethodGet, "/api/deals?city=rome&limit=20", nil},
		{http.MethodGet, "/api/deals/d-00001", nil},
		{http.MethodGet, "/api/deals/d-99999", nil},
		{http.MethodPost, "/api/purchase", map[string]any{"dealId": "d-00001"}},
		{http.MethodPost, "/api/enrichment-jobs", map[string]any{"count": 5}},
		{http.MethodPost, "/api/heavy-hash/good", map[string]any{"payload": "x", "rounds": 1, "iterations": 20000}},
		{http.MethodPost, "/api/heavy-hash/bad", map[string]any{"payload": "x", "rounds": 1, "iterations": 20000}},
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() {
		stop()
		<-done
	})
	c := client()
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			for _, one := range calls {
				_, _ = call(ctx, c, one.method, api+one.path, one.body) // what the answers are, other tests check
			}
		}
	}()
}

// driveNormalTraffic runs the scenario normal in k6 until the test ends.
func driveNormalTraffic(t *testing.T, api string, prometheus *testkit.PrometheusServer) {
	t.Helper()
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: testkit.K6(t), Dir: t.TempDir(), Target: api, PrometheusURL: prometheus.URL})
	require.NoError(t, err)
	process, err := runner.Start(t.Context(), k6.Run{Script: "scenarios/normal.ts", Scenario: "normal", Intensity: 5})
	require.NoError(t, err)
	t.Cleanup(func() { <-process.Done() }) // the test's context has ended, and k6 with it
}

// selectedArms returns targets whose metrics say that the two arms which the dashboard Experiment selects at first are under load. An engine
// runs one arm at a time, and none on a platform whose breakers are open.
func selectedArms(t *testing.T, dashboards []grafana.Dashboard) map[string]string {
	t.Helper()
	i := slices.IndexFunc(dashboards, func(d grafana.Dashboard) bool { return d.UID == "deals-experiment" })
	require.GreaterOrEqual(t, i, 0)
	selected := map[string]string{}
	for _, variable := range dashboards[i].Templating.List {
		selected[variable.Name] = variable.Current.Value
	}
	catalog, err := experiment.Load()
	require.NoError(t, err)
	e, known := catalog.Find(selected["experiment"])
	require.True(t, known, selected["experiment"])
	require.NotEqual(t, selected["first"], selected["second"])
	targets := map[string]string{}
	for _, side := range []string{"first", "second"} {
		arm, known := e.Arm(selected[side])
		require.True(t, known, selected[side])
		metrics, registry := experiment.NewMetrics(), prometheus.NewPedanticRegistry()
		registry.MustRegister(metrics)
		metrics.Show(e.ID, experiment.Progress{
			Arm: arm.ID, Round: 1, Phase: experiment.Loading, Started: time.Now(), Disturbed: e.Disturb[0].Text,
		})
		server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
		t.Cleanup(server.Close)
		targets[side+"-arm"] = server.URL
	}
	return targets
}

// mayBeEmpty reports whether a query may return nothing: an event, a text for a platform without load or experiment, and iterations that k6
// dropped, which does not happen here.
func mayBeEmpty(query grafana.Query) bool {
	if query.Event {
		return true
	}
	ofK6 := strings.Contains(query.Expr, "k6_") && !strings.Contains(query.Expr, "k6_dropped_iterations_total")
	return query.MayBeEmpty && !ofK6 && !strings.Contains(query.Expr, "deals_experiment_")
}

func checkQuery(t *testing.T, prometheus *testkit.PrometheusServer, query grafana.Query) {
	t.Helper()
	var parsed promQL
	require.NoError(t, prometheus.Get(t.Context(), "parse_query", url.Values{"query": {query.Expr}}, &parsed), "%s", query.Expr)
	if mayBeEmpty(query) {
		return
	}
	samples := awaitData(t, prometheus, query.Expr)
	for _, label := range legendLabels(query.Legend) {
		assert.True(t, slices.ContainsFunc(samples, func(s testkit.Sample) bool { return s.Metric[label] != "" }),
			"the legend %q wants a label that no series has: %s", query.Legend, query.Expr)
	}
	checkLabels(t, prometheus, parsed)
}

func awaitData(t *testing.T, prometheus *testkit.PrometheusServer, promQL string) []testkit.Sample {
	t.Helper()
	var samples []testkit.Sample
	require.Eventually(t, func() bool {
		var err error
		samples, err = prometheus.Query(t.Context(), promQL)
		return err == nil && len(samples) > 0
	}, time.Minute, 500*time.Millisecond, "no data for %s", promQL)
	return samples
}

// checkLabels checks that each metric in the query has the labels that the query uses.
func checkLabels(t *testing.T, prometheus *testkit.PrometheusServer, query promQL) {
	t.Helper()
	for selector, labels := range query.labels() {
		for _, label := range labels {
			awaitData(t, prometheus, fmt.Sprintf("count({%s, %s!=\"\"})", selector, label))
		}
	}
}

func legendLabels(legend string) []string {
	var labels []string
	for _, match := range regexp.MustCompile(`{{\s*(\w+)\s*}}`).FindAllStringSubmatch(legend, -1) {
		labels = append(labels, match[1])
	}
	return labels
}

// promQL is a node of a query parsed by Prometheus, with the fields that are used here. Its children can be in any field.
type promQL map[string]any

// labels returns the labels that the query names, by the selector of the metric that should have them: __name__="..." or the like.
func (q promQL) labels() map[string][]string {
	found := map[string][]string{}
	q.walk(nil, found)
	return found
}

// walk goes down with the labels that aggregations above ask for. An aggregation over a match of two vectors may take its labels from
// either, so they are not asked of those below it.
func (q promQL) walk(wanted []string, found map[string][]string) {
	switch q["type"] {
	case "aggregation":
		wanted = texts(q["grouping"])
		if q["without"] == true {
			wanted = nil
		}
	case "binaryExpr":
		wanted = nil
	case "vectorSelector", "matrixSelector":
		selector, own := q.selector()
		found[selector] = append(append(found[selector], wanted...), own...)
		return
	}
	for _, field := range q {
		walkInto(field, wanted, found)
	}
}

func walkInto(field any, wanted []string, found map[string][]string) {
	switch node := field.(type) {
	case map[string]any:
		promQL(node).walk(wanted, found)
	case []any:
		for _, each := range node {
			walkInto(each, wanted, found)
		}
	}
}

// selector returns the matcher of the metric's name, and the labels of the other matchers.
func (q promQL) selector() (name string, labels []string) {
	matchers, _ := q["matchers"].([]any)
	for _, matcher := range matchers {
		m, _ := matcher.(map[string]any)
		if m["name"] == "__name__" {
			value, _ := json.Marshal(m["value"])
			name = fmt.Sprintf("__name__%s%s", m["type"], value)
			continue
		}
		labels = append(labels, fmt.Sprint(m["name"]))
	}
	return name, labels
}

func texts(list any) []string {
	elements, _ := list.([]any)
	var all []string
	for _, element := range elements {
		all = append(all, fmt.Sprint(element))
	}
	return all
}
