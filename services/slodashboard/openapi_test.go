package slodashboard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/queue/queuetest"
	"deals.example/internal/testkit"
	"deals.example/lab/experiment"
	"deals.example/services/price"
	"deals.example/services/slodashboard"
	"deals.example/services/slodashboard/api"
)

// schemas returns the schemas of the answers.
func schemas(t *testing.T) func(method, path, status string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(api.OpenAPI())))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("openapi.json", document))
	return func(method, path, status string) *jsonschema.Schema {
		pointer := strings.Join([]string{
			"", "paths", strings.ReplaceAll(path, "/", "~1"), strings.ToLower(method), "responses", status, "content", "application~1json", "schema",
		}, "/")
		schema, err := compiler.Compile("openapi.json#" + pointer)
		require.NoError(t, err)
		return schema
	}
}

const someRun = "20260102-030405-breaker"

// results returns a folder with the result of a run.
func results(t *testing.T) string {
	t.Helper()
	catalog, err := experiment.Load()
	require.NoError(t, err)
	e, known := catalog.Find("breaker")
	require.True(t, known)
	dir := t.TempDir()
	store, err := experiment.NewStore(dir)
	require.NoError(t, err)
	one := []float64{1}
	round := experiment.Round{
		Arm: e.Arms[0].ID, Number: 1, Values: map[string]*float64{e.Measures[0].ID: new(0.5)},
		Charts: []experiment.Chart{{Stream: "details", Due: one, Good: one, Refused: one, P95Ms: one}},
	}
	require.NoError(t, store.Add(experiment.Result{ID: someRun, Experiment: e, Rounds: []experiment.Round{round}}))
	return dir
}

// TestAnswersMatchOpenAPI calls every operation once and validates the answer. All succeed but those that need k6.
func TestAnswersMatchOpenAPI(t *testing.T) {
	redis := testkit.Redis(t)
	queuetest.Bury(t, redis.Client(t), "p-1")
	service := testkit.Run(t, app.Define(app.Info{Name: "price-service", Defaults: price.Faults()}, price.Build), nil)
	dashboard := run(t, traffic().play(t).URL, map[string]string{
		"REDIS_URL": redis.URL, "PRICE_SERVICE_URL": service.URL, slodashboard.ResultsVariable: results(t), "PYROSCOPE_PAGE_URL": pyroscope(t),
	})
	paths := map[string]string{
		"whatIf":     "/api/slo/what-if?objective=deals-lab-time-latency&targetMs=200",
		"replay":     "/api/queues/critical-jobs/replay",
		"experiment": "/api/experiments/breaker", "runExperiment": "/api/experiments/breaker", "experimentResult": "/api/experiments/breaker/runs/" + someRun,
	}
	bodies := map[string]string{
		"replay": `{"id":"p-1"}`, "setFaults": `{"failureRate":0.1}`, "setCapacity": `{"capacity":9}`, "setControl": `{"control":"queue","option":"unbounded"}`,
		"notify": `{"version":"4","alerts":[{"status":"firing"}]}`,
	}
	failing := map[string]bool{"scenario": true, "runExperiment": true} // there is no k6
	schema := schemas(t)
	dashboard.Await(t, paths["whatIf"], func(a testkit.Answer) bool { return a.Status == http.StatusOK }) // the rules are evaluated
	for _, e := range api.Endpoints() {
		t.Run(e.ID, func(t *testing.T) {
			path, special := paths[e.ID]
			if !special {
				path = strings.NewReplacer("{service}", "price-service", "{component}", "price-service", "{node}", "price-service", "{id}", "spike").Replace(e.Path)
			}
			if _, ok := e.Params.(api.HistoryParams); ok {
				path += "?history=1m"
			}
			answer := dashboard.Do(t, e.Method, path, bodies[e.ID], nil)
			status, described := http.StatusOK, "200"
			if failing[e.ID] {
				status, described = http.StatusServiceUnavailable, "default"
			}
			require.Equal(t, status, answer.Status, answer.Body)
			body, err := jsonschema.UnmarshalJSON(strings.NewReader(answer.Body))
			require.NoError(t, err)
			assert.NoError(t, schema(e.Method, e.Path, described).Validate(body), answer.Body)
		})
	}
}
