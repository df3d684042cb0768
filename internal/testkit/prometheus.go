package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// PrometheusServer is a Prometheus that belongs to one test. It may be asked concurrently.
type PrometheusServer struct {
	URL string

	client  *http.Client
	output  tail
	process *exec.Cmd
	exited  chan struct{}
}

// Prometheus starts a Prometheus with the configuration and the rules of this repository on a free port of 127.0.0.1, and stops
// it when the test ends. It scrapes itself and the targets: URLs, by the name of their job. Options are Prometheus' own. Without
// bin/prometheus, or one on PATH, the test is skipped.
func Prometheus(tb testing.TB, targets map[string]string, options ...string) *PrometheusServer {
	tb.Helper()
	root := moduleRoot(tb)
	binary, err := exec.LookPath(filepath.Join(root, "bin", "prometheus"))
	if err != nil {
		binary, err = exec.LookPath("prometheus")
	}
	if err != nil {
		tb.Skip("prometheus is neither in bin/ nor on PATH: make bin/prometheus")
	}
	address := "127.0.0.1:" + strconv.Itoa(freePort(tb))
	s := &PrometheusServer{URL: "http://" + address, client: &http.Client{Timeout: 10 * time.Second}, exited: make(chan struct{})}
	dir := tb.TempDir()
	writePrometheusFiles(tb, root, dir, targets, s.URL)
	arguments := append([]string{
		"--config.file=" + filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + address, "--web.enable-remote-write-receiver", "--enable-feature=exemplar-storage",
	}, options...)
	// The context of a test ends before its clean-ups run; the clean-up ends the process, not the context.
	s.process = exec.CommandContext(context.WithoutCancel(tb.Context()), binary, arguments...) //nolint:gosec // G204: our own arguments
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	require.NoError(tb, s.process.Start())
	go func() {
		_ = s.process.Wait() // killed: the error says so
		close(s.exited)
	}()
	tb.Cleanup(func() {
		_ = s.process.Process.Kill() // it may have ended by itself
		<-s.exited
		s.client.CloseIdleConnections()
		if tb.Failed() {
			tb.Logf("last output of prometheus:\n%s", &s.output)
		}
	})
	require.Eventually(tb, func() bool { return answers(tb.Context(), s.client, s.URL+"/-/ready") },
		readyWithin, 20*time.Millisecond, "prometheus did not start; its output:\n%s", &s.output)
	return s
}

// writePrometheusFiles lays out in dir what prometheus.yml expects beside it.
func writePrometheusFiles(tb testing.TB, root, dir string, targets map[string]string, self string) {
	tb.Helper()
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	groups := []group{{[]string{hostOf(tb, self)}, map[string]string{"job": "prometheus"}}}
	for job, at := range targets {
		groups = append(groups, group{[]string{hostOf(tb, at)}, map[string]string{"job": job}})
	}
	text, err := json.Marshal(groups) // JSON is YAML
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(filepath.Join(dir, "targets.yaml"), text, 0o600))
	require.NoError(tb, os.WriteFile(filepath.Join(dir, "alertmanagers.yaml"), []byte("[]"), 0o600))
	for name, from := range map[string]string{
		"prometheus.yml": "observability/prometheus/prometheus.yml", "rules": "observability/prometheus/rules", "slo": "slo/rules",
	} {
		require.NoError(tb, os.Symlink(filepath.Join(root, filepath.FromSlash(from)), filepath.Join(dir, name)))
	}
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
