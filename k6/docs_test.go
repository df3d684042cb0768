package k6_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"text/template"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/k6"
)

const pageFile = "../docs/scenarios.md"

var update = flag.Bool("update", false, "write docs/scenarios.md") //nolint:gochecknoglobals // as package flag wants it

func TestPageOfTheScenariosIsThatOfTheCatalog(t *testing.T) {
	catalog, err := k6.Load()
	require.NoError(t, err)
	page := template.New("scenarios.md.tmpl").Funcs(template.FuncMap{"duration": orDash})
	page, err = page.ParseFiles(filepath.Join("testdata", "scenarios.md.tmpl"))
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, page.Execute(&text, catalog))

	if *update {
		require.NoError(t, os.WriteFile(pageFile, text.Bytes(), 0o600))
	}
	got, err := os.ReadFile(pageFile)
	require.NoError(t, err)
	assert.Equal(t, text.String(), string(got), "go test ./k6 -update")
}

func orDash(d model.Duration) string {
	if d == 0 {
		return "-"
	}
	return d.String()
}
