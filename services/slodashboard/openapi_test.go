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
	"deals.example/services/price"
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

// TestAnswersMatchOpenAPI calls every operation once and validates the answer. All succeed but those that need k6.
func TestAnswersMatchOpenAPI(t *testing.T) {
	redis := testkit.Redis(t)
	queuetest.Bury(t, redis.Client(t), "p-1")
	service := testkit.Run(t, app.Define(app.Info{Name: "price-service", Defaults: price.Faults()}, price.Build), nil)
	dashboard := run(t, traffic().play(t).URL, map[string]string{"REDIS_URL": redis.URL, "PRICE_SERVICE_URL": service.URL})
	dashboard.Await(t, "/api/slo", func(a testkit.Answer) bool { return strings.Contains(a.Body, "deals-lab-time-latency") })

	paths := map[string]string{"node": "/api/topology/price-service", "replay": "/api/queues/critical-jobs/replay"}
	bodies := map[string]string{"replay": `{"id":"p-1"}`, "setFaults": `{"failureRate":0.1}`, "setCapacity": `{"capacity":9}`, "notify": `{"version":"4","alerts":[{"status":"firing"}]}`}
	failing := map[string]bool{"scenario": true} // there is no k6
	schema := schemas(t)
	for _, e := range api.Endpoints() {
		t.Run(e.ID, func(t *testing.T) {
			path, special := paths[e.ID]
			if !special {
				path = strings.NewReplacer("{service}", "price-service", "{id}", "spike").Replace(e.Path)
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
