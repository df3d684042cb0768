// Package rating is the rating service: what buyers say about a deal. Two replicas run.
package rating

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/dealid"
	"deals.example/internal/domain"
	"deals.example/internal/settings"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("40ms", "320ms", "0.02") }

// Config is the settings of a replica.
type Config struct {
	Domain domain.Config
	Redis  app.RedisConfig // of deep health checks only
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	c.Domain.Declare(s)
	c.Redis.Declare(s)
}

// Build puts GET /rating/{id} on rt. Ratings need no Redis; it is in the deep health check, as a dependency that all replicas share, to show
// what such a check does when the dependency fails.
func Build(_ context.Context, rt *app.Runtime, cfg Config) error {
	if err := rt.ProbeRedis(cfg.Redis); err != nil {
		return err
	}
	return domain.HandleByDeal(rt, cfg.Domain, "/rating/:id", Of)
}

// Rating is what buyers say about a deal. Rating is from 0 to 5, and RecommendationRate is a percentage.
type Rating struct {
	DealID             string  `json:"dealId"`
	Rating             float64 `json:"rating"`
	ReviewCount        int     `json:"reviewCount"`
	RecommendationRate int     `json:"recommendationRate"`
}

// Of returns the rating of deal n.
func Of(n int) Rating {
	tenths := min(50, 32+n%18)
	return Rating{DealID: dealid.Of(n), Rating: float64(tenths) / 10, ReviewCount: 20 + n%600, RecommendationRate: 72 + n%27}
}
