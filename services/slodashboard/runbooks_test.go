package slodashboard_test

import (
	"flag"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"deals.example/internal/platform"
	"deals.example/internal/testkit/pages"
	"deals.example/services/slodashboard/links"
)

var update = flag.Bool("update", false, "write the pages of the runbooks anew") //nolint:gochecknoglobals // a flag of the test binary

// TestRunbookPages renders the runbooks and compares them to the committed pages. With -update it writes those.
func TestRunbookPages(t *testing.T) {
	layout := template.Must(template.ParseFiles("testdata/runbook.gohtml"))
	queries := goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(runnable{}, 1)))
	pages.Compare(t, "../../docs/runbooks/*.md", "runbooks", layout, *update, queries)
}

// runnable renders code in PromQL with a link that runs it on Prometheus' page, and other fenced code as usual.
type runnable struct{}

func (runnable) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		block, _ := node.(*ast.FencedCodeBlock)
		text := string(block.Lines().Value(source))
		_, err := fmt.Fprintf(w, "<pre><code>%s</code></pre>\n", html.EscapeString(text))
		if string(block.Language(source)) == "promql" {
			url := links.Graph(platform.URL(platform.Prometheus), strings.TrimSpace(text))
			_, err = fmt.Fprintf(w, "<p class=\"run\"><a href=\"%s\">Run in Prometheus</a></p>\n", html.EscapeString(url))
		}
		return ast.WalkSkipChildren, err
	})
}

// TestRunbookLinksLeadToWhereBrowsersReachThePages checks the links of a runbook when the pages are not at their default URLs.
func TestRunbookLinksLeadToWhereBrowsersReachThePages(t *testing.T) {
	dashboard := run(t, "http://127.0.0.1:1", map[string]string{
		"PUBLIC_PROMETHEUS_URL": "https://prometheus.example/", "PUBLIC_GRAFANA_URL": "https://grafana.example/a",
	})
	page := dashboard.Get(t, "/runbooks/BreakerOpen").Body
	assert.Equal(t, 3, strings.Count(page, `<a href="https://prometheus.example/query?g0.expr=`))
	assert.Contains(t, page, `<a href="https://grafana.example/a/d/deals-experience-api">`)
	assert.NotContains(t, page, platform.URL(platform.Prometheus))
	assert.NotContains(t, page, platform.URL(platform.Grafana))
}

// TestRunbooksAreServed checks that each runbook is a page headed by the name of its alert.
func TestRunbooksAreServed(t *testing.T) {
	dashboard := run(t, "http://127.0.0.1:1", nil)
	files, err := filepath.Glob("runbooks/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
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
