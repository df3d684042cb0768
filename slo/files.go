package slo

import "embed"

// Files is the rules, in rules/, as Prometheus reads them.
//
//go:embed rules
var Files embed.FS
