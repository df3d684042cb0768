// Package experiments holds the catalog: for each experiment what it does, <id>.yaml, and its page, <id>.md.
package experiments

import "embed"

// Files are the experiments with their pages.
//
//go:embed *.yaml *.md
var Files embed.FS
