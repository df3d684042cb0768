package contracts

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/platform"
	"deals.example/internal/testkit"
	"deals.example/k6"
)

const (
	lookEvery = time.Second
	calmIn    = 2 * time.Minute // limit for the effects of the previous scenario to fade

	doubled     = 2.0              // intensity that saturates the API
	saturatedIn = 10 * time.Second // after the start of a scenario
	saturated   = 20 * time.Second // time for which no scrape may fail
)

func TestScenarios(t *testing.T) {
	if !*wanted {
		t.Skip("takes minutes: make contracts")
	}
	catalog, err := k6.Load()
	require.NoError(t, err)
	lab := newLab(t)
	for _, scenario := range catalog {
		t.Run(scenario.ID, func(t *testing.T) { lab.hold(t, scenario) })
	}
}

// TestScrapesSucceedUnderSaturation: while hashes or lists take all of the API's time, Prometheus can read its metrics every time.
func TestScrapesSucceedUnderSaturation(t *testing.T) {
	if !*wanted {
		t.Skip("takes a minute: make contracts")
	}
	catalog, err := k6.Load()
	require.NoError(t, err)
	lab := newLab(t)
	for _, id := range []string{"hash-bad", "high-throughput"} {
		t.Run(id, func(t *testing.T) {
			scenario, known := catalog.Find(id)
			require.True(t, known)
			run, err := lab.runner.Start(t.Context(), k6.Run{Script: scenario.Script(), Scenario: id, Intensity: doubled})
			require.NoError(t, err)
			ended := time.Now().Add(saturatedIn + saturated)
			look(t, func(now time.Time) bool { return now.After(ended) })
			_, err = run.Stop(context.WithoutCancel(t.Context()))
			require.NoError(t, err)
			window := `{job="experience-api"}[` + model.Duration(saturated).String() + `]))`
			t.Log("slowest scrape in seconds:", lab.ask(t, `max(max_over_time(scrape_duration_seconds`+window))
			assert.Equal(t, "1", lab.ask(t, `min(min_over_time(up`+window), "Prometheus' own up, over %s", saturated)
		})
	}
}

// lab is the platform, Prometheus, and k6.
type lab struct {
	prometheus *testkit.PrometheusServer
	runner     *k6.Runner
}

func newLab(t *testing.T) *lab {
	t.Helper()
	config := k6.RunnerConfig{Binary: testkit.K6(t), Dir: t.TempDir()}
	var prometheus *testkit.PrometheusServer
	if *running {
		prometheus = testkit.PrometheusAt(platform.URL(platform.Prometheus))
		config.Target, config.RedisURL = platform.URL(platform.ExperienceAPI), app.DefaultRedisURL
	} else {
		prometheus = ownPlatform(t, &config)
	}
	config.PrometheusURL = prometheus.URL
	runner, err := k6.NewRunner(config)
	require.NoError(t, err)
	return &lab{prometheus: prometheus, runner: runner}
}

// ownPlatform starts the platform and a Prometheus, and says in the configuration where the platform is.
func ownPlatform(t *testing.T, config *k6.RunnerConfig) *testkit.PrometheusServer {
	t.Helper()
	own := testkit.NewPlatform(t, program, nil, []string{"--appendfsync", "everysec"})
	targets := map[string]string{}
	components := append(testkit.Upstreams(), platform.EnrichmentWorker, platform.CriticalWorker, platform.ExperienceAPI)
	for _, component := range components {
		targets[component] = own.URL(t, component)
	}
	prometheus := testkit.Prometheus(t, targets)
	own.Start(t, components)
	config.Target, config.RedisURL = targets[platform.ExperienceAPI], own.Redis.URL
	return prometheus
}

// hold runs a scenario until all its expectations hold, stops it and waits until they have recovered.
func (l *lab) hold(t *testing.T, scenario k6.Scenario) {
	t.Helper()
	recovering := recoverable(scenario)
	l.each(t, recovering, func(e k6.Expectation) { l.awaitCalm(t, e, "before the start", calmIn) })

	run, err := l.runner.Start(t.Context(), k6.Run{Script: scenario.Script(), Scenario: scenario.ID})
	require.NoError(t, err)
	started := time.Now()
	l.each(t, scenario.Expectations, func(e k6.Expectation) { l.awaitMet(t, e, started) })
	result, err := run.Stop(context.WithoutCancel(t.Context()))
	require.NoError(t, err)
	require.NoError(t, result.Err)
	require.NotNil(t, result.Summary, "summary; the last of k6's output: %v", result.LastLines)
	t.Logf("%+v\n%s", *result.Summary, strings.Join(result.LastLines, "\n"))

	l.holdsSamples(t, scenario.ID, float64(result.Summary.Requests))
	l.each(t, recovering, func(e k6.Expectation) { l.awaitCalm(t, e, "after the stop", time.Duration(e.RecoversWithin)) })
}

// holdsSamples checks that the samples of k6 are in Prometheus under the scenario's name, as the dashboard Load queries them.
func (l *lab) holdsSamples(t *testing.T, scenario string, requests float64) {
	t.Helper()
	for _, query := range []string{
		`sum(last_over_time(k6_http_reqs_total{scenario="` + scenario + `"}[5m]))`,
		`histogram_count(sum(last_over_time(k6_http_req_duration_seconds{scenario="` + scenario + `"}[5m])))`,
	} {
		value, err := strconv.ParseFloat(l.ask(t, query), 64)
		require.NoError(t, err, query)
		assert.InDelta(t, requests, value, 0, query)
	}
}

func recoverable(scenario k6.Scenario) (these []k6.Expectation) {
	for _, expectation := range scenario.Expectations {
		if expectation.RecoversWithin > 0 {
			these = append(these, expectation)
		}
	}
	return these
}

// each calls look for all expectations concurrently.
func (l *lab) each(t *testing.T, of []k6.Expectation, look func(k6.Expectation)) {
	t.Helper()
	var looking sync.WaitGroup
	for _, expectation := range of {
		looking.Go(func() { look(expectation) })
	}
	looking.Wait()
}

// awaitMet waits until the bound of an expectation holds within its time, and has held long enough.
func (l *lab) awaitMet(t *testing.T, e k6.Expectation, started time.Time) {
	t.Helper()
	var since time.Time // start of the period in which it holds; zero while it does not
	deadline := started.Add(time.Duration(e.Within))
	look(t, func(now time.Time) bool {
		value, met := l.value(t, e)
		switch {
		case !met && now.After(deadline):
			assert.Fail(t, e.ID+" was not met", "%s\nafter %s: %s = %s", e.Text, rounded(now.Sub(started)), e.Query, value)
			return true
		case !met:
			since = time.Time{}
			return false
		case since.IsZero():
			since = now
			t.Logf("%s: %s after %s", e.ID, value, rounded(now.Sub(started)))
		}
		return now.Sub(since) >= time.Duration(e.For)
	})
}

// awaitCalm waits until the bound of an expectation does not hold.
func (l *lab) awaitCalm(t *testing.T, e k6.Expectation, when string, within time.Duration) {
	t.Helper()
	from := time.Now()
	look(t, func(now time.Time) bool {
		value, met := l.value(t, e)
		if met && now.Sub(from) > within {
			assert.Fail(t, e.ID+" still holds "+when, "%s\nafter %s: %s = %s", e.Text, within, e.Query, value)
			return true
		}
		if !met {
			t.Logf("%s: %s, %s %s", e.ID, value, rounded(now.Sub(from)), when)
		}
		return !met
	})
}

// look calls done every second until it returns true.
func look(t *testing.T, done func(now time.Time) bool) {
	t.Helper()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for !done(time.Now()) {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			return
		}
	}
}

// value returns the value of an expectation's query, and whether its bound holds.
func (l *lab) value(t *testing.T, e k6.Expectation) (value string, met bool) {
	t.Helper()
	value = l.ask(t, e.Query)
	number, err := strconv.ParseFloat(value, 64)
	return value, err == nil && e.Met(number)
}

// ask returns the result of a query, or the reason why there is no single number.
func (l *lab) ask(t *testing.T, query string) string {
	t.Helper()
	var answer struct{ Result []struct{ Value [2]any } }
	if err := l.prometheus.Get(t.Context(), "query", url.Values{"query": {query}}, &answer); err != nil {
		return err.Error()
	}
	if len(answer.Result) != 1 {
		return strconv.Itoa(len(answer.Result)) + " values"
	}
	text, _ := answer.Result[0].Value[1].(string)
	return text
}

func rounded(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
