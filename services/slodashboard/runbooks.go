package slodashboard

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"deals.example/docs/runbooks"
	"deals.example/internal/problem"
)

const runbookPath = "/runbooks/"

//go:embed runbook.gohtml
var runbookPage string

//go:embed runbook.css
var runbookStyle []byte

// renderRunbooks returns the pages of all runbooks, by the name of their alert.
func renderRunbooks() (map[string][]byte, error) {
	page, err := template.New("runbook").Parse(runbookPage)
	if err != nil {
		return nil, err
	}
	entries, err := runbooks.Files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	pages := make(map[string][]byte, len(entries))
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table))
	for _, entry := range entries {
		source, err := fs.ReadFile(runbooks.Files, entry.Name())
		if err != nil {
			return nil, err
		}
		var text, rendered bytes.Buffer
		if err := markdown.Convert(source, &text); err != nil {
			return nil, fmt.Errorf("runbook %s: %w", entry.Name(), err)
		}
		name := strings.TrimSuffix(entry.Name(), ".md")
		body := template.HTML(text.String()) //nolint:gosec // G203: made of our own files, and goldmark drops raw HTML
		if err := page.Execute(&rendered, map[string]any{"Name": name, "Body": body}); err != nil {
			return nil, err
		}
		pages[name] = rendered.Bytes()
	}
	return pages, nil
}

// runbookRoutes serves each runbook at /runbooks/{alert}.
func runbookRoutes(r gin.IRoutes) error {
	pages, err := renderRunbooks()
	if err != nil {
		return err
	}
	r.GET(runbookPath+":name", func(c *gin.Context) {
		name := c.Param("name")
		if name == "style.css" {
			c.Data(http.StatusOK, "text/css; charset=utf-8", runbookStyle)
			return
		}
		page, found := pages[strings.TrimSuffix(name, ".md")] // the runbooks link to each other as files
		if !found {
			problem.Write(c, problem.NotFound("runbook", name))
			return
		}
		c.Data(http.StatusOK, "text/html; charset=utf-8", page)
	})
	return nil
}
