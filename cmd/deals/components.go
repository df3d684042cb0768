package main

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/platform"
	"deals.example/internal/settings"
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

// components returns the components in the order of the platform's table.
func components() []app.Component {
	return []app.Component{
		define(platform.ExperienceAPI, experience.Defaults(), experience.Build),
		define(platform.DealService, deal.Faults(), deal.Build),
		define(platform.PriceService, price.Faults(), price.Build),
		define(platform.InventoryService, inventory.Faults(), inventory.Build),
		define(platform.RatingServiceA, rating.Faults(), rating.Build),
		define(platform.RatingServiceB, rating.Faults(), rating.Build),
		define(platform.MerchantService, merchant.Faults(), merchant.Build),
		define(platform.RatingLB, nil, ratinglb.Build),
		define(platform.EnrichmentWorker, nil, enrichment.Build),
		define(platform.CriticalWorker, nil, critical.Build),
		define(platform.Dashboard, nil, slodashboard.Build),
		define(platform.QueueUI, nil, queueui.Build),
	}
}

// define returns the component with that name in the platform's table. defaults replace defaults of its settings.
func define[S any, D settings.Of[S]](
	name string, defaults map[string]string, build func(context.Context, *app.Runtime, S) error,
) app.Component {
	part, _ := platform.Named(name)
	info := app.Info{Name: name, Summary: part.Summary, Port: part.Port, Needs: part.Upstreams, Defaults: defaults}
	switch part.Kind {
	case platform.API:
		info.Metrics, info.Public = app.ExperienceMetrics, true
	case platform.Service, platform.Balancer:
		info.Metrics = app.DomainMetrics
	}
	return app.Define[S, D](info, build)
}
