package app_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/correlation"
	"deals.example/internal/problem"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
)

func TestCorrelationID(t *testing.T) {
	instance := run(t, nil, func(rt *app.Runtime) {
		rt.Router.GET("/id", func(c *gin.Context) { c.String(http.StatusOK, correlation.FromContext(c.Request.Context())) })
	})
	tests := map[string]struct {
		sent  string
		taken bool
	}{
		"valid":               {"order-1.a_B", true},
		"maximum length":      {strings.Repeat("a", 128), true},
		"none":                {"", false},
		"too long":            {strings.Repeat("a", 129), false},
		"space":               {"a b", false},
		"tab":                 {"a\tb", false},
		"not ASCII":           {"päckchen", false},
		"path":                {"../../etc/passwd", false},
		"quote":               {`a"b`, false},
		"encoded line break":  {"a%0d%0aSet-Cookie:%20b=c", false},
		"comma, as of a list": {"a,b", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := instance.Do(t, http.MethodGet, "/id", "", http.Header{correlation.Header: {tc.sent}})
			given := answer.Header.Get(correlation.Header)
			assert.Equal(t, tc.taken, given == tc.sent)
			assert.True(t, correlation.Valid(given), given)
			assert.Equal(t, given, answer.Body, "id in the context of the handler")
		})
	}
}

// send writes a raw request and returns the status and the header of the response.
func send(t *testing.T, instance *testkit.Instance, request string) (int, http.Header) {
	t.Helper()
	var dialer net.Dialer
	connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(instance.URL, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	_, err = connection.Write([]byte(request))
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, response.Header
}

func TestHeaderInjection(t *testing.T) {
	instance := run(t, nil, nothing)
	tests := map[string]string{
		"folded header": "X-Correlation-Id: a\r\n Set-Cookie: b=c",
		"bare return":   "X-Correlation-Id: a\rSet-Cookie: b=c",
		"null byte":     "X-Correlation-Id: a\x00b",
		"two headers":   "X-Correlation-Id: a b\r\nX-Correlation-Id: c",
		"invalid trace": "Traceparent: 00-\xff-\r\n b-01",
		"huge":          "X-Correlation-Id: " + strings.Repeat("a", 64<<10),
	}
	for name, header := range tests {
		t.Run(name, func(t *testing.T) {
			status, answered := send(t, instance, "GET /hello HTTP/1.1\r\nHost: localhost\r\n"+header+"\r\n\r\n")
			assert.Less(t, status, http.StatusInternalServerError)
			assert.Empty(t, answered.Get("Set-Cookie"))
			if status == http.StatusOK {
				assert.True(t, correlation.Valid(answered.Get(correlation.Header)))
			}
		})
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	instance := run(t, nil, func(rt *app.Runtime) { rt.Router.GET("/deals/:id", func(c *gin.Context) { c.Status(http.StatusOK) }) })
	tests := map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"unknown path":            {"GET", "/nowhere", http.StatusNotFound, problem.CodeNotFound},
		"path traversal":          {"GET", "/deals/../../etc/passwd", http.StatusNotFound, problem.CodeNotFound},
		"path traversal, encoded": {"GET", "/deals/..%2f..%2fetc", http.StatusNotFound, problem.CodeNotFound},
		"slash at the end":        {"GET", "/hello/", http.StatusNotFound, problem.CodeNotFound},
		"other case":              {"GET", "/HELLO", http.StatusNotFound, problem.CodeNotFound},
		"long path":               {"GET", "/" + strings.Repeat("a", 8<<10), http.StatusNotFound, problem.CodeNotFound},
		"not ASCII":               {"GET", "/d%C3%A9als/%F0%9F%92%A5%FF", http.StatusNotFound, problem.CodeNotFound},
		"other method":            {"DELETE", "/hello", http.StatusMethodNotAllowed, problem.CodeMethodNotAllowed},
		"unknown method":          {"BREW", "/hello", http.StatusMethodNotAllowed, problem.CodeMethodNotAllowed},
		"method of a probe":       {"POST", "/healthz", http.StatusMethodNotAllowed, problem.CodeMethodNotAllowed},
		"method of the metrics":   {"PUT", "/metrics", http.StatusMethodNotAllowed, problem.CodeMethodNotAllowed},
		"unknown profile path":    {"GET", "/debug/pprof/heap/more", http.StatusNotFound, problem.CodeNotFound},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := instance.Do(t, tc.method, tc.path, "", nil)
			assert.Equal(t, tc.status, answer.Status)
			assert.Equal(t, tc.code, problemOf(t, answer).Code)
			assert.Less(t, len(answer.Body), 400, "the path is truncated")
			assert.Equal(t, answer.Header.Get(correlation.Header), problemOf(t, answer).Meta.RequestID)
			if tc.status == http.StatusMethodNotAllowed {
				assert.NotEmpty(t, answer.Header.Get("Allow"))
			}
		})
	}
}

func TestSystemPaths(t *testing.T) {
	instance := run(t, nil, nothing)
	for path, want := range map[string]string{
		"/healthz": `"status":"ok"`, "/readyz": `"status":"ready"`, "/metrics": "target_info",
		"/debug/pprof/": "goroutine", "/debug/pprof/goroutine?debug=1": "goroutine profile", "/debug/pprof/cmdline": "app.test",
		"/debug/pprof/symbol": "num_symbols",
	} {
		answer := instance.Get(t, path)
		assert.Equal(t, http.StatusOK, answer.Status, path)
		assert.Contains(t, answer.Body, want, path)
		assert.True(t, correlation.Valid(answer.Header.Get(correlation.Header)), path)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		answer := instance.Do(t, http.MethodGet, path, "", http.Header{correlation.Header: {"mine"}})
		assert.Contains(t, answer.Body, `"meta":{"requestId":"mine"}`)
		assert.Equal(t, http.StatusOK, instance.Do(t, http.MethodHead, path, "", nil).Status)
	}
}

// counted runs a component and returns its registry.
func counted(t *testing.T, kind app.MetricsKind, build func(rt *app.Runtime)) (*testkit.Instance, *prometheus.Registry) {
	t.Helper()
	var registry *prometheus.Registry
	c := app.Define(app.Info{Name: "price-service", Metrics: kind}, func(_ context.Context, rt *app.Runtime, _ settings.None) error {
		registry = rt.Registry
		build(rt)
		return nil
	})
	return testkit.Run(t, c, nil), registry
}

// statusRoute adds GET /status/:status, which responds with that status.
func statusRoute(rt *app.Runtime) {
	rt.Router.GET("/status/:status", func(c *gin.Context) {
		var status int
		_, _ = fmt.Sscan(c.Param("status"), &status)
		c.Status(status)
	})
}

func TestSeriesAreBounded(t *testing.T) {
	instance, registry := counted(t, app.ExperienceMetrics, statusRoute)
	for i := range 50 {
		instance.Get(t, fmt.Sprintf("/status/200?page=%d", i))
		instance.Get(t, fmt.Sprintf("/page-%d", i))
		instance.Do(t, fmt.Sprintf("METHOD%d", i), "/status/200", "", nil)
		instance.Do(t, http.MethodGet, "/healthz", "", nil)
	}
	count, err := testutil.GatherAndCount(registry, "experience_http_request_duration_seconds")
	require.NoError(t, err)
	assert.Equal(t, 3, count, "one for the route, one for unknown paths, one for unknown methods")
}

func TestErrorsMetricCounts5xx(t *testing.T) {
	instance, registry := counted(t, app.ExperienceMetrics, statusRoute)
	for _, status := range []int{200, 202, 400, 404, 409, 429, 499, 502, 503, 503} {
		instance.Get(t, fmt.Sprintf("/status/%d", status))
	}
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP experience_http_request_errors_total Requests of clients answered with a 5xx.
# TYPE experience_http_request_errors_total counter
experience_http_request_errors_total{method="GET",route="/status/:status",status="502"} 1
experience_http_request_errors_total{method="GET",route="/status/:status",status="503"} 2
`), "experience_http_request_errors_total"))
}

func TestDomainMetrics(t *testing.T) {
	instance, _ := counted(t, app.DomainMetrics, statusRoute)
	instance.Get(t, "/status/503")
	text := instance.Get(t, "/metrics").Body
	assert.Contains(t, text, `domain_http_request_duration_seconds_count{route="/status/:status",service="price-service",status="503"} 1`)
	assert.NotContains(t, text, "experience_http")
}

func TestNoRequestMetrics(t *testing.T) {
	instance, _ := counted(t, app.NoRequestMetrics, statusRoute)
	instance.Get(t, "/status/200")
	assert.NotContains(t, instance.Get(t, "/metrics").Body, "http_request_duration_seconds")
}

func TestPanicIsA500(t *testing.T) {
	receiver := testkit.OTLP(t)
	instance := run(t, map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": receiver.LogsURL}, func(rt *app.Runtime) {
		rt.Router.GET("/panic", func(*gin.Context) { panic("secret of the handler") })
	})
	answer := instance.Do(t, http.MethodGet, "/panic", "", http.Header{correlation.Header: {"mine"}})
	assert.Equal(t, http.StatusInternalServerError, answer.Status)
	assert.Equal(t, problem.CodeInternal, problemOf(t, answer).Code)
	assert.NotContains(t, answer.Body, "secret")
	assert.Equal(t, http.StatusOK, instance.Get(t, "/hello").Status)
	assert.Contains(t, instance.Get(t, "/metrics").Body, `experience_http_request_errors_total{method="GET",route="/panic",status="500"} 1`)

	require.NoError(t, instance.Stop(), "the request has left the gate")
	require.Len(t, receiver.Logs(), 1)
	record := receiver.Logs()[0]
	assert.Equal(t, "handler panicked", record.Body)
	assert.Equal(t, "secret of the handler", record.Attributes["panic"])
	assert.Contains(t, record.Attributes["stack"], "router_test.go")
	assert.Equal(t, "mine", record.Attributes["correlation_id"])
}
