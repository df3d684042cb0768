package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/servers"
	"deals.example/internal/stack"
)

// PrometheusServer is a Prometheus of a test. Its queries are safe for concurrent use.
type PrometheusServer struct {
	*serverProcess

	URL string
}

// Prometheus starts a Prometheus as `deals up` does, on a free port of 127.0.0.1, and stops it when the test ends. It scrapes itself and the
// targets, which are URLs by job, and sends alerts to the target alertmanager if there is one. The test fails if prometheus is neither in
// bin/ nor on PATH.
func Prometheus(tb testing.TB, targets map[string]string, options ...string) *PrometheusServer {
	tb.Helper()
	process, dir := configured(tb, platform.Prometheus, targets)
	s := &PrometheusServer{URL: process.URL}
	s.serverProcess = startServer(tb, process.Path, dir, s.URL+"/-/ready", append(process.Args, options...)...)
	return s
}

// configured returns the process of a server on a free port, and the folder in which its configuration is written.
func configured(tb testing.TB, name string, targets map[string]string) (process stack.Process, dir string) {
	tb.Helper()
	dir = tb.TempDir()
	process = servers.Process(name, findServer(tb, name), dir, FreePort(tb))
	running := []stack.Process{process}
	for job, at := range targets {
		running = append(running, stack.Process{Name: job, Address: hostOf(tb, at), URL: at})
	}
	require.NoError(tb, servers.Configure(dir, running, slices.Collect(maps.Keys(targets))))
	return process, dir
}

func hostOf(tb testing.TB, address string) string {
	tb.Helper()
	parsed, err := url.Parse(address)
	require.NoError(tb, err)
	return parsed.Host
}

// moduleRoot returns the folder of this module's go.mod. Tests run in the folder of their package.
func moduleRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	require.NoError(tb, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		require.NotEqual(tb, parent, dir, "no go.mod above the test")
		dir = parent
	}
}

// PrometheusAt returns one that runs already.
func PrometheusAt(address string) *PrometheusServer {
	return &PrometheusServer{serverProcess: &serverProcess{client: newServerClient()}, URL: address}
}

// Get sends a request to Prometheus's HTTP API, with a path such as "query", and decodes the data of the response into dst.
func (s *PrometheusServer) Get(ctx context.Context, path string, query url.Values, dst any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/"+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return fmt.Errorf("call prometheus: %w", err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("call prometheus: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	var body struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return fmt.Errorf("decode response of prometheus (%s): %w", response.Status, err)
	}
	if body.Status != "success" {
		return fmt.Errorf("prometheus query %s: %s", query.Encode(), body.Error)
	}
	return json.Unmarshal(body.Data, dst)
}

// Sample is an element of the result of a query.
type Sample struct {
	Metric map[string]string
}

// Query evaluates a PromQL expression at the current time.
func (s *PrometheusServer) Query(ctx context.Context, promQL string) ([]Sample, error) {
	var answer struct{ Result []Sample }
	err := s.Get(ctx, "query", url.Values{"query": {promQL}}, &answer)
	return answer.Result, err
}
