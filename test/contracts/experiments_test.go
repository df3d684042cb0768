package contracts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/admin"
	"deals.example/internal/testkit"
	"deals.example/lab/control"
	"deals.example/lab/experiment"
	"deals.example/services/slodashboard/api"
)

// moreRounds is how many rounds decide when fewer did not keep what the experiment promises: a machine may be busy for the length of an arm.
const moreRounds = 3

// TestExperiments runs each experiment on a platform of real processes and wants its promises to be met, those of a quick run with one round
// unless -rounds asks for more.
func TestExperiments(t *testing.T) {
	if !*experiments {
		t.Skip("takes minutes: make experiments")
	}
	catalog, err := experiment.Load()
	require.NoError(t, err)
	d := newDashboard(t)
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, e := range catalog {
		t.Run(e.ID, func(t *testing.T) {
			result := d.run(t, e, *rounds)
			if result.Met < result.Of && *rounds < moreRounds {
				t.Logf("not kept: %+v; now the median of %d rounds counts", result.Promises, moreRounds)
				result = d.run(t, e, moreRounds)
			}
			for _, p := range result.Promises {
				fmt.Fprintf(rows, "%s\t%s\t%s\t%s\t%s\n", e.ID, p.Text, p.Bound, p.Measured, p.Outcome)
				assert.Equal(t, string(experiment.Met), p.Outcome, "%s: got %s, want %s", p.Text, p.Measured, p.Bound)
			}
			d.assertControlsAreBack(t)
		})
	}
	require.NoError(t, rows.Flush())
	t.Logf("rounds: %d\n%s", *rounds, table.String())
}

// dashboard is the dashboard of a platform.
type dashboard struct {
	platform   *testkit.Platform
	prometheus *testkit.PrometheusServer
	url        string
	components map[string]string // URLs of all components
}

func newDashboard(t *testing.T) dashboard {
	t.Helper()
	binary := testkit.K6(t)
	platform := testkit.NewPlatform(t, program, nil, []string{"--appendfsync", "everysec"})
	components := append(testkit.Upstreams(), "enrichment-worker", "critical-worker", "experience-api", "slo-dashboard")
	targets := map[string]string{}
	for _, component := range components {
		targets[component] = platform.URL(t, component)
	}
	prometheus := testkit.Prometheus(t, targets)
	platform.Start(t, components,
		"PROMETHEUS_URL="+prometheus.URL, "K6_BINARY="+binary, "PROMTOOL_BINARY="+testkit.Promtool(t), "SCENARIO_AUTOSTART=false")
	return dashboard{platform, prometheus, targets["slo-dashboard"], targets}
}

// run runs an experiment and returns its result.
func (d dashboard) run(t *testing.T, e experiment.Experiment, repeats int) api.ExperimentResult {
	t.Helper()
	body := api.ExperimentBody{Repeats: &repeats, Quick: *rounds == 1}
	d.call(t, http.MethodPost, "/"+e.ID, body, new(api.ExperimentRun))
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		<-ticker.C
		run := d.current(t)
		if run.EndedAt == nil {
			continue
		}
		require.Equal(t, "done", run.State, run.Error)
		var detail api.ExperimentDetail
		d.call(t, http.MethodGet, "/"+e.ID, nil, &detail)
		for _, row := range detail.Result.Table {
			t.Logf("%s: %s", row.Text, spreads(row))
		}
		return *detail.Result
	}
}

func spreads(row api.ExperimentMeasure) string {
	var all []string
	for _, arm := range row.Arms {
		all = append(all, arm.Arm+" "+experiment.Quantity(row.Unit, arm.Median))
	}
	return strings.Join(all, ", ")
}

// call sends a request about experiments and decodes the answer.
func (d dashboard) call(tb testing.TB, method, path string, body, answer any) {
	tb.Helper()
	text, err := json.Marshal(body)
	require.NoError(tb, err)
	request, err := http.NewRequestWithContext(tb.Context(), method, d.url+"/api/experiments"+path, bytes.NewReader(text))
	require.NoError(tb, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	require.NoError(tb, err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	require.Equal(tb, http.StatusOK, response.StatusCode, string(got))
	require.NoError(tb, json.Unmarshal(got, answer))
}

// assertControlsAreBack wants every control in force as it was at the start.
func (d dashboard) assertControlsAreBack(t *testing.T) {
	t.Helper()
	client := d.admin()
	for component := range d.components {
		var list control.List
		require.NoError(t, client.Get(t.Context(), component, control.Path, &list))
		for _, c := range list.Controls {
			assert.Equal(t, c.Start, c.Option, "%s of %s", c.Name, component)
		}
	}
}

func (d dashboard) admin() *admin.Client {
	return admin.New(d.components, &http.Transport{DisableKeepAlives: true}, "")
}
