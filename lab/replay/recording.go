// Package replay evaluates alerting rules over recorded samples. Prometheus's own rule engine does it, in promtool, so an hour takes seconds.
package replay

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"deals.example/internal/platform"
	"deals.example/internal/strict"
)

// maxSamples bounds a recording.
const maxSamples = 6 * 60 * 60 / int(platform.ScrapeInterval/time.Second)

// Recording holds how much the counters of requests and of errors grew between scrapes, one sample per platform.ScrapeInterval.
type Recording struct {
	Requests Counter `json:"requests"`
	Errors   Counter `json:"errors"`
}

// Counter is a counter of a Recording.
type Counter struct {
	Name  string `json:"name"` // of the metric
	Added []int  `json:"added"`
}

// Parse reads a recording. Lines that begin with # are comments. The first other line holds the names of two counters, that of requests and that
// of errors; each further line holds how much they grew. The error is a strict.Fault: the first line that is wrong, or the number of samples.
func Parse(file, text string) (Recording, error) {
	var r Recording
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		add, want := r.add, `the requests and errors of a scrape, such as "60 2"`
		if r.Requests.Name == "" {
			add, want = r.name, "the names of two counters"
		}
		if !add(strings.Fields(line)) {
			return r, strict.Wrong(fmt.Sprintf("%s:%d", file, i+1), strict.Quote(line), want)
		}
	}
	if count := len(r.Requests.Added); count == 0 || count > maxSamples {
		return r, strict.Wrong(file, strconv.Itoa(count)+" samples", strict.Between(strict.WholeNumber, "1", strconv.Itoa(maxSamples)))
	}
	return r, nil
}

// name sets the names of the counters, and reports whether they are names.
func (r *Recording) name(fields []string) bool {
	const two = 2
	if len(fields) != two || !model.LegacyValidation.IsValidMetricName(fields[0]) || !model.LegacyValidation.IsValidMetricName(fields[1]) {
		return false
	}
	r.Requests.Name, r.Errors.Name = fields[0], fields[1]
	return true
}

// add adds a sample, and reports whether it is one.
func (r *Recording) add(fields []string) bool {
	const two = 2
	if len(fields) != two {
		return false
	}
	requests, requestsErr := strconv.ParseUint(fields[0], 10, 31)
	failed, failedErr := strconv.ParseUint(fields[1], 10, 31)
	if requestsErr != nil || failedErr != nil || failed > requests {
		return false
	}
	r.Requests.Added = append(r.Requests.Added, int(requests))
	r.Errors.Added = append(r.Errors.Added, int(failed))
	return true
}

// Length returns how long the recording lasts.
func (r Recording) Length() time.Duration {
	return time.Duration(len(r.Requests.Added)) * platform.ScrapeInterval
}

// ErrorRatios returns the errors as a share of the requests, for each sample. It is 0 without requests.
func (r Recording) ErrorRatios() []float64 {
	ratios := make([]float64, len(r.Requests.Added))
	for i, requests := range r.Requests.Added {
		ratios[i] = float64(r.Errors.Added[i]) / float64(max(requests, 1))
	}
	return ratios
}

// values returns the counter's values in promtool's notation, from 0 at the start.
func (c Counter) values() string {
	var text strings.Builder
	text.WriteString("0")
	total := 0
	for _, added := range c.Added {
		total += added
		text.WriteString(" " + strconv.Itoa(total))
	}
	return text.String()
}
