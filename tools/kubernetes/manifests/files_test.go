package manifests_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// checkConfiguration compares what the servers mount with the files that compose mounts, and finds the files that a
// kustomization.yaml forgets.
func checkConfiguration(t *testing.T, b built) {
	t.Helper()
	for configMap, patterns := range map[string][]string{
		"prometheus":         {"observability/prometheus/prometheus.yml", "observability/prometheus/compose/alertmanagers.yaml"},
		"prometheus-rules":   {"observability/prometheus/rules/*.yaml"},
		"prometheus-slo":     {"slo/rules/*.yaml"},
		"alertmanager":       {"observability/alertmanager/alertmanager.yml", "observability/alertmanager/compose/webhook-url"},
		"tempo":              {"observability/tempo/*.yaml"},
		"loki":               {"observability/loki/*.yaml"},
		"pyroscope":          {"observability/pyroscope/*.yaml"},
		"grafana":            {"grafana/grafana.ini", "grafana/provisioning/d*/*.yaml"},
		"grafana-dashboards": {"grafana/dashboards/*.json"},
	} {
		data := dataOf(t, b, configMap)
		for _, pattern := range patterns {
			paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
			require.NoError(t, err)
			require.NotEmpty(t, paths, pattern)
			for _, path := range paths {
				text, err := os.ReadFile(path) //nolint:gosec // G304: a file of this repository
				require.NoError(t, err)
				assert.Equal(t, string(text), data[filepath.Base(path)], "%s: %s", configMap, path)
				delete(data, filepath.Base(path))
			}
		}
		for _, own := range []string{"targets.yaml", "alerting.yaml", "plugins.yaml"} {
			delete(data, own)
		}
		assert.Empty(t, data, "%s has more than compose mounts", configMap)
	}
}

// dataOf returns the data of the ConfigMap of that name and a hash.
func dataOf(t *testing.T, b built, name string) map[string]string {
	t.Helper()
	for hashed, configMap := range b.configMaps {
		if hashed[:strings.LastIndexByte(hashed, '-')] == name {
			return configMap.Data
		}
	}
	require.Fail(t, "no ConfigMap "+name)
	return nil
}

// TestOperatorHasTheRulesOfPrometheus compares the groups of the operator's rules with those of the files that Prometheus reads.
func TestOperatorHasTheRulesOfPrometheus(t *testing.T) {
	tree := load(t)
	b := build(t, tree, decoder(t), combine(t, tree, "observability"))
	rules := 0
	for _, pattern := range []string{"slo/rules/*.yaml", "observability/prometheus/rules/*.yaml"} {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path) //nolint:gosec // G304: a file of this repository
			require.NoError(t, err)
			resource := b.custom["PrometheusRule/deals-"+strings.TrimSuffix(filepath.Base(path), ".yaml")]
			written, err := yaml.Marshal(resource["spec"])
			require.NoError(t, err)
			assert.JSONEq(t, asJSON(t, text), asJSON(t, written), path)
			rules++
		}
	}
	require.Positive(t, rules)
	for name := range b.custom {
		if strings.HasPrefix(name, "PrometheusRule/") {
			rules--
		}
	}
	assert.Zero(t, rules, "one resource for each file")
}

// asJSON returns YAML as JSON. kustomize adds an empty line to some expressions, which means nothing.
func asJSON(t *testing.T, text []byte) string {
	t.Helper()
	made, err := yaml.YAMLToJSON(text)
	require.NoError(t, err)
	return strings.ReplaceAll(string(made), `\n\n`, `\n`)
}
