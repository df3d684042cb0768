package observability_test

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
	"deals.example/observability"
)

const (
	textFormat     = "text/plain"
	openMetrics    = "application/openmetrics-text; version=1.0.0"
	protobufFormat = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)

// scrape requests the metrics in a format.
func scrape(ctx context.Context, registry *prometheus.Registry, format string) *httptest.ResponseRecorder {
	scrapes := observability.NewScrapes(registry)
	defer scrapes.Wait()
	return request(ctx, scrapes, format)
}

func request(ctx context.Context, scrapes *observability.Scrapes, format string) *httptest.ResponseRecorder {
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody)
	request.Header.Set("Accept", format)
	recorder := httptest.NewRecorder()
	scrapes.ServeHTTP(recorder, request)
	return recorder
}

// BenchmarkHistogram compares a classic histogram with one that is native too: the time of an observation from all processors, and the bytes that a
// scrape of the series has.
func BenchmarkHistogram(b *testing.B) {
	for name, factor := range map[string]float64{"classic": 0, "native in steps of 10 %": 1.1, "native in steps of 5 %": 1.05} {
		b.Run(name, func(b *testing.B) {
			options := observability.Histogram("request_seconds", "Time of a request.", observability.LatencyBuckets())
			options.NativeHistogramBucketFactor = factor
			registry := prometheus.NewRegistry()
			histogram := prometheus.NewHistogram(options)
			registry.MustRegister(histogram)
			b.ReportAllocs()
			b.RunParallel(func(loop *testing.PB) {
				for loop.Next() {
					histogram.Observe(0.05 * math.Exp(rand.NormFloat64())) //nolint:gosec // latencies of a benchmark
				}
			})
			b.ReportMetric(float64(scrape(b.Context(), registry, protobufFormat).Body.Len()), "bytes/scrape")
		})
	}
}

func newHistogram(registry *prometheus.Registry) prometheus.Histogram {
	histogram := prometheus.NewHistogram(observability.Histogram("request_seconds", "Time of a request.", observability.LatencyBuckets()))
	registry.MustRegister(histogram)
	return histogram
}

func TestRegistryHasRuntimeAndProcessMetrics(t *testing.T) {
	registry := start(t, nil, io.Discard).Registry
	text := scrape(t.Context(), registry, textFormat).Body.String()
	for _, metric := range []string{"go_sched_latencies_seconds_bucket", "go_gc_pauses_seconds", "go_goroutines", "process_resident_memory_bytes"} {
		assert.Contains(t, text, "\n"+metric)
	}
	assert.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP target_info The resource of the process; always 1.
# TYPE target_info gauge
target_info{service_instance_id="price-1",service_name="price-service",service_namespace="deals",service_version="v1"} 1
`), "target_info"))
}

func TestHistogramIsClassicInTextAndNativeInProtobuf(t *testing.T) {
	registry := prometheus.NewRegistry()
	observability.Observe(t.Context(), newHistogram(registry), 250*time.Millisecond)
	assert.Contains(t, scrape(t.Context(), registry, textFormat).Body.String(), `request_seconds_bucket{le="0.3"} 1`)

	scraped := scrape(t.Context(), registry, protobufFormat)
	decoder := expfmt.NewDecoder(scraped.Body, expfmt.ResponseFormat(scraped.Header()))
	var family dto.MetricFamily
	for family.GetName() != "request_seconds" {
		require.NoError(t, decoder.Decode(&family))
	}
	histogram := family.GetMetric()[0].GetHistogram()
	assert.Len(t, histogram.GetBucket(), len(observability.LatencyBuckets()))
	assert.NotEmpty(t, histogram.GetPositiveSpan(), "no native buckets")
	assert.Equal(t, int32(3), histogram.GetSchema(), "a factor of at most 1.1 is 2^(1/8)")
}

func TestLatencyBucketsIncludeObjective(t *testing.T) {
	assert.Contains(t, observability.LatencyBuckets(), observability.LatencyObjective.Seconds())
	assert.True(t, slices.IsSorted(observability.LatencyBuckets()))
}

func TestExemplarIsSampledTrace(t *testing.T) {
	tests := map[string]struct {
		sampler, format string
		want            bool
	}{
		"recorded":                     {"always_on", openMetrics, true},
		"not recorded":                 {"always_off", openMetrics, false},
		"recorded, format has no such": {"always_on", textFormat, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			environ := tracesTo(testkit.OTLP(t).TracesURL)
			environ["OTEL_TRACES_SAMPLER"] = tc.sampler
			telemetry := start(t, environ, io.Discard)
			ctx, span := telemetry.Tracers.Tracer("test").Start(t.Context(), "span")
			observability.Observe(ctx, newHistogram(telemetry.Registry), time.Millisecond)
			span.End()
			text := scrape(t.Context(), telemetry.Registry, tc.format).Body.String()
			assert.Equal(t, tc.want, strings.Contains(text, `# {trace_id="`+span.SpanContext().TraceID().String()+`"}`))
		})
	}
}

func TestObserveWithoutExemplarSupport(t *testing.T) {
	var seen float64
	observability.Observe(t.Context(), prometheus.ObserverFunc(func(v float64) { seen = v }), 1500*time.Millisecond)
	assert.InDelta(t, 1.5, seen, 0)
}
