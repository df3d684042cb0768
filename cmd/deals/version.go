package main

import (
	"fmt"
	"runtime"

	"deals.example/internal/app"
)

// versionText returns the versions of the program and of Go, and the platform.
func versionText() string {
	return fmt.Sprintf("deals %s %s %s/%s", app.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versionFlag is `deals --version`.
type versionFlag bool

// BeforeReset implements kong's hook: it runs before required arguments are checked.
func (versionFlag) BeforeReset(sys *system) error {
	fmt.Fprintln(sys.stdout, versionText())
	return errHelp
}

// versionCmd is `deals version`.
type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(sys *system) error {
	_, err := fmt.Fprintln(sys.stdout, versionText())
	return err
}
