package experiments_test

import (
	"flag"
	"html/template"
	"testing"

	"deals.example/internal/testkit/pages"
)

var update = flag.Bool("update", false, "write the explanations anew") //nolint:gochecknoglobals // a flag of the test binary

// TestExplanations renders the explanations and compares them to the committed pages. With -update it writes those.
func TestExplanations(t *testing.T) {
	pages.Compare(t, "*.md", ".", template.Must(template.New("explanation").Parse("{{.Body}}")), *update)
}
