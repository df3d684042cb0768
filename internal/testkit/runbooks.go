package testkit

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// RunbookQuery is a PromQL query of a runbook.
type RunbookQuery struct {
	Runbook string // name of the alert
	Expr    string
	First   bool // one of those to run first
}

// RunbookQueries returns the queries of all runbooks in docs/runbooks: their code blocks in the language promql.
func RunbookQueries(tb testing.TB) (queries []RunbookQuery) {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(moduleRoot(tb), "docs", "runbooks", "*.md"))
	require.NoError(tb, err)
	require.NotEmpty(tb, files)
	block := regexp.MustCompile("(?s)```promql\n(.*?)```")
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // G304: a file of this repository
		require.NoError(tb, err)
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		for part := range strings.SplitSeq(string(text), "\n## ") {
			section, _, _ := strings.Cut(part, "\n")
			for _, match := range block.FindAllStringSubmatch(part, -1) {
				queries = append(queries, RunbookQuery{Runbook: name, Expr: strings.TrimSpace(match[1]), First: section == "Run first"})
			}
		}
	}
	return queries
}
