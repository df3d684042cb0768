package ratinglb

import (
	"context"

	"github.com/gin-gonic/gin"

	"deals.example/internal/app"
	"deals.example/internal/upstream"
)

// idlePerReplica is the maximum number of idle connections to a replica.
const idlePerReplica = 64

// Build puts the load balancer on rt. It is ready while at least one replica is healthy.
func Build(_ context.Context, rt *app.Runtime, cfg Config) error {
	transport := upstream.NewTransport(idlePerReplica)
	balancer, err := New(cfg, upstream.Deps{Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger, Transport: transport})
	if err != nil {
		return err
	}
	for _, c := range balancer.Controls() {
		if err := rt.Controls.Add(c); err != nil {
			return err
		}
	}
	Routes(rt.Router, balancer)
	rt.Check("replicas", true, balancer.Healthy)
	rt.Go("health checks", balancer.Run)
	rt.OnClose("connections to the replicas", func(context.Context) error {
		transport.CloseIdleConnections()
		return nil
	})
	return nil
}

// Routes registers the endpoints on router.
func Routes(router gin.IRoutes, balancer *Balancer) {
	router.GET("/rating/:dealId", rating(balancer))
	router.GET("/stats", stats(balancer))
}
