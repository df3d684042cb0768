package slo_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/slo"
	"deals.example/slo/indicators"
)

// bad returns the value from which a number is bad.
func bad(t *testing.T, kind, number string) float64 {
	t.Helper()
	all := indicators.Thresholds()
	at := slices.IndexFunc(all, func(one indicators.Threshold) bool { return one.Kind == kind && one.Number == number })
	require.GreaterOrEqual(t, at, 0, "no threshold of %s %s", kind, number)
	return all[at].Bad
}

// Sloth's format has no variables, so the specs repeat the targets.
func TestSpecsMatchTargets(t *testing.T) {
	t.Parallel()
	jobSeconds := bad(t, "queue", "lagSec")
	tests := map[string][]string{
		"availability":  {fmt.Sprintf("objective: %d\n", 100-indicators.ErrorRatePctTarget), fmt.Sprintf(`le="%g"`, float64(indicators.P95LatencyMsTarget)/1000)},
		"latency":       {fmt.Sprintf(`le="%g"`, float64(indicators.P95LatencyMsTarget)/1000), fmt.Sprintf("within %d ms", indicators.P95LatencyMsTarget), "objective: 95\n"},
		"queue-depth":   {fmt.Sprintf(">= bool %d)", indicators.QueueDepthTarget), fmt.Sprintf("Fewer than %d jobs", indicators.QueueDepthTarget), indicators.QueueDepth},
		"job-freshness": {fmt.Sprintf(`le="%.1f"`, jobSeconds), fmt.Sprintf("within %g s", jobSeconds)},
	}
	for name, wanted := range tests {
		spec := string(read(t, "specs/"+name+".yaml"))
		for _, want := range wanted {
			assert.Contains(t, spec, want, name)
		}
	}
}

// The page's burn rate thresholds equal the lowest burn rates of the page and ticket alerts.
func TestBurnRateThresholds(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"30d", "lab-time"} {
		alerts := committed(t, "rules/availability."+set+".yaml")[2].Rules
		assert.Contains(t, alerts[0].Annotations["description"], fmt.Sprintf("or %g over", bad(t, "objective", "burnRate")), set)
		assert.Contains(t, alerts[1].Annotations["description"], "or 1 over", set)
	}
}

func TestInvalidIndicators(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, fault string }{
		"an unknown query": {
			"window: 15s\nindicators:\n  - {name: rate, query: rat, unit: rps}\n",
			`indicators.yaml:3: indicators[0].query: got "rat", want the name of a query`,
		},
		"an unknown unit": {
			"window: 15s\nqueries: [{name: rate, query: up}]\nindicators:\n  - {name: rate, query: rate, unit: hours}\n",
			`indicators.yaml:4: indicators[0].unit: got "hours", want rps, percent, ms, count or s`,
		},
		"a later query": {
			"window: 15s\nqueries:\n  - {name: a, query: \"{{.b}}\"}\n  - {name: b, query: up}\n",
			`indicators.yaml:3: queries[0].query: {{.b}} is not an earlier query`,
		},
		"the same name twice": {
			"window: 15s\nqueries:\n  - {name: a, query: up}\n  - {name: a, query: up}\n",
			`indicators.yaml:4: queries[1].name: got "a", want each name once`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := slo.Load(catalogOf(map[string]string{"indicators.yaml": tc.content}))
			assert.EqualError(t, err, tc.fault)
		})
	}
}

// Scenarios query the recorded indicators instead of repeating the formulas.
func TestScenariosUseTheRecordedIndicators(t *testing.T) {
	t.Parallel()
	var catalog struct {
		Scenarios []struct {
			Expectations []struct {
				Query string `yaml:"query"`
			} `yaml:"expectations"`
		} `yaml:"scenarios"`
	}
	require.NoError(t, yaml.Unmarshal(read(t, "../k6/scenarios/catalog.yaml"), &catalog))
	copies := []string{indicators.QueueDepth, "experience_http_request_errors_total", "experience_upstream_failures_total"}
	for _, scenario := range catalog.Scenarios {
		for _, expectation := range scenario.Expectations {
			for _, formula := range copies {
				assert.NotContains(t, expectation.Query, formula)
			}
		}
	}
}
