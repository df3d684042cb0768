package k6

import "embed"

// Files are the scripts: the scenarios with their catalog, the load tool, and their library.
//
//go:embed scenarios lib/*.ts load.ts
var Files embed.FS
