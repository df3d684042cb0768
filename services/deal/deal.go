// Package deal is the deal service: the base data of deals, by city and by id.
package deal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"deals.example/internal/app"
	"deals.example/internal/city"
	"deals.example/internal/dealid"
	"deals.example/internal/domain"
	"deals.example/internal/money"
	"deals.example/internal/problem"
	"deals.example/internal/settings"
)

const (
	defaultLimit = 20
	maxLimit     = 100 // deals in one page
	merchants    = 10
)

// Config is the settings of the deal service.
type Config struct {
	Domain domain.Config
	Cities city.List
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	c.Domain.Declare(s)
	c.Cities.Declare(s)
}

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("20ms", "180ms", "0.01") }

// Build puts GET /deals and GET /deals/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg Config) error {
	router, err := domain.Router(rt, cfg.Domain.Behavior)
	if err != nil {
		return err
	}
	deals := Catalog{Size: cfg.Domain.Deals, Cities: cfg.Cities}
	router.GET("/deals", deals.handleList)
	router.GET("/deals/:id", domain.ByDeal(deals.Size, deals.Deal))
	return nil
}

// Deal is the base data of a deal.
type Deal struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	City       string       `json:"city"`
	Category   string       `json:"category"`
	MerchantID string       `json:"merchantId"`
	BasePrice  money.Amount `json:"basePrice"`
	Currency   string       `json:"currency"`
}

// Catalog is the deals 1 to Size. Cities, categories and merchants repeat in turn.
type Catalog struct {
	Size   int
	Cities city.List
}

// Deal returns deal n.
func (c Catalog) Deal(n int) Deal {
	offers := [...]struct{ category, title string }{
		{"food", "Tasting menu for two"},
		{"wellness", "Spa day"},
		{"travel", "Weekend away"},
		{"activities", "Guided tour"},
		{"beauty", "Salon visit"},
		{"home", "Home service"},
	}
	cities := c.Cities.Names
	offer, name := offers[(n-1)%len(offers)], cities[(n-1)%len(cities)]
	return Deal{
		ID:         dealid.Of(n),
		Title:      fmt.Sprintf("%s in %s #%d", offer.title, strings.ToUpper(name[:1])+name[1:], n),
		City:       name,
		Category:   offer.category,
		MerchantID: fmt.Sprintf("m-%03d", (n-1)%merchants+1),
		BasePrice:  domain.BasePrice(n),
		Currency:   money.Currency,
	}
}

// Deals returns the first limit deals of a city, or none if the city is unknown.
func (c Catalog) Deals(name string, limit int) []Deal {
	deals := make([]Deal, 0, limit)
	name, known := c.Cities.Find(name)
	if !known {
		return deals
	}
	cities := c.Cities.Names
	for n := slices.Index(cities, name) + 1; n <= c.Size && len(deals) < limit; n += len(cities) {
		deals = append(deals, c.Deal(n))
	}
	return deals
}

func (c Catalog) handleList(ctx *gin.Context) {
	limit, err := strconv.Atoi(ctx.DefaultQuery("limit", strconv.Itoa(defaultLimit)))
	if err != nil || limit < 1 || limit > maxLimit {
		problem.Write(ctx, problem.InvalidArgument("limit", ctx.Query("limit"), "1 to 100"))
		return
	}
	ctx.JSON(http.StatusOK, gin.H{"deals": c.Deals(ctx.DefaultQuery("city", c.Cities.Default()), limit)})
}
