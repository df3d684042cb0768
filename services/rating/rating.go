// Package rating is the rating service: what buyers say about a deal. Two replicas run.
package rating

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/dealid"
	"deals.example/internal/domain"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("40ms", "320ms", "0.02") }

// Build puts GET /rating/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	return domain.HandleByDeal(rt, cfg, "/rating/:id", Of)
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
