package flame

import (
	"math"
	"net/http"
	"strconv"

	dto "github.com/prometheus/client_model/go"
)

const requestDurations = "experience_http_request_duration_seconds"

// rows are the figures of both sides; one that a side doesn't have is left out.
func rows(found [sides]*evidence) []Row {
	var rows []Row
	add := func(id, label, unit string, better Better, of func(*evidence) float64) {
		row := Row{ID: id, Label: label, Unit: unit, Better: better, Base: of(found[base]), Compare: of(found[compare])}
		if !math.IsNaN(row.Base + row.Compare) {
			rows = append(rows, row)
		}
	}
	add(rowThroughput, "lists a second", "", Higher, func(e *evidence) float64 { return e.lists.RPS })
	add(rowP50, "list p50", "ms", Lower, func(e *evidence) float64 { return e.lists.P50Ms })
	add(rowP95, "list p95", "ms", Lower, func(e *evidence) float64 { return e.lists.P95Ms })
	add(rowP99, "list p99", "ms", Lower, func(e *evidence) float64 { return e.lists.P99Ms })
	add("listFailures", "lists that failed", "", Lower, func(e *evidence) float64 { return float64(e.lists.Failures) })
	add(rowScheduler, "scheduler latency p99", "ms", Lower, (*evidence).schedulerP99)
	add("runnable", "goroutines waiting to run, mean", "", Lower, func(e *evidence) float64 {
		return e.mean(func(l look) float64 { return l.runnable })
	})
	add("goroutines", "goroutines, most", "", Neither, func(e *evidence) float64 { return e.most(func(l look) float64 { return l.goroutines }) })
	add("threads", "threads, most", "", Neither, func(e *evidence) float64 { return e.most(func(l look) float64 { return l.threads }) })
	add("cpu", "CPU time a second", "s", Neither, (*evidence).processors)
	add(rowHashes, "hashes a second", "", Neither, func(e *evidence) float64 { return e.hashes(http.StatusOK) })
	add(rowRefused, "hashes refused (429) a second", "", Neither, func(e *evidence) float64 { return e.hashes(http.StatusTooManyRequests) })
	return rows
}

// schedulerP99 is in milliseconds.
func (e *evidence) schedulerP99() float64 {
	return quantile(0.99, e.before.histogram(schedulerLatencies), e.after.histogram(schedulerLatencies)) * 1000
}

// processors is how many the process kept busy, by its profile.
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

// hashes is how many a second were answered so.
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

// label is the label of a metric's only series, "" when there is none.
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

func (e *evidence) most(of func(look) float64) float64 {
	most := math.NaN()
	for _, seen := range e.looks {
		if value := of(seen); math.IsNaN(most) || value > most {
			most = value
		}
	}
	return most
}

func (e *evidence) mean(of func(look) float64) float64 {
	sum := 0.0
	for _, seen := range e.looks {
		sum += of(seen)
	}
	return sum / float64(max(len(e.looks), 1))
}
