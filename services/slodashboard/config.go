package slodashboard

import (
	"deals.example/internal/app"
	"deals.example/services/slodashboard/links"
	"deals.example/services/slodashboard/prom"
	"deals.example/services/slodashboard/scenario"
)

// Config is the settings of the dashboard.
type Config struct {
	Safety     SafetyConfig
	Prometheus prom.Config
	Scenarios  scenario.Config
	Redis      app.RedisConfig
	Services   ServicesConfig
	Links      links.Config
}

// SafetyConfig says who may change something.
type SafetyConfig struct {
	Token string   `env:"DASHBOARD_TOKEN" validate:"omitempty,min=8,max=256" help:"what calls that change something must carry as 'Authorization: Bearer <token>' when they come from another machine; empty: those are refused"`
	Hosts []string `env:"DASHBOARD_HOSTS" validate:"max=16,dive,hostname" help:"names by which browsers on this machine may call the dashboard, beside localhost and 127.0.0.1"`
}

// ServicesConfig is where the services are whose faults can be changed.
type ServicesConfig struct {
	Deal      string   `env:"DEAL_SERVICE_URL" envDefault:"http://127.0.0.1:3001" validate:"http_url" help:"deal-service"`
	Price     string   `env:"PRICE_SERVICE_URL" envDefault:"http://127.0.0.1:3002" validate:"http_url" help:"price-service"`
	Inventory string   `env:"INVENTORY_SERVICE_URL" envDefault:"http://127.0.0.1:3003" validate:"http_url" help:"inventory-service"`
	Merchant  string   `env:"MERCHANT_SERVICE_URL" envDefault:"http://127.0.0.1:3005" validate:"http_url" help:"merchant-service"`
	Ratings   []string `env:"LB_TARGETS" envDefault:"http://127.0.0.1:3004,http://127.0.0.1:3006" validate:"min=1,max=64,unique,dive,http_url" help:"base URLs of the rating replicas, first rating-service-a, then -b"`
}

// urls are the services by name.
func (c ServicesConfig) urls() map[string]string {
	urls := map[string]string{
		"deal-service": c.Deal, "price-service": c.Price, "inventory-service": c.Inventory, "merchant-service": c.Merchant,
	}
	for i, name := range []string{"rating-service-a", "rating-service-b"} {
		if i < len(c.Ratings) {
			urls[name] = c.Ratings[i]
		}
	}
	return urls
}
