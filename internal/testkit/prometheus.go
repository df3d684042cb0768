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

// PrometheusServer is a Prometheus that belongs to one test. It may be asked concurrently.
type PrometheusServer struct {
	*serverProcess

	URL string
}

// alertmanagerJob is the target to which Prometheus also sends its alerts.
const alertmanagerJob = "alertmanager"

// Prometheus starts a Prometheus with the configuration and the rules of this repository on a free port of 127.0.0.1, and stops
// it when the test ends. It scrapes itself and the targets: URLs, by the name of their job; alerts go to the job alertmanager, if
// there is one. Options are Prometheus' own. Without bin/prometheus, or one on PATH, the test fails.
func Prometheus(tb testing.TB, targets map[string]string, options ...string) *PrometheusServer {
	tb.Helper()
	binary := findServer(tb, "prometheus")
	address := "127.0.0.1:" + strconv.Itoa(FreePort(tb))
	s := &PrometheusServer{URL: "http://" + address}
	dir := tb.TempDir()
	writePrometheusFiles(tb, dir, targets, s.URL)
	s.serverProcess = startServer(tb, binary, dir, s.URL+"/-/ready", append([]string{
		"--config.file=" + filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + address, "--web.enable-remote-write-receiver", "--enable-feature=exemplar-storage,created-timestamp-zero-ingestion",
	}, options...)...)
	return s
}

// writePrometheusFiles lays out in dir what prometheus.yml expects beside it.
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

// targetGroup is an entry of Prometheus' file-based discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels,omitempty"`
}

func writeTargets(tb testing.TB, file string, groups []targetGroup) {
	tb.Helper()
	text, err := json.Marshal(groups) // JSON is YAML
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(file, text, 0o600))
}

func hostOf(tb testing.TB, address string) string {
	tb.Helper()
	parsed, err := url.Parse(address)
	require.NoError(tb, err)
	return parsed.Host
}

// moduleRoot is the folder of this module's go.mod: tests run in the folder of their package.
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

// Get asks Prometheus' HTTP API, at a path such as "query", and decodes what it answers as data into dst. The error is
// Prometheus' own when it refuses.
func (s *PrometheusServer) Get(ctx context.Context, path string, query url.Values, dst any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/"+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return fmt.Errorf("ask prometheus: %w", err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("ask prometheus: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	var body struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return fmt.Errorf("decode the answer of prometheus (%s): %w", response.Status, err)
	}
	if body.Status != "success" {
		return fmt.Errorf("prometheus refuses %s: %s", query.Encode(), body.Error)
	}
	return json.Unmarshal(body.Data, dst)
}

// Sample is one element of the answer to a query.
type Sample struct {
	Metric map[string]string
}

// Query answers PromQL as of now.
func (s *PrometheusServer) Query(ctx context.Context, promQL string) ([]Sample, error) {
	var answer struct{ Result []Sample }
	err := s.Get(ctx, "query", url.Values{"query": {promQL}}, &answer)
	return answer.Result, err
}
