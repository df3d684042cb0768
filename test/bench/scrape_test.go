package bench

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// scrape returns the metrics of a process by name.
func scrape(tb testing.TB, at string) map[string]*dto.MetricFamily {
	tb.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(mustGet(tb, at+"/metrics")))
	require.NoError(tb, err)
	return families
}

// value returns the sum of a counter's or gauge's series.
func value(tb testing.TB, at, name string) float64 {
	tb.Helper()
	family := scrape(tb, at)[name]
	require.NotNil(tb, family, "%s has no %s", at, name)
	var sum float64
	for _, metric := range family.GetMetric() {
		sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
	}
	return sum
}

// cpuSeconds returns the CPU time of the processes so far.
func cpuSeconds(tb testing.TB, at ...string) float64 {
	tb.Helper()
	var sum float64
	for _, one := range at {
		sum += value(tb, one, "process_cpu_seconds_total")
	}
	return sum
}

// observed returns how often a histogram was observed, and the sum, over the series that have a label with that value.
func observed(tb testing.TB, at, name, label, has string) (count, sum float64) {
	tb.Helper()
	for _, metric := range scrape(tb, at)[name].GetMetric() {
		for _, pair := range metric.GetLabel() {
			if pair.GetName() == label && strings.Contains(pair.GetValue(), has) {
				count += float64(metric.GetHistogram().GetSampleCount())
				sum += metric.GetHistogram().GetSampleSum()
			}
		}
	}
	return count, sum
}

// info returns a number of Redis's INFO.
func info(tb testing.TB, rdb *redis.Client, field string) float64 {
	tb.Helper()
	text, err := rdb.Info(tb.Context(), "everything").Result()
	require.NoError(tb, err)
	for line := range strings.Lines(text) {
		if written, found := strings.CutPrefix(line, field+":"); found {
			number, err := strconv.ParseFloat(strings.TrimSpace(written), 64)
			require.NoError(tb, err)
			return number
		}
	}
	require.Fail(tb, "Redis has no "+field)
	return 0
}

// threadSeconds returns the CPU time of the thread of Redis that runs commands.
func threadSeconds(tb testing.TB, rdb *redis.Client) float64 {
	tb.Helper()
	return info(tb, rdb, "used_cpu_user_main_thread") + info(tb, rdb, "used_cpu_sys_main_thread")
}

// usedMemory returns the bytes that Redis has allocated.
func usedMemory(tb testing.TB, rdb *redis.Client) float64 {
	tb.Helper()
	return info(tb, rdb, "used_memory")
}
