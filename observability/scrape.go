package observability

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"deals.example/internal/flight"
)

const (
	maxScrapes = 4 // concurrent ones; more are answered with 503

	// gatherPatience is how long a scrape waits for new metrics. A saturated process runs each goroutine every few hundred milliseconds, and
	// gathering waits for goroutines and system calls several times.
	gatherPatience = 100 * time.Millisecond
	// maxMetricsAge is the maximum age of metrics in an answer: five scrapes of Prometheus.
	maxMetricsAge = 10 * time.Second
	// gatherTimeout has no effect: collectors have no context.
	gatherTimeout = time.Minute
)

// Scrapes is the handler of /metrics. It serves a registry as Prometheus text, as protobuf, or as OpenMetrics with exemplars on request. While
// gathering takes longer than gatherPatience, an answer has the last metrics that were gathered. Their age is the metric metrics_age_seconds.
type Scrapes struct {
	http.Handler

	latest *flight.Latest[[]*dto.MetricFamily]
}

// NewScrapes returns a handler for the registry. The caller must call Wait at the end.
func NewScrapes(registry *prometheus.Registry) *Scrapes {
	s := &Scrapes{latest: flight.NewLatest(
		flight.LatestConfig{Timeout: gatherTimeout, Patience: gatherPatience, MaxAge: maxMetricsAge},
		func(context.Context) ([]*dto.MetricFamily, error) { return registry.Gather() })}
	s.Handler = promhttp.HandlerFor(prometheus.GathererFunc(s.gather), promhttp.HandlerOpts{
		Registry: registry, EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes,
		DisableCompression: true, // a compressor takes a megabyte in each component, and more CPU time than the network is worth
	})
	return s
}

// Wait waits until nothing gathers. There must be no request after it.
func (s *Scrapes) Wait() { s.latest.Wait() }

// gather implements prometheus.GathererFunc.
func (s *Scrapes) gather() ([]*dto.MetricFamily, error) {
	families, age, err := s.latest.Get(context.Background())
	if err != nil {
		return nil, err
	}
	return append(slices.Clip(families), &dto.MetricFamily{ // clipped: concurrent scrapes share the families
		Name: new("metrics_age_seconds"), Help: new("Time since these metrics began to be gathered; seconds while the process is saturated."),
		Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(age.Seconds())}}},
	}), nil
}
