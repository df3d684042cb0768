package servers

import (
	"path/filepath"
	"time"
)

const (
	prometheusName = "prometheus"
	grafanaName    = "grafana"
)

// slowStop is how long Tempo and Pyroscope may take to end: they flush what they hold, with several waits of seconds.
const slowStop = 40 * time.Second

// How to have what this machine does not.
const (
	byMake    = "make build builds it"
	byCompose = "docker compose up has it; or put its binary on PATH or into bin/"
)

// all is the table of the servers.
func all() []Server {
	return []Server{
		{
			Name: prometheusName, Port: 9090, ready: "/-/ready", summary: "metrics, rules, alerts",
			args: func(etc, data string) []string {
				return []string{
					"--config.file=" + filepath.Join(etc, "prometheus.yml"),
					"--storage.tsdb.path=" + data, "--storage.tsdb.retention.time=24h", "--storage.tsdb.retention.size=1GB",
					"--web.listen-address=" + loopback + ":9090", "--web.enable-remote-write-receiver",
					"--enable-feature=exemplar-storage,created-timestamp-zero-ingestion", "--log.level=warn",
				}
			},
			costs: "no metrics are kept, no objective is watched, nothing alerts", get: byMake,
		},
		{
			Name: "alertmanager", Port: 9093, ready: "/-/ready", summary: "groups, inhibits and sends alerts", inEtc: true,
			args: func(etc, data string) []string {
				return []string{
					"--config.file=" + filepath.Join(etc, "alertmanager.yml"), "--storage.path=" + data,
					"--web.listen-address=" + loopback + ":9093", "--cluster.listen-address=", "--log.level=warn",
				}
			},
			costs: "alerts fire in Prometheus and reach nobody", get: byMake,
		},
		{
			Name: "tempo", Port: 3200, needs: []string{prometheusName}, grace: slowStop, summary: "traces; OTLP gRPC at 127.0.0.1:4317",
			args:      expanded("tempo.yaml"),
			telemetry: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317"},
			costs:     "traces are made of ids alone: none is recorded", get: byCompose,
		},
		{
			Name: "loki", Port: 3110, summary: "logs; OTLP at /otlp/v1/logs",
			args:      expanded("loki.yaml"),
			telemetry: map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://127.0.0.1:3110/otlp/v1/logs"},
			costs:     "logs are in files only", get: byCompose,
		},
		{
			Name: "pyroscope", Port: 4040, grace: slowStop, summary: "continuous profiles",
			args:      expanded("pyroscope.yaml"),
			telemetry: map[string]string{"PYROSCOPE_URL": "http://127.0.0.1:4040"},
			costs:     "profiles are taken by hand only, at /debug/pprof", get: byCompose,
		},
		{
			Name: grafanaName, Port: 3030, ready: "/api/health", summary: "dashboards, explore",
			args: func(etc, _ string) []string { return []string{"server", "--config", filepath.Join(etc, "grafana.ini")} },
			environ: func(etc string) []string {
				_, data := Server{Name: grafanaName}.folders(filepath.Dir(filepath.Dir(etc)))
				return []string{
					"GF_PATHS_PROVISIONING=" + filepath.Join(etc, "provisioning"), "GF_PATHS_DATA=" + data,
					"PROMETHEUS_URL=http://127.0.0.1:9090", "ALERTMANAGER_URL=http://127.0.0.1:9093",
					"TEMPO_URL=http://127.0.0.1:3200", "LOKI_URL=http://127.0.0.1:3110", "PYROSCOPE_URL=http://127.0.0.1:4040",
				}
			},
			costs: "no dashboards; Prometheus has a page of its own", get: byCompose,
		},
	}
}

// expanded are the arguments of a server of Grafana's, whose configuration takes HOST and DATA_DIR from the environment.
func expanded(file string) func(etc, data string) []string {
	return func(etc, _ string) []string {
		return []string{"-config.file=" + filepath.Join(etc, file), "-config.expand-env=true"}
	}
}
