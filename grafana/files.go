package grafana

import "embed"

// Files holds Grafana's settings, data sources and dashboards.
//
//go:embed grafana.ini provisioning dashboards/*.json
var Files embed.FS
