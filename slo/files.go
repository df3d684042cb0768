package slo

import "embed"

// Files holds the Prometheus rules, in rules/.
//
//go:embed rules/*.yaml
var Files embed.FS
