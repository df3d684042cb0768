// Package domain is what the domain services share: the number of deals, synthetic faults, and the lookup of one thing by its id.
//
// A domain service stores nothing. Each value is a function of a deal's number, so that every process, test and learner knows the right
// answer, and a million deals cost no memory. The values of a deal do not depend on how many deals there are.
package domain

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/app"
	"deals.example/internal/dealid"
	"deals.example/internal/fault"
	"deals.example/internal/money"
	"deals.example/internal/problem"
	"deals.example/internal/settings"
)

// Config is the settings of a domain service.
type Config struct {
	Deals int
	Fault fault.Config
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Int(&c.Deals, "CATALOG_DEALS", 220).Between(220, 1_000_000).Help("deals in the catalog")
	c.Fault.Declare(s)
}

// Faults returns the defaults of a domain service's fault settings; latencies in Go notation, rate as a share.
func Faults(latencyMin, latencyMax, rate string) map[string]string {
	return map[string]string{"FAULT_LATENCY_MIN": latencyMin, "FAULT_LATENCY_MAX": latencyMax, "FAULT_RATE": rate}
}

// Router puts /admin/fault on rt and returns its router behind the synthetic faults.
func Router(rt *app.Runtime, cfg fault.Config) (gin.IRoutes, error) {
	faults, err := fault.New(cfg, fault.Deps{Service: rt.Name, Logger: rt.Logger, Registry: rt.Registry})
	if err != nil {
		return nil, err
	}
	faults.Register(rt.Router)
	return rt.Router.Group("", faults.Middleware()), nil
}

// ByDeal returns a handler that answers with the value of the deal in the path parameter :id, one of the first deals.
func ByDeal[T any](deals int, value func(n int) T) gin.HandlerFunc {
	return Lookup("deal", func(id string) (found T, ok bool) {
		n, ok := dealid.Number(id)
		if !ok || n < 1 || n > deals {
			return found, false
		}
		return value(n), true
	})
}

// Lookup returns a handler that answers with what find returns for the path parameter :id, else with a 404 that says no such what.
func Lookup[T any](what string, find func(id string) (T, bool)) gin.HandlerFunc {
	return func(c *gin.Context) {
		id := c.Param("id")
		found, ok := find(id)
		if !ok {
			problem.Write(c, problem.NotFound(what, id))
			return
		}
		c.JSON(http.StatusOK, found)
	}
}

// BasePrice returns what deal n costs before its discount. Deal-service and price-service both say it.
func BasePrice(n int) money.Amount { return money.Euros(15 + 7*(n-1)%120) }
