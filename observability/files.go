package observability

import "embed"

// Files holds the configuration of the servers, one directory each, as compose mounts it.
//
//go:embed prometheus alertmanager tempo loki pyroscope
var Files embed.FS
