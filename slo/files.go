package slo

import "embed"

// Files is the rules, in rules/, as Prometheus reads them.
//
//go:embed rules/*.yaml
var Files embed.FS
