package slodashboard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// TestReplayOfTheDashboard runs an arm of the experiment alerting, which needs neither k6 nor Prometheus nor any other part of the platform.
func TestReplayOfTheDashboard(t *testing.T) {
	dashboard := run(t, "http://127.0.0.1:1", map[string]string{"PROMTOOL_BINARY": testkit.Promtool(t)})
	started := dashboard.Post(t, "/api/experiments/alerting", `{"arm":"at-once","quick":true}`)
	require.Equal(t, http.StatusOK, started.Status, started.Body)
	assert.Empty(t, get(t, dashboard, "/api/scenarios").at(t, "experiment"), "scenarios are not paused")
	dashboard.Await(t, "/api/experiments", func(a testkit.Answer) bool { return strings.Contains(a.Body, `"state":"done"`) })

	answer := dashboard.Get(t, "/api/experiments/alerting")
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(answer.Body))
	require.NoError(t, err)
	require.NoError(t, schemas(t)(http.MethodGet, "/api/experiments/{id}", "200").Validate(body), answer.Body)
	e := get(t, dashboard, "/api/experiments/alerting")
	assert.Equal(t, []any{true, "", 4080.0}, []any{e.at(t, "replay"), e.at(t, "missing"), e.at(t, "lengthSec")})
	assert.Equal(t, []any{1.0, false}, []any{e.at(t, "result", "repeats"), e.at(t, "result", "quick")})
	assert.Len(t, e.at(t, "result", "replay", "errorRatio"), 2040)
	pages, is := e.at(t, "result", "replay", "pages").([]any)
	require.True(t, is)
	assert.Len(t, pages, 6)
	assert.Equal(t, map[string]any{"arm": "at-once", "fromSec": 3608.0, "toSec": 3956.0}, pages[5])
}

func TestReplayWithoutPromtool(t *testing.T) {
	dashboard := run(t, "http://127.0.0.1:1", map[string]string{"PROMTOOL_BINARY": "/nonexistent/promtool"})
	answer := dashboard.Post(t, "/api/experiments/alerting", "")
	assert.Equal(t, http.StatusServiceUnavailable, answer.Status)
	assert.Contains(t, answer.Body, `"code":"promtool_unavailable","error":"promtool is neither beside this program nor on PATH: make build builds it`)
	missing, is := get(t, dashboard, "/api/experiments/alerting").at(t, "missing").(string)
	require.True(t, is)
	assert.Contains(t, missing, "promtool is neither beside this program nor on PATH")
	assert.Empty(t, get(t, dashboard, "/api/experiments/breaker").at(t, "replay"))
}
