// Package runbooks embeds the runbooks of the alerts, so that the dashboard can serve them.
package runbooks

import "embed"

// Files are the runbooks, each named for its alert.
//
//go:embed *.md
var Files embed.FS
