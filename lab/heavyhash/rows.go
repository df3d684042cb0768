package heavyhash

import (
	"math"
	"net/http"
	"strconv"

	dto "github.com/prometheus/client_model/go"

	"deals.example/internal/flame"
)

const requestDurations = "experience_http_request_duration_seconds"

// rows returns the figures of both sides. It leaves out a figure that one side lacks.
func rows(bad, good *evidence) []flame.Row {
	var rows []flame.Row
	add := func(id, label, unit string, better flame.Better, of func(*evidence) float64) {
		row := flame.Row{ID: id, Label: label, Unit: unit, Better: better, Base: of(bad), Compare: of(good)}
		if !math.IsNaN(row.Base + row.Compare) {
			rows = append(rows, row)
		}
	}
	add(flame.RowThroughput, "lists per second", "", flame.Higher, func(e *evidence) float64 { return e.lists.RPS })
	add(flame.RowP50, "list p50", "ms", flame.Lower, func(e *evidence) float64 { return e.lists.P50Ms })
	add("listP95", "list p95", "ms", flame.Lower, func(e *evidence) float64 { return e.lists.P95Ms })
	add(flame.RowP99, "list p99", "ms", flame.Lower, func(e *evidence) float64 { return e.lists.P99Ms })
	add("listFailures", "lists failed or not sent", "", flame.Lower, func(e *evidence) float64 { return float64(e.lists.Failures + e.lists.NotSent) })
	add(flame.RowScheduler, "scheduler latency p99", "ms", flame.Lower, (*evidence).schedulerP99)
	add("runnable", "runnable goroutines, mean", "", flame.Lower, func(e *evidence) float64 {
		return e.mean(func(s sample) float64 { return s.runnable })
	})
	add("goroutines", "goroutines, maximum", "", flame.Neither, func(e *evidence) float64 { return e.maximum(func(s sample) float64 { return s.goroutines }) })
	add("threads", "threads, maximum", "", flame.Neither, func(e *evidence) float64 { return e.maximum(func(s sample) float64 { return s.threads }) })
	add("cpu", "CPU time per second", "s", flame.Neither, (*evidence).processors)
	add(flame.RowHashes, "hashes per second", "", flame.Neither, func(e *evidence) float64 { return e.hashes(http.StatusOK) })
	add(flame.RowRefused, "hashes refused (429) per second", "", flame.Neither, func(e *evidence) float64 { return e.hashes(http.StatusTooManyRequests) })
	return rows
}

// schedulerP99 returns milliseconds.
func (e *evidence) schedulerP99() float64 {
	return quantile(0.99, e.before.histogram(schedulerLatencies), e.after.histogram(schedulerLatencies)) * 1000
}

// processors returns the number of processors that the process kept busy, according to its profile.
func (e *evidence) processors() float64 {
	if e.cpu.DurationNanos == 0 {
		return math.NaN()
	}
	var sum int64
	for _, sample := range e.cpu.Sample {
		sum += sample.Value[len(sample.Value)-1]
	}
	return float64(sum) / float64(e.cpu.DurationNanos)
}

// hashes returns the rate of hash responses with a status.
func (e *evidence) hashes(status int) float64 {
	count := float64(e.after.hashes(status)) - float64(e.before.hashes(status))
	return count / e.ended.Sub(e.started).Seconds()
}

func (f families) hashes(status int) (count uint64) {
	for _, metric := range f[requestDurations].GetMetric() {
		route := label(metric, "route")
		if (route == "/api/heavy-hash/bad" || route == "/api/heavy-hash/good") && label(metric, "status") == strconv.Itoa(status) {
			count += metric.GetHistogram().GetSampleCount()
		}
	}
	return count
}

// label returns a label of a metric's first series, "" when the metric is missing.
func (f families) label(metric, name string) string {
	for _, series := range f[metric].GetMetric() {
		return label(series, name)
	}
	return ""
}

func label(metric *dto.Metric, name string) string {
	for _, pair := range metric.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

func (e *evidence) maximum(of func(sample) float64) float64 {
	largest := math.NaN()
	for _, seen := range e.samples {
		if value := of(seen); math.IsNaN(largest) || value > largest {
			largest = value
		}
	}
	return largest
}

func (e *evidence) mean(of func(sample) float64) float64 {
	sum := 0.0
	for _, seen := range e.samples {
		sum += of(seen)
	}
	return sum / float64(max(len(e.samples), 1))
}
