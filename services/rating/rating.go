// Package rating is the rating service, of which two replicas run: what buyers said of a deal.
package rating

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/domain"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("40ms", "320ms", "0.02") }

// Build puts GET /rating/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	service, err := domain.New(rt, cfg)
	if err != nil {
		return err
	}
	service.GET("/rating/:id", domain.Lookup("deal", service.Catalog.Rating))
	return nil
}
