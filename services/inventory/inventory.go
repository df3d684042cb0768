// Package inventory is the inventory service: how many of a deal are left.
package inventory

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/domain"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("20ms", "210ms", "0.01") }

// Build puts GET /inventory/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	service, err := domain.New(rt, cfg)
	if err != nil {
		return err
	}
	service.GET("/inventory/:id", domain.Lookup("deal", service.Catalog.Inventory))
	return nil
}
