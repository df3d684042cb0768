package slo

import "embed"

// Files is the generated rules, in the folder rules.
//
//go:embed rules/*.yaml
var Files embed.FS
