// Package domain is what the domain services share: the number of deals, synthetic faults, and the lookup of one thing by its id.
//
// A domain service stores nothing. Each value is a function of a deal's number, so that every process, test and learner knows the right
// answer, and a million deals cost no memory. The values of a deal do not depend on how many deals there are.
package domain

import (
	"errors"
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

// Faults returns the defaults of a domain service's fault settings; latencies in Go notation, rate as a share.
func Faults(latencyMin, latencyMax, rate string) map[string]string {
	return map[string]string{"FAULT_LATENCY_MIN": latencyMin, "FAULT_LATENCY_MAX": latencyMax, "FAULT_RATE": rate}
}

// Router puts /admin/fault and /admin/capacity on rt, and returns its router behind the synthetic faults and the finite capacity.
func Router(rt *app.Runtime, cfg Behavior) (gin.IRoutes, error) {
	faults, err := fault.New(cfg.Fault, fault.Deps{Service: rt.Name, Logger: rt.Logger, Registry: rt.Registry})
	if err != nil {
		return nil, err
	}
	server, err := capacity.New(cfg.Capacity, capacity.Deps{Service: rt.Name, Logger: rt.Logger, Registry: rt.Registry})
	if err != nil {
		return nil, err
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
	if errors.Is(err, slots.ErrFull) || errors.Is(err, slots.ErrShed) || errors.Is(err, slots.ErrLate) {
		return problem.Overloaded(service, err)
	}
	return err
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
