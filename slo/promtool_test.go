package slo_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// promtool returns the path of the promtool in bin/, or else of the one on PATH.
func promtool(t *testing.T) string {
	t.Helper()
	built, err := filepath.Abs("../bin/promtool")
	require.NoError(t, err)
	for _, candidate := range []string{built, "promtool"} {
		if found, err := exec.LookPath(candidate); err == nil {
			return found
		}
	}
	t.Fatal("promtool not found; build it with make bin/prometheus")
	return ""
}

func runPromtool(t *testing.T, args ...string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), promtool(t), args...).CombinedOutput() //nolint:gosec // the test names it
	assert.NoError(t, err, "promtool %v\n%s", args, output)
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	t.Parallel()
	runPromtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, committedFiles(t)...)...)
	golden, err := filepath.Glob("testdata/catalog/rules/*")
	require.NoError(t, err)
	runPromtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, golden...)...)
}

func TestRuleUnitTests(t *testing.T) {
	t.Parallel()
	tests, err := filepath.Glob("tests/*.yaml")
	require.NoError(t, err)
	for _, rules := range committedFiles(t) {
		assert.FileExists(t, filepath.Join("tests", filepath.Base(rules)))
	}
	for _, test := range tests {
		t.Run(filepath.Base(test), func(t *testing.T) {
			t.Parallel()
			runPromtool(t, "test", "rules", test)
		})
	}
}
