package experiment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/lab/experiment"
)

// TestMetricsSayWhatRuns follows the series through a run.
func TestMetricsSayWhatRuns(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	l := newLabWith(t, registry)
	seen := map[string]bool{}
	before := time.Now()
	_, err := l.engine.Run(t.Context(), retries(), experiment.Options{Repeats: 1}, func(experiment.Progress) {
		for _, line := range seriesOf(t, registry) {
			seen[line] = true
		}
	})
	require.NoError(t, err)
	for _, want := range []string{
		"deals_experiment_info{arm=bad,experiment=retries,phase=settling} 1", "deals_experiment_info{arm=bad,experiment=retries,phase=loading} 1",
		"deals_experiment_info{arm=good,experiment=retries,phase=measuring} 1", "deals_experiment_round{experiment=retries} 1",
		"deals_experiment_disturbance_info{disturbance=prices are slow,experiment=retries} 1",
	} {
		assert.True(t, seen[want], want)
	}
	left := seriesOf(t, registry)
	require.Len(t, left, 2, "after the run there are only the starts of the loads: %v", left)
	for _, line := range left {
		assert.True(t, strings.HasPrefix(line, "deals_experiment_load_start_time_seconds{arm="), line)
	}
	starts, err := registry.Gather()
	require.NoError(t, err)
	bad, good := starts[0].GetMetric()[0].GetGauge().GetValue(), starts[0].GetMetric()[1].GetGauge().GetValue()
	assert.GreaterOrEqual(t, bad, float64(before.Unix()))
	assert.Greater(t, good, bad+1, "the second load starts after the end of the first one")
}

// TestMetricsOfADisturbance are gone with the load that it disturbs.
func TestMetricsOfADisturbance(t *testing.T) {
	t.Parallel()
	metrics := experiment.NewMetrics()
	at := experiment.Progress{Arm: "good", Round: 2, Phase: experiment.Loading, Started: time.Unix(1_700_000_000, 5e8), Disturbed: "prices are slow"}
	metrics.Show("retries", at)
	require.NoError(t, testutil.CollectAndCompare(metrics, strings.NewReader(`
# HELP deals_experiment_disturbance_info 1 for what disturbs the platform now.
# TYPE deals_experiment_disturbance_info gauge
deals_experiment_disturbance_info{disturbance="prices are slow",experiment="retries"} 1
# HELP deals_experiment_info 1 for the arm and the phase of the experiment that runs.
# TYPE deals_experiment_info gauge
deals_experiment_info{arm="good",experiment="retries",phase="loading"} 1
# HELP deals_experiment_load_start_time_seconds Unix time at which the last load of an arm started.
# TYPE deals_experiment_load_start_time_seconds gauge
deals_experiment_load_start_time_seconds{arm="good",experiment="retries"} 1.7000000005e+09
# HELP deals_experiment_round Round of the experiment that runs, from 1.
# TYPE deals_experiment_round gauge
deals_experiment_round{experiment="retries"} 2
`)))
	at.Phase = experiment.Measuring
	metrics.Show("retries", at)
	assert.Zero(t, testutil.CollectAndCount(metrics, "deals_experiment_disturbance_info"))
}

// seriesOf returns the series of a registry with their labels and values.
func seriesOf(t *testing.T, registry prometheus.Gatherer) []string {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	var lines []string
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, label := range metric.GetLabel() {
				labels = append(labels, label.GetName()+"="+label.GetValue())
			}
			value := strings.TrimSuffix(strings.TrimPrefix(metric.GetGauge().String(), "value:"), " ")
			lines = append(lines, family.GetName()+"{"+strings.Join(labels, ",")+"} "+value)
		}
	}
	return lines
}
