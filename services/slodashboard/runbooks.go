package slodashboard

import (
	"embed"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/services/slodashboard/links"
)

const runbookPath = "/runbooks/"

// The pages are rendered ahead of the build.
//
//go:generate go test . -run TestRunbookPages -update
//go:embed runbooks/*.html
var runbookPages embed.FS

//go:embed runbooks/style.css
var runbookStyle []byte

// runbookRoutes serves each runbook at /runbooks/{alert}, with links to where browsers reach the other pages. The runbooks link to each
// other as files, {alert}.md.
func runbookRoutes(r gin.IRoutes, pages *links.Links) {
	r.GET(runbookPath+":name", func(c *gin.Context) {
		name := c.Param("name")
		if name == "style.css" {
			c.Data(http.StatusOK, "text/css; charset=utf-8", runbookStyle)
			return
		}
		page, err := runbookPages.ReadFile(path.Join("runbooks", strings.TrimSuffix(name, ".md")+".html"))
		if err != nil {
			problem.Write(c, problem.NotFound("runbook", name))
			return
		}
		c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(pages.Rebase(string(page))))
	})
}
