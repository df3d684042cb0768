package slo_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/testkit"
)

func runPromtool(t *testing.T, args ...string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), testkit.Promtool(t), args...).CombinedOutput() //nolint:gosec // the test names it
	assert.NoError(t, err, "promtool %v\n%s", args, output)
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	t.Parallel()
	runPromtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, committedFiles(t)...)...)
	golden, err := filepath.Glob("testdata/catalog/rules/*")
	require.NoError(t, err)
	runPromtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, golden...)...)
}

// TestRunbookQueries checks that each runbook has three queries to run first, and that all of its queries are PromQL.
func TestRunbookQueries(t *testing.T) {
	t.Parallel()
	type recording struct{ Record, Expr string }
	var rules []recording
	first := map[string]int{}
	for i, query := range testkit.RunbookQueries(t) {
		rules = append(rules, recording{fmt.Sprintf("runbook:%s:%d", query.Runbook, i), query.Expr})
		if query.First {
			first[query.Runbook]++
		}
	}
	files, err := filepath.Glob(filepath.Join(repository, runbooks, "*.md"))
	require.NoError(t, err)
	for _, file := range files {
		assert.Equal(t, 3, first[strings.TrimSuffix(filepath.Base(file), ".md")], file)
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "runbooks", "rules": rules}}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "runbooks.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	runPromtool(t, "check", "rules", file)
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
