// Package domain is what the domain services share: the number of deals, synthetic faults, and lookups by id.
//
// A domain service stores nothing. Each value is computed from the number of the deal. Every process and test can therefore compute the
// right answer, and a million deals use no memory. The values do not depend on the number of deals.
package domain

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/app"
	"deals.example/internal/capacity"
	"deals.example/internal/criticality"
	"deals.example/internal/dealid"
	"deals.example/internal/fault"
	"deals.example/internal/money"
	"deals.example/internal/orca"
	"deals.example/internal/problem"
	"deals.example/internal/settings"
	"deals.example/internal/slots"
)

// Config is the settings of a domain service that knows deals.
type Config struct {
	Deals    int
	Behavior Behavior
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Int(&c.Deals, "CATALOG_DEALS", 220).Between(220, 1_000_000).Help("deals in the catalog")
	c.Behavior.Declare(s)
}

// Behavior is how a domain service fails, and how much it can serve.
type Behavior struct {
	Fault    fault.Config
	Capacity capacity.Config
}

// Declare implements settings.Declarer.
func (b *Behavior) Declare(s *settings.Set) {
	b.Fault.Declare(s)
	b.Capacity.Declare(s)
}

// Faults returns the defaults of a domain service's fault settings; the latencies are Go durations, the rate is from 0 to 1.
func Faults(latencyMin, latencyMax, rate string) map[string]string {
	return map[string]string{"FAULT_LATENCY_MIN": latencyMin, "FAULT_LATENCY_MAX": latencyMax, "FAULT_RATE": rate}
}

// Router puts /admin/fault, /admin/capacity and the controls of the capacity on rt, and returns its router behind the synthetic faults and the finite capacity.
func Router(rt *app.Runtime, cfg Behavior) (gin.IRoutes, error) {
	faults, err := fault.New(cfg.Fault, fault.Deps{Service: rt.Name, Logger: rt.Logger, Registry: rt.Registry})
	if err != nil {
		return nil, err
	}
	server, err := capacity.New(cfg.Capacity, capacity.Deps{Service: rt.Name, Logger: rt.Logger, Registry: rt.Registry})
	if err != nil {
		return nil, err
	}
	for _, c := range server.Controls() {
		if err := rt.Controls.Add(c); err != nil {
			return nil, err
		}
	}
	faults.Register(rt.Router)
	server.Register(rt.Router)
	return rt.Router.Group("", serve(rt.Name, faults, server)), nil
}

// serve lets a request through to its handler once the service has room for it and its synthetic service time is over. Every answer says how
// busy the service is.
func serve(service string, faults *fault.Injector, server *capacity.Server) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		if err := faults.Hold(ctx); err != nil {
			problem.Write(c, err)
			return
		}
		report := func() { orca.Set(c.Writer.Header(), server.Utilization(criticality.From(ctx))) }
		visit, err := server.Enter(ctx)
		if err != nil {
			report()
			problem.Write(c, refusal(service, err))
			return
		}
		defer visit.Leave()
		err = faults.Serve(visit.Context, visit.Factor)
		report()
		if err != nil {
			problem.Write(c, err)
			return
		}
		c.Next()
	}
}

// refusal is the answer to a request that the service has no room for. Nobody waits for the answer to one that was abandoned.
func refusal(service string, err error) error {
	if slots.IsRefusal(err) {
		return problem.Overloaded(service, err)
	}
	return err
}

// HandleByDeal answers GET requests for path, which must have the parameter :id, with the value of a deal, on the router of Router.
func HandleByDeal[T any](rt *app.Runtime, cfg Config, path string, value func(n int) T) error {
	router, err := Router(rt, cfg.Behavior)
	if err != nil {
		return err
	}
	router.GET(path, ByDeal(cfg.Deals, value))
	return nil
}

// ByDeal returns a handler that answers with the value of the deal whose id is the path parameter :id. Its number must be from 1 to deals.
func ByDeal[T any](deals int, value func(n int) T) gin.HandlerFunc {
	return Lookup("deal", func(id string) (found T, ok bool) {
		n, ok := dealid.Number(id)
		if !ok || n < 1 || n > deals {
			return found, false
		}
		return value(n), true
	})
}

// Lookup returns a handler that answers with what find returns for the path parameter :id. If find reports false, the answer is a 404 that
// names what was not found.
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

// BasePrice returns the price of deal n before its discount. Both deal-service and price-service return it.
func BasePrice(n int) money.Amount { return money.Euros(15 + 7*(n-1)%120) }
