// Package merchant is the merchant service: who sells a deal.
package merchant

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/domain"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("30ms", "260ms", "0.015") }

// Build puts GET /merchant/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Behavior) error {
	router, err := domain.Router(rt, cfg)
	if err != nil {
		return err
	}
	router.GET("/merchant/:id", domain.Lookup("merchant", Find))
	return nil
}

// Merchant is who sells a deal.
type Merchant struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	City     string `json:"city"`
	Verified bool   `json:"verified"`
	Since    int    `json:"since"` // year
}

// Find returns the merchant with that id, and reports whether it exists.
func Find(id string) (Merchant, bool) {
	for _, m := range merchants() {
		if m.ID == id {
			return m, true
		}
	}
	return Merchant{}, false
}

func merchants() [10]Merchant {
	return [...]Merchant{
		{"m-001", "Harbour Kitchen", "valencia", true, 2009},
		{"m-002", "Still Water Spa", "madrid", true, 2010},
		{"m-003", "Northbound Trips", "barcelona", true, 2011},
		{"m-004", "City Steps", "lisbon", false, 2012},
		{"m-005", "Atelier Nine", "berlin", true, 2013},
		{"m-006", "Bright Homes", "paris", true, 2014},
		{"m-007", "Olive and Salt", "rome", true, 2015},
		{"m-008", "Quiet Garden", "valencia", false, 2016},
		{"m-009", "Far Shore Travel", "madrid", true, 2017},
		{"m-010", "Old Town Tours", "barcelona", true, 2018},
	}
}
