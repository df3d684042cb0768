// Package web is the dashboard's page, as Vite builds it into dist.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Files is the built page: index.html and what it loads. Before `make build` has built it, there is no index.html.
func Files() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // dist is a valid path
	}
	return dist
}
