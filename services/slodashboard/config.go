package slodashboard

import (
	"deals.example/internal/app"
	"deals.example/internal/settings"
	"deals.example/services/slodashboard/links"
	"deals.example/services/slodashboard/prom"
	"deals.example/services/slodashboard/scenario"
)

// Config holds the settings of the dashboard.
type Config struct {
	Safety     SafetyConfig
	Prometheus prom.Config
	Scenarios  scenario.Config
	Redis      app.RedisConfig
	Services   ServicesConfig
	Links      links.Config
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	c.Safety.Declare(s)
	c.Prometheus.Declare(s)
	c.Scenarios.Declare(s)
	c.Redis.Declare(s)
	c.Services.Declare(s)
	c.Links.Declare(s)
}

// SafetyConfig says who may change something.
type SafetyConfig struct {
	Token string
	Hosts []string
}

// Declare implements settings.Declarer.
func (c *SafetyConfig) Declare(s *settings.Set) {
	s.Text(&c.Token, "DASHBOARD_TOKEN", "").Sized(8, 256).Secret().
		Help("what calls that change something must carry as 'Authorization: Bearer <token>' when they come from another machine; empty: those are refused")
	s.List(&c.Hosts, "DASHBOARD_HOSTS", nil, 16, "host names", settings.IsHostName).
		Help("names by which browsers on this machine may call the dashboard, beside localhost and 127.0.0.1")
}

// ServicesConfig holds the base URLs of the services whose faults can be changed.
type ServicesConfig struct {
	Deal      string
	Price     string
	Inventory string
	Merchant  string
	Ratings   []string
}

// Declare implements settings.Declarer.
func (c *ServicesConfig) Declare(s *settings.Set) {
	s.URL(&c.Deal, "DEAL_SERVICE_URL", "http://127.0.0.1:3001").Help("deal-service")
	s.URL(&c.Price, "PRICE_SERVICE_URL", "http://127.0.0.1:3002").Help("price-service")
	s.URL(&c.Inventory, "INVENTORY_SERVICE_URL", "http://127.0.0.1:3003").Help("inventory-service")
	s.URL(&c.Merchant, "MERCHANT_SERVICE_URL", "http://127.0.0.1:3005").Help("merchant-service")
	s.URLs(&c.Ratings, "LB_TARGETS", "http://127.0.0.1:3004", "http://127.0.0.1:3006").
		Help("base URLs of the rating replicas, first rating-service-a, then -b")
}

// urls returns the base URLs by service name.
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
