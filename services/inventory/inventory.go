// Package inventory is the inventory service: the stock of each deal.
package inventory

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/dealid"
	"deals.example/internal/domain"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("20ms", "210ms", "0.01") }

// Build puts GET /inventory/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	return domain.HandleByDeal(rt, cfg, "/inventory/:id", Of)
}

// Inventory is the stock of a deal. It is Available if Stock is above 5, and LowInventory if Stock is below 15.
type Inventory struct {
	DealID       string `json:"dealId"`
	Stock        int    `json:"stock"`
	Reserved     int    `json:"reserved"`
	Available    bool   `json:"available"`
	LowInventory bool   `json:"lowInventory"`
}

// Of returns the inventory of deal n.
func Of(n int) Inventory {
	stock := 13 * n % 120
	return Inventory{DealID: dealid.Of(n), Stock: stock, Reserved: stock * 12 / 100, Available: stock > 5, LowInventory: stock < 15}
}
