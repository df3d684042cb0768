package platform_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

// TestTable holds the rows against each other: no name or port is there twice, and what a row names is there.
func TestTable(t *testing.T) {
	names, ports := map[string]bool{}, map[int]string{platform.OTLPPort: "OTLP"}
	for _, part := range platform.Parts() {
		assert.NotContains(t, names, part.Name)
		assert.NotContains(t, ports, part.Port, part.Name)
		names[part.Name], ports[part.Port] = true, part.Name
		assert.NotEmpty(t, part.Kind, part.Name)
		assert.NotEmpty(t, part.Color, part.Name)
		assert.NotEmpty(t, part.Label, part.Name)
		assert.NotEmpty(t, part.Summary, part.Name)
		if part.Faultable {
			assert.NotEmpty(t, part.URLVar, "%s: its fault is changed at its URL", part.Name)
		}
	}
	for _, part := range platform.Parts() {
		for _, upstream := range part.Upstreams {
			assert.Contains(t, names, upstream, part.Name)
		}
	}
}

func TestPrometheusScrapesAndEvaluatesAtTheIntervals(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "observability", "prometheus", "prometheus.yml"))
	require.NoError(t, err)
	assert.Contains(t, string(text), fmt.Sprintf("scrape_interval: %v ", platform.ScrapeInterval))
	assert.Contains(t, string(text), fmt.Sprintf("evaluation_interval: %v\n", platform.EvaluationInterval))
}

func TestURLs(t *testing.T) {
	urls := platform.URLs(func(p platform.Part) string { return p.At(p.Name) })
	assert.Equal(t, "http://deal-service:3001", urls["DEAL_SERVICE_URL"])
	assert.Equal(t, "http://rating-service-a:3004,http://rating-service-b:3006", urls["LB_TARGETS"], "replicas share a setting")
	assert.NotContains(t, urls, "")
	assert.Equal(t, "http://127.0.0.1:3000", platform.URL(platform.ExperienceAPI))
	assert.Empty(t, platform.URL("deal-servise"))
}
