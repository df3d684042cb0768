package servers_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/servers"
	"deals.example/internal/stack"
)

// machine returns a folder with programs of these names. It sets PATH to an empty folder.
func machine(t *testing.T, programs ...string) (binDir string) {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	binDir = t.TempDir()
	for _, name := range programs {
		require.NoError(t, os.WriteFile(filepath.Join(binDir, name), []byte("#!/bin/sh\n"), 0o700)) //nolint:gosec // G306: it is to be run
	}
	return binDir
}

func names(processes []stack.Process) []string {
	var found []string
	for _, p := range processes {
		found = append(found, p.Name)
	}
	return found
}

func TestFindReturnsPresentAndAbsentServers(t *testing.T) {
	processes, absent := servers.Find(machine(t, "prometheus", "tempo"), t.TempDir())
	assert.Equal(t, []string{"prometheus", "tempo"}, names(processes))
	require.Len(t, absent, 4)
	for _, server := range absent {
		assert.NotEmpty(t, server.Missing, server.Name)
		assert.NotEmpty(t, server.Get, server.Name)
	}
}

// Tempo flushes to Prometheus when it stops. If Prometheus has stopped, Tempo retries for a minute.
func TestTempoStopsBeforePrometheus(t *testing.T) {
	processes, _ := servers.Find(machine(t, "prometheus", "tempo"), t.TempDir())
	require.Equal(t, "tempo", processes[1].Name)
	assert.Contains(t, processes[1].Needs, "prometheus")
	assert.Greater(t, processes[1].Grace, 15*time.Second)
}

// Each server is asked over HTTP whether it is ready, and is not before it says so.
func TestReadiness(t *testing.T) {
	for name, path := range map[string]string{
		"prometheus": "/-/ready", "alertmanager": "/-/ready", "grafana": "/api/health",
		"tempo": "/ready", "loki": "/ready", "pyroscope": "/ready",
	} {
		t.Run(name, func(t *testing.T) {
			var ready atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, path, r.URL.Path)
				if !ready.Load() {
					http.Error(w, "starting", http.StatusServiceUnavailable)
				}
			}))
			t.Cleanup(server.Close)
			probe := servers.Process(name, name, t.TempDir(), server.Listener.Addr().(*net.TCPAddr).Port).Ready
			require.ErrorContains(t, probe(t.Context()), "503 Service Unavailable: starting")
			ready.Store(true)
			require.NoError(t, probe(t.Context()))
		})
	}
}

func TestConfigure(t *testing.T) {
	stateDir := t.TempDir()
	processes, _ := servers.Find(machine(t, "prometheus", "alertmanager", "tempo", "loki", "pyroscope", "grafana"), stateDir)
	component := stack.Process{Name: "price-service", Address: "0.0.0.0:3002", URL: "http://127.0.0.1:3002"}
	redis := stack.Process{Name: "redis", Address: "127.0.0.1:6379"}
	require.NoError(t, servers.Configure(stateDir, append(processes, component, redis), []string{"price-service"}))

	for _, file := range []string{
		"prometheus/prometheus.yml", "prometheus/rules/causes.yaml", "prometheus/slo/availability.lab-time.yaml",
		"alertmanager/alertmanager.yml", "alertmanager/webhook-url", "tempo/tempo.yaml", "loki/loki.yaml", "pyroscope/pyroscope.yaml",
		"grafana/grafana.ini", "grafana/provisioning/datasources/datasources.yaml", "grafana/dashboards/deals-overview.json",
	} {
		assert.FileExists(t, filepath.Join(stateDir, "etc", filepath.FromSlash(file)))
	}
	targets := readTargets(t, filepath.Join(stateDir, "etc", "prometheus", "targets.yaml"))
	assert.Equal(t, "127.0.0.1:3002", targets["price-service"], "where it is reached, not where it listens")
	assert.Equal(t, "127.0.0.1:3200", targets["tempo"])
	assert.NotContains(t, targets, "redis", "it has no metrics")
	assert.Len(t, targets, 7)
}

func readTargets(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // G304: the test's own folder
	require.NoError(t, err)
	var groups []struct {
		Targets []string
		Labels  map[string]string
	}
	require.NoError(t, json.Unmarshal(text, &groups))
	byJob := map[string]string{}
	for _, group := range groups {
		require.Len(t, group.Targets, 1)
		byJob[group.Labels["job"]] = group.Targets[0]
	}
	return byJob
}

func TestConfigureReplacesTargets(t *testing.T) {
	stateDir := t.TempDir()
	processes, _ := servers.Find(machine(t, "prometheus", "tempo"), stateDir)
	require.NoError(t, servers.Configure(stateDir, processes, nil))
	require.NoError(t, servers.Configure(stateDir, processes[:1], nil))
	assert.NotContains(t, readTargets(t, filepath.Join(stateDir, "etc", "prometheus", "targets.yaml")), "tempo")
}

func TestTelemetryIsOnForRunningServersOnly(t *testing.T) {
	processes, _ := servers.Find(machine(t, "tempo", "pyroscope"), t.TempDir())
	assert.Equal(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "PYROSCOPE_URL=http://127.0.0.1:4040"},
		servers.Telemetry(processes, nil))
	assert.Equal(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://elsewhere:4317"},
		servers.Telemetry(processes[:1], map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://elsewhere:4317"}), "the environment takes precedence")
	assert.Empty(t, servers.Telemetry(nil, nil))
}
