package slo_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/platform"
	"deals.example/slo"
)

const (
	repository = ".."
	causes     = "../observability/prometheus/rules/causes.yaml"
	runbooks   = "docs/runbooks"
)

// rulesFile is a rules file.
type rulesFile struct {
	Groups []rulesGroup `yaml:"groups"`
}

type rulesGroup struct {
	Name     string `yaml:"name"`
	Interval string `yaml:"interval"`
	Rules    []rule `yaml:"rules"`
}

type rule struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           model.Duration    `yaml:"for,omitempty"`
	KeepFiringFor model.Duration    `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   map[string]string `yaml:"annotations,omitempty"`
}

func (r rule) name() string { return r.Record + r.Alert }

func committed(t *testing.T, file string) []rulesGroup {
	t.Helper()
	var rules rulesFile
	require.NoError(t, yaml.Unmarshal(read(t, file), &rules))
	return rules.Groups
}

func committedFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("rules/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return append(files, causes)
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	if *update {
		_, err := slo.Generate(".")
		require.NoError(t, err)
	}
	drifts, err := slo.Check(".")
	require.NoError(t, err)
	for _, drift := range drifts {
		t.Errorf("%s is out of date; run make generate\n%s", drift.File, drift.Diff())
	}
}

// Prometheus accepts two groups that record the same series and mixes their samples.
func TestRecordedSeriesAreUnique(t *testing.T) {
	t.Parallel()
	type identity struct{ record, id, window string }
	seen := map[identity]string{}
	for _, file := range committedFiles(t) {
		for _, group := range committed(t, file) {
			for _, rule := range group.Rules {
				if rule.Record == "" {
					continue
				}
				this := identity{rule.Record, rule.Labels["sloth_id"], rule.Labels["sloth_window"]}
				assert.Empty(t, seen[this], "%v is also recorded by %s", this, file)
				seen[this] = file
			}
		}
	}
}

// The period of lab-time is a window of the 30 days, of which the series means something else.
func TestOneSeriesOverAnHour(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for _, file := range committedFiles(t) {
		for _, group := range committed(t, file) {
			for _, rule := range group.Rules {
				if rule.Record == "slo:sli_error:ratio_rate1h" {
					found[rule.Labels["sloth_slo"]]++
				}
			}
		}
	}
	assert.Equal(t, map[string]int{"availability": 1, "job-freshness": 1, "latency": 1, "purchase-completion": 1, "queue-depth": 1}, found)
}

func TestAlertsHaveRunbooks(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, file := range committedFiles(t) {
		for _, group := range committed(t, file) {
			for _, rule := range group.Rules {
				if rule.Alert == "" {
					continue
				}
				assert.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
				assert.Contains(t, rule.Annotations["description"], "$value", rule.Alert)
				if rule.Labels["severity"] == "none" {
					continue
				}
				assert.Contains(t, []string{"page", "ticket"}, rule.Labels["severity"], rule.Alert)
				assert.Equal(t, platform.URL(platform.Dashboard)+"/runbooks/"+rule.Alert, rule.Annotations["runbook_url"])
				named[rule.Alert] = true
			}
		}
	}
	for alert := range named {
		assert.FileExists(t, filepath.Join(repository, runbooks, alert+".md"))
	}
	files, err := filepath.Glob(filepath.Join(repository, runbooks, "*.md"))
	require.NoError(t, err)
	for _, file := range files {
		alert := strings.TrimSuffix(filepath.Base(file), ".md")
		assert.True(t, named[alert], "%s belongs to no alert", file)
	}
}
