package slodashboard_test

import (
	"bytes"
	"flag"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

var update = flag.Bool("update", false, "write the pages of the runbooks anew") //nolint:gochecknoglobals // a flag of the test binary

// TestRunbookPages renders the runbooks and compares them to the committed pages. With -update it writes those.
func TestRunbookPages(t *testing.T) {
	layout := template.Must(template.ParseFiles("testdata/runbook.gohtml"))
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table))
	sources, err := filepath.Glob("../../docs/runbooks/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, sources)
	wanted := map[string]bool{}
	for _, source := range sources {
		text, err := os.ReadFile(source) //nolint:gosec // G304: a file of this repository
		require.NoError(t, err)
		var body, page bytes.Buffer
		require.NoError(t, markdown.Convert(text, &body))
		name := strings.TrimSuffix(filepath.Base(source), ".md")
		//nolint:gosec // G203: made of our own files, and goldmark drops raw HTML
		require.NoError(t, layout.Execute(&page, map[string]any{"Name": name, "Body": template.HTML(body.String())}))
		file := filepath.Join("runbooks", name+".html")
		wanted[file] = true
		if *update {
			require.NoError(t, os.WriteFile(file, page.Bytes(), 0o600))
			continue
		}
		committed, err := os.ReadFile(file) //nolint:gosec // G304: a file of this repository
		require.NoError(t, err)
		assert.Equal(t, page.String(), string(committed), "%s: go generate ./services/slodashboard writes it anew", file)
	}
	pages, err := filepath.Glob("runbooks/*.html")
	require.NoError(t, err)
	for _, file := range pages {
		assert.True(t, wanted[file], "%s has no runbook", file)
	}
}

// TestRunbooksAreServed checks that each runbook is a page headed by the name of its alert.
func TestRunbooksAreServed(t *testing.T) {
	dashboard := run(t, "http://127.0.0.1:1", nil)
	pages, err := filepath.Glob("runbooks/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, file := range pages {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		for _, path := range []string{"/runbooks/" + name, "/runbooks/" + name + ".md"} {
			answer := dashboard.Get(t, path)
			assert.Equal(t, http.StatusOK, answer.Status, path)
			assert.Contains(t, answer.Body, "<h1>"+name, path)
		}
	}
	for _, name := range []string{"NoSuchAlert", "style"} {
		assert.Equal(t, http.StatusNotFound, dashboard.Get(t, "/runbooks/"+name).Status, name)
	}
}
