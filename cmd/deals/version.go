package main

import (
	"fmt"
	"runtime"

	"deals.example/internal/app"
)

// versionCmd is `deals version`.
type versionCmd struct{}

// Run prints the version of the program and of the Go it was built with.
func (versionCmd) Run(sys *system) error {
	_, err := fmt.Fprintf(sys.stdout, "deals %s %s %s/%s\n", app.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
