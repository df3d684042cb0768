package k6

import "embed"

// Files are the scripts: the scenarios with their catalog, the load tool, the load of experiments, and their library.
//
//go:embed scenarios lib/*.ts load.ts experiment.ts
var Files embed.FS
