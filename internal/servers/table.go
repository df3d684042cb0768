package servers

import (
	"fmt"
	"path/filepath"
	"time"

	"deals.example/internal/platform"
)

// ownPage matches the origin of Prometheus' own page, the only one that may read its API.
const ownPage = `http://(127\.0\.0\.1|localhost):9090`

// slowStop is longer than the time in which Tempo and Pyroscope flush their data when they stop, which is under 5 s on a busy machine. Tempo 3.0
// does not end if it was asked for traces in the last 30 s, although its data is written (github.com/grafana/tempo, pull request 7967); then it
// is killed.
const slowStop = 20 * time.Second

// readyPath is where Tempo, Loki and Pyroscope say whether they are ready.
const readyPath = "/ready"

// How to get a missing server.
const (
	byMake    = "make build builds it"
	byCompose = "docker compose up includes it; or put its binary on PATH or into bin/"
)

// all is the table of the servers. Names, ports and summaries come from the platform's table.
func all() []server {
	table := []server{
		{
			Part: platform.Part{Name: platform.Prometheus}, ready: "/-/ready",
			args:    prometheusArgs,
			missing: "no metrics, objectives or alerts", get: byMake,
		},
		{
			Part: platform.Part{Name: platform.Alertmanager}, ready: "/-/ready", inEtc: true,
			args:    alertmanagerArgs,
			missing: "alerts fire in Prometheus but are not sent", get: byMake,
		},
		{
			Part: platform.Part{Name: platform.Tempo}, needs: []string{platform.Prometheus}, grace: slowStop, ready: readyPath,
			args:      expanded("tempo.yaml"),
			telemetry: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": fmt.Sprintf("http://%s:%d", loopback, platform.OTLPPort)},
			missing:   "no traces are recorded", get: byCompose,
		},
		{
			Part: platform.Part{Name: platform.Loki}, ready: readyPath,
			args:      expanded("loki.yaml"),
			telemetry: map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": platform.URL(platform.Loki) + "/otlp/v1/logs"},
			missing:   "logs are in files only", get: byCompose,
		},
		{
			Part: platform.Part{Name: platform.Pyroscope}, grace: slowStop, ready: readyPath,
			args:      expanded("pyroscope.yaml"),
			telemetry: map[string]string{"PYROSCOPE_URL": platform.URL(platform.Pyroscope)},
			missing:   "profiles at /debug/pprof only", get: byCompose,
		},
		{
			Part: platform.Part{Name: platform.Grafana}, ready: "/api/health",
			args: func(etc, _, _ string) []string {
				return []string{"server", "--config", filepath.Join(etc, "grafana.ini")}
			},
			environ: grafanaEnviron,
			missing: "no dashboards, only Prometheus's own page", get: byCompose,
		},
	}
	for i := range table {
		table[i].Part, _ = platform.Named(table[i].Name)
	}
	return table
}

// prometheusArgs sets the external URL, since the links of alerts would name this machine's host name.
func prometheusArgs(etc, data, address string) []string {
	return []string{
		"--config.file=" + filepath.Join(etc, "prometheus.yml"),
		"--storage.tsdb.path=" + data, "--storage.tsdb.retention.time=24h", "--storage.tsdb.retention.size=1GB",
		"--web.listen-address=" + address, "--web.external-url=http://" + address, "--web.enable-remote-write-receiver", "--web.cors.origin=" + ownPage,
		"--enable-feature=exemplar-storage,created-timestamp-zero-ingestion", "--log.level=warn",
	}
}

func alertmanagerArgs(etc, data, address string) []string {
	return []string{
		"--config.file=" + filepath.Join(etc, "alertmanager.yml"), "--storage.path=" + data,
		"--web.listen-address=" + address, "--web.external-url=http://" + address, "--cluster.listen-address=", "--log.level=warn",
	}
}

func grafanaEnviron(etc, data string) []string {
	return []string{
		"GF_PATHS_PROVISIONING=" + filepath.Join(etc, "provisioning"), "GF_PATHS_DATA=" + data,
		"PROMETHEUS_URL=" + platform.URL(platform.Prometheus), "ALERTMANAGER_URL=" + platform.URL(platform.Alertmanager),
		"TEMPO_URL=" + platform.URL(platform.Tempo), "LOKI_URL=" + platform.URL(platform.Loki),
		"PYROSCOPE_URL=" + platform.URL(platform.Pyroscope),
	}
}

// expanded returns the arguments of Tempo, Loki and Pyroscope, whose configuration file takes HOST and DATA_DIR from the environment.
func expanded(file string) func(etc, data, address string) []string {
	return func(etc, _, _ string) []string {
		return []string{"-config.file=" + filepath.Join(etc, file), "-config.expand-env=true"}
	}
}
