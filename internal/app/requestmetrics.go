package app

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/observability"
)

// requestMetrics observes requests.
type requestMetrics interface {
	observe(ctx context.Context, method, route string, status int, took time.Duration)
}

func newRequestMetrics(reg prometheus.Registerer, kind MetricsKind, service string) requestMetrics {
	switch kind {
	case ExperienceMetrics:
		return newExperienceRequests(reg)
	case DomainMetrics:
		return newDomainRequests(reg, service)
	default:
		return noRequests{}
	}
}

// measured observes each request. The exemplar is the span of the request.
func measured(metrics requestMetrics) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		c.Next()
		metrics.observe(c.Request.Context(), method(c), route(c), c.Writer.Status(), time.Since(start))
	}
}

// experienceRequests has the metrics of client requests to the platform.
type experienceRequests struct {
	duration *prometheus.HistogramVec
	errors   *prometheus.CounterVec
}

func newExperienceRequests(reg prometheus.Registerer) *experienceRequests {
	labels := []string{"method", "route", "status"}
	return &experienceRequests{
		duration: promauto.With(reg).NewHistogramVec(observability.Histogram(
			"experience_http_request_duration_seconds", "Time from a client's request to the end of the response.",
			observability.LatencyBuckets()), labels),
		errors: promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
			Name: "experience_http_request_errors_total", Help: "Requests of clients answered with a 5xx.",
		}, labels),
	}
}

func (m *experienceRequests) observe(ctx context.Context, method, route string, status int, took time.Duration) {
	code := strconv.Itoa(status)
	observability.Observe(ctx, m.duration.WithLabelValues(method, route, code), took)
	if status >= http.StatusInternalServerError {
		m.errors.WithLabelValues(method, route, code).Inc()
	}
}

// domainRequests has the metrics of requests to a domain service or the rating load balancer.
type domainRequests struct {
	duration *prometheus.HistogramVec
}

func newDomainRequests(reg prometheus.Registerer, service string) *domainRequests {
	opts := observability.Histogram("domain_http_request_duration_seconds",
		"Time from a request to a domain service to the end of the response, including synthetic latency.", observability.LatencyBuckets())
	opts.ConstLabels = prometheus.Labels{"service": service}
	return &domainRequests{duration: promauto.With(reg).NewHistogramVec(opts, []string{"route", "status"})}
}

func (m *domainRequests) observe(ctx context.Context, _, route string, status int, took time.Duration) {
	observability.Observe(ctx, m.duration.WithLabelValues(route, strconv.Itoa(status)), took)
}

type noRequests struct{}

func (noRequests) observe(context.Context, string, string, int, time.Duration) {}
