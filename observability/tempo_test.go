package observability_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.yaml.in/yaml/v3"

	"deals.example/observability"
)

// spanMetrics is Tempo's configuration of span metrics.
type spanMetrics struct {
	Dimensions       []string
	EnableTargetInfo bool      `yaml:"enable_target_info"`
	HistogramBuckets []float64 `yaml:"histogram_buckets"`
	FilterPolicies   []struct {
		Exclude struct{ Attributes []map[string]string }
	} `yaml:"filter_policies"`
}

// Tempo's span metrics have the labels and buckets of the components' own, so that both can be compared, and leave Redis out.
func TestSpanMetricsAreLikeOurOwn(t *testing.T) {
	text, err := observability.Files.ReadFile("tempo/tempo.yaml")
	require.NoError(t, err)
	var tempo struct {
		Generator struct {
			Processor struct {
				SpanMetrics spanMetrics `yaml:"span_metrics"`
			}
		} `yaml:"metrics_generator"`
	}
	require.NoError(t, yaml.Unmarshal(text, &tempo))
	got := tempo.Generator.Processor.SpanMetrics
	assert.Equal(t, observability.LatencyBuckets(), got.HistogramBuckets)
	assert.Equal(t, []string{string(semconv.HTTPRouteKey), string(semconv.HTTPResponseStatusCodeKey)}, got.Dimensions)
	assert.True(t, got.EnableTargetInfo)
	require.Len(t, got.FilterPolicies, 1)
	redis := semconv.DBSystemNameRedis
	assert.Equal(t, []map[string]string{{"key": "span." + string(redis.Key), "value": redis.Value.AsString()}}, got.FilterPolicies[0].Exclude.Attributes)
}
