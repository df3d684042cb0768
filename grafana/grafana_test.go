package grafana_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/grafana"
)

const columns = 24 // of Grafana's grid

func TestDashboardsAreUnique(t *testing.T) {
	t.Parallel()
	uids, titles := map[string]string{}, map[string]string{}
	for _, dashboard := range load(t) {
		assert.Equal(t, dashboard.UID+".json", dashboard.File, "file name and uid")
		assert.NotEmpty(t, dashboard.Description, "%s: description", dashboard.File)
		assert.Contains(t, dashboard.Tags, "deals", "%s: tag of the links between dashboards", dashboard.File)
		assert.NotContains(t, uids, dashboard.UID)
		assert.NotContains(t, titles, dashboard.Title)
		uids[dashboard.UID], titles[dashboard.Title] = dashboard.File, dashboard.File
	}
}

func TestPanelsAreDescribed(t *testing.T) {
	t.Parallel()
	eachPanel(t, func(t *testing.T, _ grafana.Dashboard, panel grafana.Panel) {
		t.Helper()
		assert.Positive(t, panel.ID, "id")
		assert.Contains(t, corePanels(), panel.Type, "a panel type of Grafana without plugins")
		assert.NotEmpty(t, panel.Title, "title")
		if panel.Type == "row" {
			return
		}
		assert.Regexp(t, `^[^\n]+\.$`, panel.Description, "description: sentences in one line")
		assert.NotEmpty(t, panel.FieldConfig.Defaults.Unit, "unit")
		assert.NotEmpty(t, panel.Targets, "queries")
	})
}

// TestDashboardsAnswerInOrder checks the order of the first rows: whether users are hurt, where, and why.
func TestDashboardsAnswerInOrder(t *testing.T) {
	t.Parallel()
	for _, dashboard := range load(t) {
		var rows []string
		for _, panel := range dashboard.Panels {
			if panel.Type == "row" {
				rows = append(rows, panel.Title)
			}
		}
		require.GreaterOrEqual(t, len(rows), 3, dashboard.Title)
		assert.Regexp(t, `^Are (users|clients) hurt\?$`, rows[0], dashboard.Title)
		assert.Regexp(t, `^Where: `, rows[1], dashboard.Title)
		assert.Regexp(t, `^Why: `, rows[2], dashboard.Title)
	}
}

// TestLinksBetweenSources checks the data sources that correlations, exemplars, spans and log lines link to.
func TestLinksBetweenSources(t *testing.T) {
	t.Parallel()
	uids := provisionedSources(t)
	text, err := os.ReadFile("provisioning/datasources/datasources.yaml")
	require.NoError(t, err)
	links := regexp.MustCompile(`(?:targetUID|datasourceUid): (\S+)`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, links)
	for _, link := range links {
		assert.Contains(t, uids, link[1], "%s", link[0])
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	t.Parallel()
	for _, dashboard := range load(t) {
		ids := map[int]string{}
		taken := map[[2]int]string{} // by column and line
		for _, panel := range dashboard.Panels {
			name := dashboard.Title + " / " + panel.Title
			assert.NotContains(t, ids, panel.ID, "%s: id %d is also the id of %s", name, panel.ID, ids[panel.ID])
			ids[panel.ID] = name
			at := panel.GridPos
			assert.LessOrEqual(t, at.X+at.W, columns, "%s is wider than the grid", name)
			for x := at.X; x < at.X+at.W; x++ {
				for y := at.Y; y < at.Y+at.H; y++ {
					require.Empty(t, taken[[2]int{x, y}], "%s overlaps", name)
					taken[[2]int{x, y}] = name
				}
			}
		}
	}
}

func TestQueriesAreComplete(t *testing.T) {
	t.Parallel()
	uids := provisionedSources(t)
	allowed := slices.Concat(uids, optionalSources())
	ranges := regexp.MustCompile(`\[[^]]+\]`)
	eachPanel(t, func(t *testing.T, _ grafana.Dashboard, panel grafana.Panel) {
		t.Helper()
		var refs []string
		for _, target := range panel.Targets {
			assert.NotContains(t, refs, target.RefID)
			refs = append(refs, target.RefID)
			assert.Contains(t, allowed, target.Datasource.UID, "a data source in provisioning/")
			assert.Equal(t, panel.Datasource, target.Datasource)
			assert.NotEmpty(t, target.Expr+target.Query+target.ProfileTypeID+target.QueryType, "a query")
			for _, span := range ranges.FindAllString(target.Expr, -1) {
				assert.Equal(t, "[$__rate_interval]", span, "a range that adapts to the time range")
			}
		}
	})
}

func TestVariablesAreKnown(t *testing.T) {
	t.Parallel()
	for _, dashboard := range load(t) {
		for _, query := range dashboard.Queries("20s") {
			assert.NotContains(t, query.Expr, "$", "%s: a variable without a value", query.Where)
		}
	}
}

// TestPanelsOfAbsentServers checks that a panel of a server that need not run queries it only while it runs, and says so otherwise.
func TestPanelsOfAbsentServers(t *testing.T) {
	t.Parallel()
	uids := provisionedSources(t)
	found := map[string]bool{}
	for _, dashboard := range load(t) {
		variables := map[string]grafana.Variable{}
		for _, variable := range dashboard.Templating.List {
			variables[variable.Name] = variable
		}
		for _, panel := range dashboard.Panels {
			if panel.Type == "row" || panel.Datasource.UID == "prometheus" {
				continue
			}
			name, _ := strings.CutSuffix(strings.TrimPrefix(panel.Datasource.UID, "${"), "}")
			found[name] = true
			assert.Contains(t, optionalSources(), panel.Datasource.UID, "%s / %s", dashboard.Title, panel.Title)
			assert.Contains(t, uids, name, "the variable of a data source has its uid as name")
			assert.Contains(t, panel.Title, "(${"+name+":text})", "%s: the title names the server while it is absent", dashboard.Title)
			assert.NotEmpty(t, panel.FieldConfig.Defaults.NoValue, "%s / %s: text for an empty panel", dashboard.Title, panel.Title)
			query := variables[name].Query
			assert.Contains(t, query, `up{job="`+name+`"}`, "%s: Prometheus knows whether the server runs", dashboard.Title)
			assert.Contains(t, query, `"uid", "`+name+`"`)
			assert.Contains(t, query, `"uid", "alertmanager"`, "a data source that answers with nothing")
		}
	}
	assert.Len(t, found, len(optionalSources()), "every optional server has panels")
}

// TestSeriesHaveOneColour checks that series with the same name have the same colour on all panels.
func TestSeriesHaveOneColour(t *testing.T) {
	t.Parallel()
	colours, first := map[string]string{}, map[string]string{}
	eachPanel(t, func(t *testing.T, dashboard grafana.Dashboard, panel grafana.Panel) {
		t.Helper()
		for _, override := range panel.FieldConfig.Overrides {
			for _, property := range override.Properties {
				name := override.Matcher.Options
				var value struct{ Mode, FixedColor string }
				if property.ID != "color" || json.Unmarshal(property.Value, &value) != nil || value.Mode != "fixed" {
					continue
				}
				if colours[name] == "" {
					colours[name], first[name] = value.FixedColor, dashboard.Title+" / "+panel.Title
				}
				assert.Equal(t, colours[name], value.FixedColor, "%q has another colour in %s", name, first[name])
			}
		}
	})
}

func load(t *testing.T) []grafana.Dashboard {
	t.Helper()
	dashboards, err := grafana.Dashboards()
	require.NoError(t, err)
	require.NotEmpty(t, dashboards)
	return dashboards
}

func eachPanel(t *testing.T, check func(t *testing.T, dashboard grafana.Dashboard, panel grafana.Panel)) {
	t.Helper()
	for _, dashboard := range load(t) {
		for _, panel := range dashboard.Panels {
			t.Run(dashboard.Title+"/"+panel.Title, func(t *testing.T) { check(t, dashboard, panel) })
		}
	}
}

// corePanels returns the panel types in use, all of which are part of Grafana 12 and 13.
func corePanels() []string {
	return []string{"flamegraph", "heatmap", "logs", "nodeGraph", "row", "stat", "state-timeline", "table", "timeseries"}
}

// optionalSources returns the variables that stand for data sources whose servers need not run.
func optionalSources() []string { return []string{"${loki}", "${pyroscope}", "${tempo}"} }

// provisionedSources returns the uids of the provisioned data sources.
func provisionedSources(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("provisioning/datasources/datasources.yaml")
	require.NoError(t, err)
	var uids []string
	for line := range strings.Lines(string(text)) {
		if uid, ok := strings.CutPrefix(strings.TrimSpace(line), "uid: "); ok {
			uids = append(uids, uid)
		}
	}
	slices.Sort(uids)
	require.Equal(t, []string{"alertmanager", "loki", "prometheus", "pyroscope", "tempo"}, uids)
	return uids
}
