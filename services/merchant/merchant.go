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
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	service, err := domain.New(rt, cfg)
	if err != nil {
		return err
	}
	service.GET("/merchant/:id", domain.Lookup("merchant", service.Catalog.Merchant))
	return nil
}
