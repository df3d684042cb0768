// Package price is the price service: what a deal costs, with its discount.
package price

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/domain"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("35ms", "250ms", "0.015") }

// Build puts GET /price/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	service, err := domain.New(rt, cfg)
	if err != nil {
		return err
	}
	service.GET("/price/:id", domain.Lookup("deal", service.Catalog.Price))
	return nil
}
