package heavyhash

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

const maxMetrics = 16 << 20 // bytes of one scrape

// schedulerLatencies is the time that goroutines spent runnable before they ran.
const schedulerLatencies = "go_sched_latencies_seconds"

// families are the metrics of one scrape, by name.
type families map[string]*dto.MetricFamily

// scrape reads the metrics of the target.
func (d *driver) scrape(ctx context.Context) (families, error) {
	text, err := d.get(ctx, "/metrics", maxMetrics)
	if err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	read, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s/metrics: %w", d.target, err)
	}
	return read, nil
}

// gauge returns the value of a metric without labels, NaN when it is missing.
func (f families) gauge(name string) float64 {
	for _, metric := range f[name].GetMetric() {
		return metric.GetGauge().GetValue()
	}
	return math.NaN()
}

func (f families) histogram(name string) *dto.Histogram {
	for _, metric := range f[name].GetMetric() {
		return metric.GetHistogram()
	}
	return nil
}

// get returns the body of a 200 response of at most limit bytes.
func (d *driver) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.target+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	if d.cfg.Token != "" {
		request.Header.Set("Authorization", "Bearer "+d.cfg.Token)
	}
	response, err := d.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s%s: %w", d.target, path, err)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s%s: %s: %s", d.target, path, response.Status, firstLine(body))
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("%s%s: response exceeds %d MiB", d.target, path, limit>>20)
	}
	return body, nil
}

// firstLine returns the first line of a text, shortened for an error.
func firstLine(text []byte) string {
	const limit = 200 // bytes
	line, _, _ := strings.Cut(strings.TrimSpace(string(text[:min(len(text), limit)])), "\n")
	return line
}

// quantile estimates a quantile of the observations between two scrapes of a histogram by linear interpolation, as PromQL's
// histogram_quantile does. It returns NaN when there are no observations.
func quantile(q float64, before, after *dto.Histogram) float64 {
	earlier := map[float64]uint64{}
	for _, bucket := range before.GetBucket() {
		earlier[bucket.GetUpperBound()] = bucket.GetCumulativeCount()
	}
	seen := after.GetSampleCount() - before.GetSampleCount()
	if seen == 0 || after.GetSampleCount() < before.GetSampleCount() {
		return math.NaN()
	}
	rank, low, below := q*float64(seen), 0.0, 0.0
	for _, bucket := range after.GetBucket() {
		high, count := bucket.GetUpperBound(), float64(bucket.GetCumulativeCount()-earlier[bucket.GetUpperBound()])
		if count >= rank && count > below && !math.IsInf(high, 1) {
			return low + (high-low)*(rank-below)/(count-below)
		}
		if !math.IsInf(high, 1) {
			low, below = high, count
		}
	}
	return low
}
