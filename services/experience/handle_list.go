package experience

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/services/experience/listing"
)

const (
	defaultLimit = 20
	maxLimit     = 100
	maxCity      = 64 // characters
)

// listMeta is the meta object of a list.
type listMeta struct {
	problem.Meta

	Mode      string         `json:"mode"`
	ReadModel listing.Counts `json:"readModel"`
}

func (s *server) handleList(c *gin.Context) {
	city, limit, err := s.listQuery(c)
	if err != nil {
		problem.Write(c, err)
		return
	}
	page, err := s.list(c, city, limit)
	if err != nil {
		problem.Write(c, upstreamProblem(err, "city", city))
		return
	}
	s.writeList(c, page)
}

func (s *server) listQuery(c *gin.Context) (city string, limit int, err error) {
	if _, err := url.ParseQuery(c.Request.URL.RawQuery); err != nil {
		return "", 0, problem.InvalidArgument("query", c.Request.URL.RawQuery, "city=NAME&limit=1..100, percent-encoded")
	}
	city = c.DefaultQuery("city", s.cfg.Cities.Default())
	if utf8.RuneCountInString(city) > maxCity {
		return "", 0, problem.InvalidArgument("city", city, "at most 64 characters")
	}
	text := c.DefaultQuery("limit", strconv.Itoa(defaultLimit))
	limit, err = strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		return "", 0, problem.InvalidArgument("limit", text, "1 to 100")
	}
	return city, limit, nil
}

// list returns an empty list for an unknown city, without a call or a cache entry.
func (s *server) list(c *gin.Context, city string, limit int) (listing.Page, error) {
	known, ok := s.cfg.Cities.Find(city)
	if !ok {
		return listing.Page{Deals: []byte("[]"), Mode: listing.ModeHybrid}, nil
	}
	return s.listing.Page(c.Request.Context(), known, limit)
}

// writeList writes the body. The deals are already encoded.
func (s *server) writeList(c *gin.Context, page listing.Page) {
	warnings, err := json.Marshal(s.warn(c, page.Warnings))
	if err != nil {
		problem.Write(c, err)
		return
	}
	meta, err := json.Marshal(listMeta{problem.NewMeta(c.Request.Context()), page.Mode, page.Counts})
	if err != nil {
		problem.Write(c, err)
		return
	}
	parts := [][]byte{[]byte(`{"deals":`), page.Deals, []byte(`,"warnings":`), warnings, []byte(`,"meta":`), meta, []byte("}")}
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	c.Header("Content-Type", "application/json; charset=utf-8")
	c.Header("Content-Length", strconv.Itoa(length))
	c.Status(http.StatusOK)
	for _, part := range parts {
		if _, err := c.Writer.Write(part); err != nil {
			return // the client has gone
		}
	}
}
