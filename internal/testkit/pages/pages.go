// Package pages renders Markdown files for tests. They are rendered ahead of the build, since the tables of a Markdown parser would take a
// megabyte in every component of the binary.
package pages

import (
	"bytes"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// Compare renders each Markdown file that the pattern sources matches, and compares it with the page of the same name in the folder dir, which
// must have no other pages. With update it writes the pages. The layout is executed with the fields Name, of the file without its extension,
// and Body. Options are further ones of the parser and the renderer.
func Compare(t *testing.T, sources, dir string, layout *template.Template, update bool, options ...goldmark.Option) {
	t.Helper()
	markdown := goldmark.New(append(options, goldmark.WithExtensions(extension.Table))...)
	wanted := map[string]bool{}
	for _, source := range glob(t, sources) {
		text, err := os.ReadFile(source) //nolint:gosec // G304: a file of this repository
		require.NoError(t, err)
		var body, page bytes.Buffer
		require.NoError(t, markdown.Convert(text, &body))
		name := strings.TrimSuffix(filepath.Base(source), ".md")
		//nolint:gosec // G203: made of our own files, and goldmark drops raw HTML
		require.NoError(t, layout.Execute(&page, map[string]any{"Name": name, "Body": template.HTML(body.String())}))
		file := filepath.Join(dir, name+".html")
		wanted[file] = true
		if update {
			require.NoError(t, os.WriteFile(file, page.Bytes(), 0o600))
			continue
		}
		committed, err := os.ReadFile(file) //nolint:gosec // G304: a file of this repository
		require.NoError(t, err, "go generate writes it")
		assert.Equal(t, page.String(), string(committed), "%s: go generate writes it anew", file)
	}
	for _, file := range glob(t, filepath.Join(dir, "*.html")) {
		assert.True(t, wanted[file], "%s is made of no file %s", file, sources)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	return files
}
