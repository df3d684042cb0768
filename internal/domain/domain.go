// Package domain is what the domain services share: their settings, their synthetic faults, and the lookup of one thing by its id.
package domain

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/app"
	"deals.example/internal/catalog"
	"deals.example/internal/fault"
	"deals.example/internal/problem"
)

// Config is the settings of a domain service.
type Config struct {
	Deals int `env:"CATALOG_DEALS" envDefault:"220" validate:"min=220,max=1000000" help:"deals in the catalog"`
	Fault fault.Config
}

// Faults returns the defaults of a domain service's fault settings; latencies in Go notation, rate as a share.
func Faults(latencyMin, latencyMax, rate string) map[string]string {
	return map[string]string{"FAULT_LATENCY_MIN": latencyMin, "FAULT_LATENCY_MAX": latencyMax, "FAULT_RATE": rate}
}

// Service is a domain service under construction: its data, and routes behind its synthetic faults.
type Service struct {
	gin.IRoutes

	Catalog *catalog.Catalog
}

// New returns a service on rt, with /admin/fault in place.
func New(rt *app.Runtime, cfg Config) (*Service, error) {
	data, err := catalog.New(cfg.Deals)
	if err != nil {
		return nil, fmt.Errorf("make the catalog: %w", err)
	}
	faults, err := fault.New(cfg.Fault, fault.Deps{Service: rt.Name, Logger: rt.Logger, Registry: rt.Registry})
	if err != nil {
		return nil, err
	}
	faults.Register(rt.Router)
	return &Service{IRoutes: rt.Router.Group("", faults.Middleware()), Catalog: data}, nil
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
