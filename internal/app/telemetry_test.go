package app_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/correlation"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/observability"
)

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	traceparent = "00-" + traceID + "-b7ad6b7169203331-01"
)

func tracesTo(receiver *testkit.OTLPReceiver) map[string]string {
	return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.TracesURL, "OTEL_TRACES_SAMPLER": "parentbased_always_off"}
}

// TestInvalidTextLosesNoTelemetry: one string that is not UTF-8 would make the exporters drop all that they send with it.
func TestInvalidTextLosesNoTelemetry(t *testing.T) {
	receiver := testkit.OTLP(t)
	environ := tracesTo(receiver)
	environ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"], environ["ACCESS_LOG_SAMPLE"], environ["LOG_LEVEL"] = receiver.LogsURL, "1", "info"
	instance := run(t, environ, statusRoute)
	header := http.Header{"Traceparent": {traceparent}, "User-Agent": {"shop\xff" + strings.Repeat("x", 4000)}}
	for _, path := range []string{"/status/200?q=\xff", "/status/%ff", "/nowhere/%c3%28"} {
		instance.Do(t, http.MethodGet, path, "", header)
	}
	instance.Do(t, http.MethodGet, "/status/200", "", http.Header{"Traceparent": {traceparent}})
	require.NoError(t, instance.Stop())
	assert.Len(t, receiver.Spans(), 4)
	for _, span := range receiver.Spans() {
		assert.LessOrEqual(t, len(span.Attributes["user_agent.original"]), 260)
	}
	assert.GreaterOrEqual(t, len(receiver.Logs()), 4)
}

func TestRequestSpanContinuesTheCallersTrace(t *testing.T) {
	receiver := testkit.OTLP(t)
	instance := run(t, tracesTo(receiver), statusRoute)
	sampled := http.Header{"Traceparent": {traceparent}, correlation.Header: {"mine"}, "User-Agent": {"shopper/1.0"}}
	for _, request := range []struct{ method, path string }{
		{"GET", "/status/503?page=2"}, {"BREW", "/status/200"}, {"GET", "/nowhere/1"}, {"GET", "/healthz"}, {"GET", "/readyz"}, {"GET", "/metrics"},
	} {
		instance.Do(t, request.method, request.path, "", sampled)
	}
	instance.Get(t, "/status/200") // without a trace
	require.NoError(t, instance.Stop())

	spans := map[string]testkit.Span{}
	for _, span := range receiver.Spans() {
		spans[span.Name] = span
		assert.Equal(t, traceID, span.TraceID)
		assert.Equal(t, "b7ad6b7169203331", span.ParentID)
		assert.Equal(t, "SPAN_KIND_SERVER", span.Kind)
		assert.Equal(t, "mine", span.Attributes[correlation.Field])
	}
	require.ElementsMatch(t, []string{"GET /status/:status", "HTTP", "GET"}, slices.Collect(maps.Keys(spans)))
	failed := spans["GET /status/:status"]
	assert.Equal(t, "STATUS_CODE_ERROR", failed.Status)
	assert.Equal(t, "503", failed.Attributes["http.response.status_code"])
	assert.Equal(t, "/status/:status", failed.Attributes["http.route"])
	assert.Equal(t, "/status/503", failed.Attributes["url.path"])
	assert.Equal(t, "503", failed.Attributes["error.type"])
	assert.Equal(t, "http", failed.Attributes["url.scheme"])
	assert.Equal(t, "page=2", failed.Attributes["url.query"])
	assert.Equal(t, "127.0.0.1", failed.Attributes["server.address"])
	assert.Equal(t, strings.TrimPrefix(instance.URL, "http://127.0.0.1:"), failed.Attributes["server.port"])
	assert.Equal(t, "shopper/1.0", failed.Attributes["user_agent.original"])
	unknown := spans["HTTP"]
	assert.Equal(t, "_OTHER", unknown.Attributes["http.request.method"])
	assert.Equal(t, "BREW", unknown.Attributes["http.request.method_original"])
	assert.Equal(t, "STATUS_CODE_UNSET", spans["GET"].Status)
	assert.NotContains(t, spans["GET"].Attributes, "http.route")
	assert.NotContains(t, spans["GET"].Attributes, "error.type")
}

func TestPublicComponentStartsATrace(t *testing.T) {
	const unsampledID = "1af7651916cd43dd8448eb211c80319c"
	public := app.Define(app.Info{Name: "experience-api", Metrics: app.ExperienceMetrics, Public: true},
		func(_ context.Context, rt *app.Runtime, _ settings.None) error { statusRoute(rt); return nil })
	for sampler, withoutCaller := range map[string]int{"parentbased_always_off": 0, "parentbased_always_on": 1} {
		t.Run(sampler, func(t *testing.T) {
			receiver := testkit.OTLP(t)
			environ := tracesTo(receiver)
			environ["OTEL_TRACES_SAMPLER"] = sampler
			instance := testkit.Run(t, public, environ)
			instance.Do(t, http.MethodGet, "/status/200", "", http.Header{"Traceparent": {traceparent}})
			instance.Do(t, http.MethodGet, "/status/200", "", http.Header{"Traceparent": {"00-" + unsampledID + "-b7ad6b7169203331-00"}})
			instance.Get(t, "/status/200")
			require.NoError(t, instance.Stop())

			spans := map[string]testkit.Span{}
			for _, span := range receiver.Spans() {
				assert.Empty(t, span.ParentID)
				spans[span.TraceID] = span
			}
			assert.Len(t, spans, 1+withoutCaller)
			assert.Equal(t, []string{traceID}, spans[traceID].Links)
			assert.NotContains(t, spans, unsampledID, "the client does not sample it")
		})
	}
}

func TestExemplar(t *testing.T) {
	instance := run(t, tracesTo(testkit.OTLP(t)), nothing)
	instance.Do(t, http.MethodGet, "/hello", "", http.Header{"Traceparent": {traceparent}})
	open := http.Header{"Accept": {"application/openmetrics-text; version=1.0.0"}}
	assert.Contains(t, instance.Do(t, http.MethodGet, "/metrics", "", open).Body, `# {trace_id="`+traceID+`"}`)
	assert.NotContains(t, instance.Get(t, "/metrics").Body, traceID)
}

func TestNativeHistogramInProtobuf(t *testing.T) {
	instance := run(t, nil, nothing)
	instance.Get(t, "/hello")
	format := http.Header{"Accept": {"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"}}
	scraped := instance.Do(t, http.MethodGet, "/metrics", "", format)
	decoder := expfmt.NewDecoder(strings.NewReader(scraped.Body), expfmt.ResponseFormat(scraped.Header))
	var family dto.MetricFamily
	for family.GetName() != "experience_http_request_duration_seconds" {
		require.NoError(t, decoder.Decode(&family))
	}
	histogram := family.GetMetric()[0].GetHistogram()
	assert.NotEmpty(t, histogram.GetPositiveSpan(), "native")
	assert.NotEmpty(t, histogram.GetBucket(), "classic")
	assert.Equal(t, uint64(1), histogram.GetSampleCount())
}

// requestLines runs a component, calls requests and returns the records of the access log.
func requestLines(t *testing.T, environ map[string]string, requests func(*testkit.Instance)) []testkit.LogRecord {
	t.Helper()
	receiver := testkit.OTLP(t)
	settings := tracesTo(receiver)
	settings["LOG_LEVEL"], settings["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = "info", receiver.LogsURL
	maps.Copy(settings, environ)
	instance := run(t, settings, func(rt *app.Runtime) {
		statusRoute(rt)
		rt.Router.GET("/slow", func(c *gin.Context) {
			<-time.After(20 * time.Millisecond)
			c.Status(http.StatusOK)
		})
		rt.Router.GET("/over-objective", func(c *gin.Context) {
			<-time.After(observability.LatencyObjective)
			c.Status(http.StatusOK)
		})
	})
	requests(instance)
	require.NoError(t, instance.Stop())
	var lines []testkit.LogRecord
	for _, record := range receiver.Logs() {
		if record.Body == "request" {
			lines = append(lines, record)
		}
	}
	return lines
}

func TestAccessLogSample(t *testing.T) {
	lines := requestLines(t, map[string]string{"ACCESS_LOG_SAMPLE": "10", "ACCESS_LOG_SLOW": "60s"}, func(instance *testkit.Instance) {
		for range 100 {
			instance.Get(t, "/status/200")
		}
		instance.Get(t, "/healthz")
	})
	assert.Len(t, lines, 10)
	for _, line := range lines {
		assert.Equal(t, "INFO", line.Severity)
	}
}

func TestAccessLogOfErrorsAndSlowRequests(t *testing.T) {
	tests := map[string]struct {
		path, slow, level string
		severity          string // "" means no record
	}{
		"server error":              {"/status/503", "60s", "info", "WARN"},
		"client error":              {"/status/404", "60s", "info", ""},
		"slow":                      {"/slow", "10ms", "info", "INFO"},
		"not slow":                  {"/slow", "60s", "info", ""},
		"over the objective":        {"/over-objective", "60s", "info", "INFO"},
		"slow, level is higher":     {"/slow", "10ms", "warn", ""},
		"server error, level error": {"/status/500", "60s", "error", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			environ := map[string]string{"ACCESS_LOG_SAMPLE": "1000000", "ACCESS_LOG_SLOW": tc.slow, "LOG_LEVEL": tc.level}
			lines := requestLines(t, environ, func(instance *testkit.Instance) {
				instance.Do(t, http.MethodGet, tc.path+"?q=1", "", http.Header{correlation.Header: {"mine"}, "Traceparent": {traceparent}})
			})
			if tc.severity == "" {
				assert.Empty(t, lines)
				return
			}
			require.Len(t, lines, 1)
			assert.Equal(t, tc.severity, lines[0].Severity)
			assert.Equal(t, tc.path, lines[0].Attributes["path"])
			assert.Equal(t, "mine", lines[0].Attributes["correlation_id"])
			for _, attribute := range []string{"method", "route", "status", "duration_ms", "bytes"} {
				assert.NotEmpty(t, lines[0].Attributes[attribute], attribute)
			}
			assert.Equal(t, traceID, lines[0].TraceID)
		})
	}
}

func TestSlowRequestWithoutARecordedTraceIsNotLogged(t *testing.T) {
	environ := map[string]string{"ACCESS_LOG_SAMPLE": "1000000", "ACCESS_LOG_SLOW": "60s"}
	assert.Empty(t, requestLines(t, environ, func(instance *testkit.Instance) { instance.Get(t, "/over-objective") }))
}
