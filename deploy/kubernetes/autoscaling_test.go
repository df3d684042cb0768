package kubernetes_test

import (
	"regexp"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestAutoscalerQueries checks that what KEDA asks Prometheus is PromQL over metrics that the platform has.
func TestAutoscalerQueries(t *testing.T) {
	var scaled struct {
		Spec struct {
			Triggers []struct{ Metadata struct{ Query string } }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(readFile(t, "deploy/kubernetes/components/autoscaling/enrichment-worker.yaml")), &scaled))
	require.NotEmpty(t, scaled.Spec.Triggers)
	metrics := readFile(t, "docs/platform.md")
	parts := regexp.MustCompile(`_(sum|count)$`) // of a histogram
	for _, trigger := range scaled.Spec.Triggers {
		query := trigger.Metadata.Query
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(query)
		require.NoError(t, err, query)
		for _, selectors := range parser.ExtractSelectors(expression) {
			for _, matcher := range selectors {
				if matcher.Name == model.MetricNameLabel {
					assert.Contains(t, metrics, "`"+parts.ReplaceAllString(matcher.Value, "")+"`", query)
				}
			}
		}
	}
}
