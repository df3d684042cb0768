package testkit

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// K6 returns the path of bin/k6, which has the platform's extension. The test fails if it is missing.
func K6(tb testing.TB) string {
	tb.Helper()
	binary, err := exec.LookPath(filepath.Join(moduleRoot(tb), "bin", "k6"))
	if err != nil {
		tb.Fatal("bin/k6 is missing: make bin/k6 builds it")
	}
	return binary
}
