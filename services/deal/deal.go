// Package deal is the deal service: the base catalog, by city and by id.
package deal

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"deals.example/internal/app"
	"deals.example/internal/catalog"
	"deals.example/internal/domain"
	"deals.example/internal/problem"
)

// MaxLimit is the most deals in one page.
const MaxLimit = 100

const defaultLimit = 20

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("20ms", "180ms", "0.01") }

// Build puts GET /deals and GET /deals/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	service, err := domain.New(rt, cfg)
	if err != nil {
		return err
	}
	service.GET("/deals", list(service.Catalog))
	service.GET("/deals/:id", domain.Lookup("deal", service.Catalog.Deal))
	return nil
}

// page is the answer to a list request.
type page struct {
	Deals []catalog.Deal `json:"deals"`
}

func list(deals *catalog.Catalog) gin.HandlerFunc {
	return func(c *gin.Context) {
		limit, err := strconv.Atoi(c.DefaultQuery("limit", strconv.Itoa(defaultLimit)))
		if err != nil || limit < 1 || limit > MaxLimit {
			problem.Write(c, problem.InvalidArgument("limit", c.Query("limit"), "1 to 100"))
			return
		}
		c.JSON(http.StatusOK, page{Deals: deals.Deals(c.DefaultQuery("city", catalog.Cities()[0]), limit)})
	}
}
