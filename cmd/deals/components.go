package main

import (
	"deals.example/internal/app"
	"deals.example/services/deal"
	"deals.example/services/experience"
	"deals.example/services/inventory"
	"deals.example/services/merchant"
	"deals.example/services/price"
	"deals.example/services/queueui"
	"deals.example/services/rating"
	"deals.example/services/ratinglb"
	"deals.example/services/slodashboard"
	"deals.example/workers/critical"
	"deals.example/workers/enrichment"
)

// Names that stand in more than one place.
const (
	redisName        = "redis"
	dealService      = "deal-service"
	priceService     = "price-service"
	inventoryService = "inventory-service"
	merchantService  = "merchant-service"
	ratingA          = "rating-service-a"
	ratingB          = "rating-service-b"
	ratingLB         = "rating-lb"
	dashboard        = "slo-dashboard" // what people open first
)

// components is the table of all processes of the platform that are this program, in the order in which people read it.
// Needs decides the order of start and stop.
func components() []app.Component {
	const domain, ownMetrics = app.DomainMetrics, app.NoRequestMetrics
	composing := []string{redisName, dealService, priceService, inventoryService, ratingLB, merchantService}

	return []app.Component{
		app.Define(app.Info{Name: "experience-api", Port: 3000, Needs: composing, Metrics: app.ExperienceMetrics, Public: true, Summary: "the only door for clients: aggregates, orchestrates, enqueues"}, experience.Build),
		app.Define(app.Info{Name: dealService, Port: 3001, Metrics: domain, Defaults: deal.Faults(), Summary: "base catalog of deals"}, deal.Build),
		app.Define(app.Info{Name: priceService, Port: 3002, Metrics: domain, Defaults: price.Faults(), Summary: "prices and discounts"}, price.Build),
		app.Define(app.Info{Name: inventoryService, Port: 3003, Metrics: domain, Defaults: inventory.Faults(), Summary: "availability"}, inventory.Build),
		app.Define(app.Info{Name: ratingA, Port: 3004, Metrics: domain, Defaults: rating.Faults(), Summary: "ratings, first replica"}, rating.Build),
		app.Define(app.Info{Name: ratingB, Port: 3006, Metrics: domain, Defaults: rating.Faults(), Summary: "ratings, second replica"}, rating.Build),
		app.Define(app.Info{Name: merchantService, Port: 3005, Metrics: domain, Defaults: merchant.Faults(), Summary: "merchants"}, merchant.Build),
		app.Define(app.Info{Name: ratingLB, Port: 3014, Needs: []string{ratingA, ratingB}, Metrics: domain, Summary: "load balancer over the rating replicas"}, ratinglb.Build),
		app.Define(app.Info{Name: "enrichment-worker", Port: 3007, Needs: composing, Metrics: ownMetrics, Summary: "enrichment jobs, writes the read model"}, enrichment.Build),
		app.Define(app.Info{Name: "critical-worker", Port: 3008, Needs: []string{redisName}, Metrics: ownMetrics, Summary: "purchases: fraud check, analytics event, email receipt"}, critical.Build),
		app.Define(app.Info{Name: dashboard, Port: 3100, Metrics: ownMetrics, Summary: "the page: indicators, objectives, graph, scenarios, faults"}, slodashboard.Build),
		app.Define(app.Info{Name: "queue-ui", Port: 8081, Needs: []string{redisName}, Metrics: ownMetrics, Summary: "queues, retries and dead jobs in the browser"}, queueui.Build),
	}
}
