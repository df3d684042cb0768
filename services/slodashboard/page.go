package slodashboard

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"deals.example/internal/problem"
)

// notBuilt is served if the program was built without the page.
const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>slo-dashboard</title>
<p>This program was built without the dashboard's page: <code>make build</code> builds it in. The API is at <a href="/api/meta">/api</a>.</p>
</html>
`

// page serves the files of the page, and index.html for every other path.
type page struct {
	files http.Handler
	names map[string]bool
	index []byte
}

func newPage(files fs.FS) (*page, error) {
	p := &page{files: gzhttp.GzipHandler(http.FileServerFS(files)), names: map[string]bool{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		p.names[name] = err == nil && !entry.IsDir()
		return err
	})
	if err != nil {
		return nil, err
	}
	p.index, err = fs.ReadFile(files, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		p.index, err = []byte(notBuilt), nil
	}
	return p, err
}

func (p *page) handle(c *gin.Context) {
	name := strings.TrimPrefix(path.Clean(c.Request.URL.Path), "/")
	switch {
	case c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead, strings.HasPrefix(name, "api/"):
		problem.Write(c, problem.NotFound("page", c.Request.URL.Path))
	case p.names[name] && name != "index.html":
		if strings.HasPrefix(name, "assets/") { // Vite puts a content hash into their names
			c.Header("Cache-Control", "public, max-age=31536000, immutable")
		}
		c.Status(http.StatusOK) // gin's no-route handler starts with 404
		p.files.ServeHTTP(c.Writer, c.Request)
	default:
		c.Data(http.StatusOK, "text/html; charset=utf-8", p.index)
	}
}
