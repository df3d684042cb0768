package grafana

import "embed"

// Files is what Grafana is given: its settings, data sources and dashboards.
//
//go:embed grafana.ini provisioning dashboards/*.json
var Files embed.FS
