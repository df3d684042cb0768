package observability

import "embed"

// Files is the configuration of the servers, a folder for each, as compose mounts it.
//
//go:embed prometheus alertmanager tempo loki pyroscope
var Files embed.FS
