package slodashboard_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// needsPrometheus returns the paths that fail without Prometheus.
func needsPrometheus() []string {
	return []string{"/api/sli", "/api/sli?history=15m", "/api/slo", "/api/slo/what-if?objective=deals-latency&targetMs=200", "/api/topology", "/api/topology/redis", "/api/hybrid", "/api/hash", "/api/queues"}
}

func TestPrometheusUnavailable(t *testing.T) {
	tests := map[string]struct {
		url    func(*testing.T) string
		reason string
	}{
		"refuses connections": {func(t *testing.T) string { t.Helper(); return testkit.DeadURL(t) }, "connection refused"},
		"accepts and does not answer": {func(t *testing.T) string {
			t.Helper()
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // the kernel accepts
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			return "http://" + listener.Addr().String()
		}, "no answer within 300ms"},
		"is another server": {func(t *testing.T) string {
			t.Helper()
			server := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(server.Close)
			return server.URL
		}, "404"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			dashboard := run(t, tc.url(t), map[string]string{"PROMETHEUS_TIMEOUT": "300ms"})
			for _, path := range needsPrometheus() {
				asked := time.Now()
				answer := dashboard.Get(t, path)
				assert.Equal(t, http.StatusServiceUnavailable, answer.Status, path)
				assert.Contains(t, answer.Body, `"code":"prometheus_unavailable"`)
				assert.Contains(t, answer.Body, `"since":"`)
				assert.Contains(t, answer.Body, tc.reason)
				assert.Less(t, time.Since(asked), 5*time.Second, "%s hangs", path)
			}
			meta := get(t, dashboard, "/api/meta")
			assert.Equal(t, false, meta.at(t, "prometheus", "ok"))
			since, err := time.Parse(time.RFC3339, meta.at(t, "prometheus", "since").(string)) //nolint:forcetypeassert // a test
			require.NoError(t, err)
			assert.WithinRange(t, since, start, time.Now(), "our start, since it never answered")
			get(t, dashboard, "/api/scenarios/history")
		})
	}
}

func TestPrometheusRecovers(t *testing.T) {
	var away atomic.Bool
	dashboard := run(t, before(t, traffic().play(t).URL, func(*http.Request) {
		if away.Load() {
			panic(http.ErrAbortHandler) // closes the connection
		}
	}), nil)
	get(t, dashboard, "/api/sli")
	last := time.Now()
	away.Store(true)
	dashboard.Await(t, "/api/sli", func(a testkit.Answer) bool { return a.Status == http.StatusServiceUnavailable })
	meta := get(t, dashboard, "/api/meta")
	since, err := time.Parse(time.RFC3339, meta.at(t, "prometheus", "since").(string)) //nolint:forcetypeassert // a test
	require.NoError(t, err)
	assert.WithinDuration(t, last, since, 2*time.Second, "since when the numbers are old")

	away.Store(false)
	dashboard.Await(t, "/api/sli", func(a testkit.Answer) bool { return a.Status == http.StatusOK })
	assert.Equal(t, true, get(t, dashboard, "/api/meta").at(t, "prometheus", "ok"))
}

// before returns the URL of a proxy of Prometheus that calls a function with each request.
func before(t *testing.T, prometheus string, see func(*http.Request)) string {
	t.Helper()
	target, err := url.Parse(prometheus)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		see(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestPagesShareQueries counts the queries that reach Prometheus while many pages poll for some seconds.
func TestPagesShareQueries(t *testing.T) {
	asked := map[string]*atomic.Int64{}
	var mu sync.Mutex
	dashboard := run(t, before(t, traffic().play(t).URL, func(r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		form, _ := url.ParseQuery(string(body))
		mu.Lock()
		if asked[form.Get("query")] == nil {
			asked[form.Get("query")] = new(atomic.Int64)
		}
		asked[form.Get("query")].Add(1)
		mu.Unlock()
	}), nil)

	began := time.Now()
	var pages sync.WaitGroup
	for range 50 {
		pages.Go(func() {
			for range 3 {
				for _, path := range []string{"/api/sli", "/api/topology"} {
					answer, _ := dashboard.Try(t.Context(), http.MethodGet, path, "", nil)
					assert.Equal(t, http.StatusOK, answer.Status)
				}
			}
		})
	}
	pages.Wait()
	seconds := int64(time.Since(began).Seconds()) + 2
	require.NotEmpty(t, asked)
	for query, times := range asked {
		assert.LessOrEqual(t, times.Load(), seconds, query)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), nil)
	for _, past := range []string{"59s", "25h", "-15m", "x", "1e9h", "15", "%00"} {
		answer := dashboard.Get(t, "/api/sli?history="+past)
		assert.Equal(t, http.StatusBadRequest, answer.Status, past)
		assert.Contains(t, answer.Body, "a duration from 1m to 24h")
	}
	assert.Equal(t, http.StatusNotFound, dashboard.Get(t, "/api/topology/other").Status)
}
