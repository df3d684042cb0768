package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// PrometheusServer is a Prometheus of a test. Its queries are safe for concurrent use.
type PrometheusServer struct {
	*serverProcess

	URL string
}

// alertmanagerJob is the job of the target to which Prometheus sends its alerts.
const alertmanagerJob = "alertmanager"

// Prometheus starts a Prometheus with the configuration and rules of this repository on a free port of 127.0.0.1 and stops it when the test
// ends. It scrapes itself and the targets, which are URLs by job, and sends alerts to the target alertmanager if there is one. The test fails
// if prometheus is neither in bin/ nor on PATH.
func Prometheus(tb testing.TB, targets map[string]string, options ...string) *PrometheusServer {
	tb.Helper()
	binary := findServer(tb, "prometheus")
	address := "127.0.0.1:" + strconv.Itoa(FreePort(tb))
	s := &PrometheusServer{URL: "http://" + address}
	dir := tb.TempDir()
	writePrometheusFiles(tb, dir, targets, s.URL)
	s.serverProcess = startServer(tb, binary, dir, s.URL+"/-/ready", append([]string{
		"--config.file=" + filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + address, "--web.enable-remote-write-receiver",
		"--enable-feature=exemplar-storage,created-timestamp-zero-ingestion",
	}, options...)...)
	return s
}

// writePrometheusFiles writes prometheus.yml and the files that it refers to.
func writePrometheusFiles(tb testing.TB, dir string, targets map[string]string, self string) {
	tb.Helper()
	groups := []targetGroup{{[]string{hostOf(tb, self)}, map[string]string{"job": "prometheus"}}}
	managers := []targetGroup{}
	for job, at := range targets {
		groups = append(groups, targetGroup{[]string{hostOf(tb, at)}, map[string]string{"job": job}})
		if job == alertmanagerJob {
			managers = append(managers, targetGroup{Targets: []string{hostOf(tb, at)}})
		}
	}
	writeTargets(tb, filepath.Join(dir, "targets.yaml"), groups)
	writeTargets(tb, filepath.Join(dir, "alertmanagers.yaml"), managers)
	root := moduleRoot(tb)
	for name, from := range map[string]string{
		"prometheus.yml": "observability/prometheus/prometheus.yml", "rules": "observability/prometheus/rules", "slo": "slo/rules",
	} {
		require.NoError(tb, os.Symlink(filepath.Join(root, filepath.FromSlash(from)), filepath.Join(dir, name)))
	}
}

// targetGroup is an entry of Prometheus's file-based service discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels,omitempty"`
}

func writeTargets(tb testing.TB, file string, groups []targetGroup) {
	tb.Helper()
	text, err := json.Marshal(groups) // JSON is valid YAML
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(file, text, 0o600))
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
