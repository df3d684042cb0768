package k6

import "embed"

// Files is what k6 is given: the scenarios with their catalog, the load tool's script, and what these share.
//
//go:embed scenarios lib/*.ts load.ts
var Files embed.FS
