package slodashboard_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/queue/queuetest"
	"deals.example/internal/testkit"
	"deals.example/services/price"
)

func TestFaults(t *testing.T) {
	service := testkit.Run(t, app.Define(app.Info{Name: "price-service", Defaults: price.Faults()}, price.Build), nil)
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"PRICE_SERVICE_URL": service.URL + "/", "DEAL_SERVICE_URL": testkit.DeadURL(t)})
	configured := object{
		"service": "price-service", "replicas": 1.0, "latencyMinMs": 35.0, "latencyMaxMs": 250.0, "failureRate": 0.015, "blackhole": false, "forSeconds": 0.0,
	}
	const path = "/api/faults/price-service"
	assert.Equal(t, configured, get(t, dashboard, path))

	set := dashboard.Do(t, http.MethodPut, path, `{"failureRate":0.5,"latencyMaxMs":100,"forSeconds":60}`, nil)
	assert.Equal(t, http.StatusOK, set.Status, set.Body)
	changed := get(t, dashboard, path)
	assert.InDelta(t, 0.5, changed["failureRate"], 0)
	assert.InDelta(t, 35, changed["latencyMinMs"], 0, "what is left out stays")
	assert.Contains(t, service.Get(t, "/admin/fault").Body, `"failureRate":0.5`)

	assert.Equal(t, http.StatusOK, dashboard.Do(t, http.MethodDelete, path, "", nil).Status)
	assert.Equal(t, configured, get(t, dashboard, path))

	tests := map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"over the maximum":       {path, `{"failureRate":1.1}`, 400, "failureRate: got 1.1, want a number from 0 to 1"},
		"refused by the service": {path, `{"latencyMinMs":300}`, 400, "at most latencyMaxMs"},
		"unknown member":         {path, `{"target":"http://evil.example"}`, 400, `unknown field \"target\"`},
		"unknown service":        {"/api/faults/experience-api", `{}`, 404, "no component with these settings"},
		"a URL":                  {"/api/faults/http:%2F%2Fevil.example", `{}`, 404, ""},
		"a path":                 {"/api/faults/..%2Fprice-service", `{}`, 404, ""},
		"no answer":              {"/api/faults/deal-service", `{}`, 502, "connection refused"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := dashboard.Do(t, http.MethodPut, tc.path, tc.body, nil)
			assert.Equal(t, tc.status, answer.Status, answer.Body)
			assert.Contains(t, answer.Body, tc.says)
		})
	}
	assert.Equal(t, configured, get(t, dashboard, path), "nothing was changed")
}

func TestCapacity(t *testing.T) {
	service := testkit.Run(t, app.Define(app.Info{Name: "price-service", Defaults: price.Faults()}, price.Build), nil)
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"PRICE_SERVICE_URL": service.URL, "DEAL_SERVICE_URL": testkit.DeadURL(t)})
	configured := object{
		"service": "price-service", "replicas": 1.0, "capacity": 128.0, "queue": 256.0, "discipline": "fifo", "slowAbove": 1.0, "slowdown": 1.0, "abandoned": "drop",
		"forSeconds": 0.0, "busy": 0.0, "waiting": 0.0,
	}
	const path = "/api/capacity/price-service"
	assert.Equal(t, configured, get(t, dashboard, path))

	body := `{"capacity":4,"queue":8,"discipline":"lifo-codel","slowAbove":0.5,"slowdown":3,"forSeconds":60}`
	set := dashboard.Do(t, http.MethodPut, path, body, nil)
	assert.Equal(t, http.StatusOK, set.Status, set.Body)
	changed := get(t, dashboard, path)
	for name, want := range map[string]any{"capacity": 4.0, "queue": 8.0, "discipline": "lifo-codel", "slowAbove": 0.5, "slowdown": 3.0, "abandoned": "drop"} {
		assert.Equal(t, want, changed[name], name)
	}
	assert.InDelta(t, 60, changed["forSeconds"], 2)
	assert.Contains(t, service.Get(t, "/admin/capacity").Body, `"capacity":4,"queue":8`)

	assert.Equal(t, http.StatusOK, dashboard.Do(t, http.MethodDelete, path, "", nil).Status)
	assert.Equal(t, configured, get(t, dashboard, path))

	tests := map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"no slots":           {path, `{"capacity":0,"queue":1}`, 400, "capacity: got 0, want a whole number from 1 to 100000"},
		"a part of a slot":   {path, `{"capacity":1.5}`, 400, "capacity"},
		"negative queue":     {path, `{"queue":-1}`, 400, "from 0 to 1000000"},
		"unknown discipline": {path, `{"discipline":"lifo"}`, 400, "fifo, unbounded, lifo-codel"},
		"faster with load":   {path, `{"slowdown":0.5}`, 400, "slowdown: got 0.5, want a number from 1 to 100"},
		"more than a share":  {path, `{"slowAbove":2}`, 400, "slowAbove: got 2, want a number from 0 to 1"},
		"for too long":       {path, `{"forSeconds":86401}`, 400, "from 0 to 86400"},
		"unknown member":     {path, `{"busy":1}`, 400, `unknown field \"busy\"`},
		"unknown service":    {"/api/capacity/rating-lb", `{}`, 404, "no component with these settings"},
		"no answer":          {"/api/capacity/deal-service", `{}`, 502, "connection refused"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := dashboard.Do(t, http.MethodPut, tc.path, tc.body, nil)
			assert.Equal(t, tc.status, answer.Status, answer.Body)
			assert.Contains(t, answer.Body, tc.says)
		})
	}
	assert.Equal(t, configured, get(t, dashboard, path), "nothing was changed")
}

func TestControls(t *testing.T) {
	service := testkit.Run(t, app.Define(app.Info{Name: "price-service", Defaults: price.Faults()}, price.Build), nil)
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"PRICE_SERVICE_URL": service.URL + "/", "RATING_LB_URL": testkit.DeadURL(t)})
	assert.Equal(t, []any{
		"deal-service", "enrichment-worker", "experience-api", "inventory-service", "merchant-service", "price-service", "rating-lb",
		"rating-service-a", "rating-service-b",
	}, get(t, dashboard, "/api/meta")["controlled"])
	const path = "/api/controls/price-service"
	atStart := get(t, dashboard, path)
	assert.Equal(t, "price-service", atStart["component"])
	assert.Equal(t, "fifo", atStart.at(t, "controls", "queue", "option"))
	assert.NotEmpty(t, atStart.at(t, "controls", "queue", "options", "lifo-codel", "help"))

	set := dashboard.Do(t, http.MethodPut, path, `{"control":"queue","option":"lifo-codel","forSeconds":60}`, nil)
	assert.Equal(t, http.StatusOK, set.Status, set.Body)
	set = dashboard.Do(t, http.MethodPut, path, `{"control":"limit","option":"adaptive"}`, nil)
	assert.Equal(t, http.StatusOK, set.Status, set.Body)
	changed := get(t, dashboard, path)
	assert.Equal(t, "lifo-codel", changed.at(t, "controls", "queue", "option"))
	assert.Equal(t, "fifo", changed.at(t, "controls", "queue", "start"))
	assert.InDelta(t, 60, changed.at(t, "controls", "queue", "forSeconds"), 2)
	assert.Equal(t, "adaptive", changed.at(t, "controls", "limit", "option"))
	assert.Contains(t, service.Get(t, "/admin/controls").Body, `"option":"lifo-codel"`)

	assert.Equal(t, http.StatusOK, dashboard.Do(t, http.MethodDelete, path, "", nil).Status)
	assert.Equal(t, atStart, get(t, dashboard, path))

	tests := map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"unknown control":   {path, `{"control":"retry","option":"none"}`, 400, `control: got \"retry\", want one of`},
		"unknown option":    {path, `{"control":"queue","option":"lifo"}`, 400, `option: got \"lifo\", want one of fifo, unbounded, lifo-codel, default`},
		"for too long":      {path, `{"control":"queue","option":"unbounded","forSeconds":86401}`, 400, "from 0 to 86400"},
		"unknown member":    {path, `{"control":"queue","option":"unbounded","target":"http://evil.example"}`, 400, `unknown field \"target\"`},
		"unknown component": {"/api/controls/tempo", `{"control":"queue","option":"fifo"}`, 404, "no component with these settings: tempo"},
		"a URL":             {"/api/controls/http:%2F%2Fevil.example", `{}`, 404, ""},
		"no answer":         {"/api/controls/rating-lb", `{"control":"balancing","option":"random"}`, 502, "connection refused"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := dashboard.Do(t, http.MethodPut, tc.path, tc.body, nil)
			assert.Equal(t, tc.status, answer.Status, answer.Body)
			assert.Contains(t, answer.Body, tc.says)
		})
	}
	assert.Equal(t, atStart, get(t, dashboard, path), "nothing was changed")
}

// TestNothingSpoilsAnExperiment starts an experiment, which waits for Prometheus, and tries to change settings.
func TestNothingSpoilsAnExperiment(t *testing.T) {
	released := make(chan struct{})
	prometheus := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-released }))
	t.Cleanup(prometheus.Close)
	release := sync.OnceFunc(func() { close(released) })
	t.Cleanup(release)
	service := testkit.Run(t, app.Define(app.Info{Name: "price-service", Defaults: price.Faults()}, price.Build), nil)
	binary := filepath.Join(t.TempDir(), "k6")
	require.NoError(t, os.WriteFile(binary, []byte(standIn), 0o700)) //nolint:gosec // G306: it is to be run
	dashboard := run(t, prometheus.URL, map[string]string{"K6_BINARY": binary, "PRICE_SERVICE_URL": service.URL, "PROMETHEUS_TIMEOUT": "30s"})
	started := dashboard.Post(t, "/api/experiments/breaker", "")
	require.Equal(t, http.StatusOK, started.Status, started.Body)

	changes := map[string]string{"faults": `{"failureRate":0.5}`, "capacity": `{"capacity":9}`, "controls": `{"control":"queue","option":"unbounded"}`}
	for settings, body := range changes {
		path := "/api/" + settings + "/price-service"
		before := get(t, dashboard, path)
		for _, method := range []string{http.MethodPut, http.MethodDelete} {
			answer := dashboard.Do(t, method, path, body, nil)
			assert.Equal(t, http.StatusConflict, answer.Status, "%s %s: %s", method, path, answer.Body)
			assert.Contains(t, answer.Body, `"code":"busy","error":"an experiment is running: breaker"`)
		}
		assert.Equal(t, before, get(t, dashboard, path), "nothing was changed")
	}
	assert.Equal(t, http.StatusConflict, dashboard.Post(t, "/api/flame", "").Status)

	release()
	dashboard.Await(t, "/api/experiments", func(a testkit.Answer) bool { return strings.Contains(a.Body, `"state":"failed"`) })
	for settings, body := range changes {
		answer := dashboard.Do(t, http.MethodPut, "/api/"+settings+"/price-service", body, nil)
		assert.Equal(t, http.StatusOK, answer.Status, answer.Body)
	}
}

// TestFaultsFollowNoRedirect checks that a service cannot redirect the dashboard to another server.
func TestFaultsFollowNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	service := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(service.Close)
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"PRICE_SERVICE_URL": service.URL})
	assert.Equal(t, http.StatusBadGateway, dashboard.Get(t, "/api/faults/price-service").Status)
}

func TestDeadJobs(t *testing.T) {
	server := testkit.Redis(t)
	rdb := server.Client(t)
	queuetest.Bury(t, rdb, "p-1", "p-2", "p-3")
	dashboard := run(t, newRecording().play(t).URL, map[string]string{"REDIS_URL": server.URL})
	queues := get(t, dashboard, "/api/queues")
	assert.Empty(t, queues["dlqNote"])
	critical := queues.at(t, "queues", "critical-jobs")
	assert.InDelta(t, 3, next(critical, "dead"), 0)
	assert.Contains(t, next(next(next(critical, "deadJobs"), "p-1"), "lastError"), queuetest.LastError)

	const path = "/api/queues/critical-jobs/replay"
	tests := []struct {
		name, path, body string
		status           int
		says             string
	}{
		{"neither", path, `{}`, 400, "exactly one of id and all"},
		{"both", path, `{"id":"p-1","all":true}`, 400, "exactly one of id and all"},
		{"unknown job", path, `{"id":"p-9"}`, 404, "no such job"},
		{"job of another queue", "/api/queues/enrichment-jobs/replay", `{"id":"p-1"}`, 404, "no dead job"},
		{"unknown queue", "/api/queues/other/replay", `{"all":true}`, 404, "unknown queue"},
		{"a long id", path, `{"id":"` + strings.Repeat("a", 200) + `"}`, 400, "at most 128 characters"},
		{"one", path, `{"id":"p-1"}`, 200, `{"replayed":1}`},
		{"the same again", path, `{"id":"p-1"}`, 404, "no such job"},
		{"the rest", path, `{"all":true}`, 200, `{"replayed":2}`},
	}
	for _, tc := range tests { // in this order
		answer := dashboard.Post(t, tc.path, tc.body)
		assert.Equal(t, tc.status, answer.Status, "%s: %s", tc.name, answer.Body)
		assert.Contains(t, answer.Body, tc.says, tc.name)
	}
	assert.InDelta(t, 0, get(t, dashboard, "/api/queues").at(t, "queues", "critical-jobs", "dead"), 0)
}

func TestAlerts(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), nil)
	assert.Equal(t, []any{}, get(t, dashboard, "/api/alerts")["alerts"])
	notification := `{"version":"4","groupKey":"{}","status":"firing","receiver":"dashboard","groupLabels":{},"alerts":[
		{"status":"firing","labels":{"alertname":"LatencyBudgetBurn","severity":"page","sloth_service":"deals","sloth_slo":"latency"},
		 "annotations":{"summary":"too fast"},"startsAt":"2026-01-02T03:04:05Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"ab"},
		{"status":"resolved","labels":{"alertname":"TargetDown","job":"price-service"},
		 "startsAt":"2026-01-02T03:04:05Z","endsAt":"2026-01-02T03:05:00Z","fingerprint":"cd"}]}`
	answer := dashboard.Post(t, "/api/alerts", notification)
	assert.Equal(t, http.StatusOK, answer.Status, answer.Body)
	assert.JSONEq(t, `{"taken":2}`, answer.Body)
	alerts := get(t, dashboard, "/api/alerts")
	assert.Equal(t, "page", alerts.at(t, "alerts", "LatencyBudgetBurn", "severity"))
	assert.Nil(t, alerts.at(t, "alerts", "LatencyBudgetBurn", "endsAt"))
	assert.Equal(t, "2026-01-02T03:05:00Z", alerts.at(t, "alerts", "TargetDown", "endsAt"))
	assert.Equal(t, "price-service", alerts.at(t, "alerts", "TargetDown", "component"))

	for name, body := range map[string]string{"no JSON": "{", "another version": `{"version":"5"}`, "too large": `{"version":"4","x":"` + strings.Repeat("x", 2<<20) + `"}`} {
		assert.Equal(t, http.StatusBadRequest, dashboard.Post(t, "/api/alerts", body).Status, name)
	}
}

func TestAlertsAreBounded(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), nil)
	alert := `{"status":"firing","labels":{"alertname":"` + strings.Repeat("é", 400) + `"}}`
	for i := range 4 {
		body := fmt.Sprintf(`{"version":"4","alerts":[%s%s]}`, strings.Repeat(alert+",", 149), alert)
		assert.JSONEq(t, `{"taken":100}`, dashboard.Post(t, "/api/alerts", body).Body, i)
	}
	kept, _ := get(t, dashboard, "/api/alerts")["alerts"].([]any)
	require.Len(t, kept, 200)
	assert.Equal(t, strings.Repeat("é", 300), next(kept[0], "name"))
}

func TestLinks(t *testing.T) {
	there := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(there.Close)
	dead := testkit.DeadURL(t)
	dashboard := run(t, dead, map[string]string{
		"GRAFANA_URL": there.URL, "TEMPO_URL": there.URL, "PYROSCOPE_PAGE_URL": dead, "ALERTMANAGER_URL": dead, "QUEUE_UI_URL": there.URL,
		"PUBLIC_GRAFANA_URL": "https://grafana.example/",
	})
	links := get(t, dashboard, "/api/links")
	assert.Equal(t, true, links.at(t, "pages", "grafana", "available"))
	assert.Equal(t, "https://grafana.example/d/deals-overview?from={from}&to={to}", links.at(t, "pages", "grafana", "links", "overview", "url"))
	assert.Contains(t, links.at(t, "pages", "tempo", "links", "trace", "url"), "https://grafana.example/explore?")
	assert.Contains(t, links.at(t, "pages", "tempo", "links", "trace", "url"), "{trace}")
	assert.Equal(t, false, links.at(t, "pages", "pyroscope", "available"))
	assert.Equal(t, []any{}, links.at(t, "pages", "pyroscope", "links"), "none into what is not there")
	assert.Equal(t, there.URL+"/queues/{queue}", links.at(t, "pages", "queue-ui", "links", "queue", "url"))
}

// pyroscope returns the URL of a server that answers as Pyroscope does when one trace has a sample.
func pyroscope(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"series":[{"labels":[{"name":"span_name","value":"GET /price/:dealId"}],"slots":[{"exemplars":[
			{"timestamp":"1795814992000","spanId":"00f067aa0ba902b7","value":"10000000","traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}]}]}]}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestBusyTraces asks for the traces of components, with and without Pyroscope.
func TestBusyTraces(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"PYROSCOPE_PAGE_URL": pyroscope(t)})
	traces := dashboard.Get(t, "/api/topology/price-service/traces")
	assert.Equal(t, http.StatusOK, traces.Status, traces.Body)
	assert.Contains(t, traces.Body, `"windowSec":900,"traces":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","span":"GET /price/:dealId","cpuMs":10,`)
	for _, other := range []string{"redis", "tempo", "nobody", `price-service"} or {a="b`} {
		assert.Equal(t, http.StatusNotFound, dashboard.Get(t, "/api/topology/"+url.PathEscape(other)+"/traces").Status, other)
	}

	without := run(t, testkit.DeadURL(t), map[string]string{"PYROSCOPE_PAGE_URL": testkit.DeadURL(t)})
	answer := without.Get(t, "/api/topology/price-service/traces")
	assert.Equal(t, http.StatusServiceUnavailable, answer.Status)
	assert.Contains(t, answer.Body, `"code":"profiles_unavailable"`)
}

// standIn replaces k6. It runs until SIGINT.
const standIn = "#!/bin/sh\ntrap 'exit 105' INT\nwhile :; do sleep 0.02; done\n"

func TestScenarios(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "k6")
	require.NoError(t, os.WriteFile(binary, []byte(standIn), 0o700)) //nolint:gosec // G306: it is to be run
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"K6_BINARY": binary, "SCENARIO_LIMIT": "1"})
	tests := []struct {
		name, path, body string
		status           int
		says             string
	}{
		{"unknown", "/api/scenario/other", ``, 404, "no such scenario"},
		{"too much", "/api/scenario/spike", `{"active":true,"intensity":1000}`, 400, "intensity out of range"},
		{"no number", "/api/scenario/spike", `{"active":true,"intensity":"2"}`, 400, "intensity"},
		{"unknown member", "/api/scenario/spike", `{"actve":true}`, 400, `unknown field \"actve\"`},
		{"no JSON", "/api/scenario/spike", `{`, 400, "body"},
		{"start", "/api/scenario/spike", `{"active":true,"intensity":2}`, 200, `"active":true`},
		{"start again", "/api/scenario/spike", `{"active":true}`, 200, `"intensity":2,`},
		{"more than may run", "/api/scenario/normal", ``, 409, "the limit of concurrent scenarios is reached"},
		{"toggle", "/api/scenario/spike", ``, 200, `"active":false`},
	}
	for _, tc := range tests { // in this order
		answer := dashboard.Post(t, tc.path, tc.body)
		assert.Equal(t, tc.status, answer.Status, "%s: %s", tc.name, answer.Body)
		assert.Contains(t, answer.Body, tc.says, tc.name)
	}
	dashboard.Await(t, "/api/scenarios/history", func(a testkit.Answer) bool { return strings.Contains(a.Body, `"outcome":"stopped"`) })
}

// TestDefaultScenario checks that the default scenario starts once the API is ready.
func TestDefaultScenario(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "k6")
	require.NoError(t, os.WriteFile(binary, []byte(standIn), 0o700)) //nolint:gosec // G306: it is to be run
	var ready atomic.Bool
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(api.Close)
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"K6_BINARY": binary, "SCENARIO_AUTOSTART": "true", "EXPERIENCE_API_URL": api.URL})
	assert.InDelta(t, 0, get(t, dashboard, "/api/scenarios")["running"], 0)
	ready.Store(true)
	dashboard.Await(t, "/api/scenarios", func(a testkit.Answer) bool { return strings.Contains(a.Body, `"running":1`) })
	assert.Equal(t, true, get(t, dashboard, "/api/scenarios").at(t, "scenarios", "normal", "active"))
	require.NoError(t, dashboard.Stop(), "k6 is stopped with the dashboard")
}

func TestPage(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), nil)
	page := dashboard.Get(t, "/")
	assert.Equal(t, http.StatusOK, page.Status)
	assert.Contains(t, page.Body, "<title>")
	var document object
	require.NoError(t, json.Unmarshal([]byte(dashboard.Get(t, "/api/openapi.json").Body), &document))
	assert.Equal(t, "3.1.0", document["openapi"])
}
