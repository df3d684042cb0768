// Package price is the price service: what a deal costs, with its discount.
package price

import (
	"context"

	"deals.example/internal/app"
	"deals.example/internal/dealid"
	"deals.example/internal/domain"
	"deals.example/internal/money"
)

// Faults are the defaults of the service's synthetic latency and failure rate.
func Faults() map[string]string { return domain.Faults("35ms", "250ms", "0.015") }

// Build puts GET /price/{id} on rt.
func Build(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
	return domain.HandleByDeal(rt, cfg, "/price/:id", Of)
}

// Price is the price of a deal. FinalPrice is BasePrice minus DiscountPct percent.
type Price struct {
	DealID      string       `json:"dealId"`
	BasePrice   money.Amount `json:"basePrice"`
	DiscountPct int          `json:"discountPct"`
	FinalPrice  money.Amount `json:"finalPrice"`
	Currency    string       `json:"currency"`
}

// Of returns the price of deal n.
func Of(n int) Price {
	base, discount := domain.BasePrice(n), 10+n%55
	return Price{
		DealID: dealid.Of(n), BasePrice: base, DiscountPct: discount, Currency: money.Currency,
		FinalPrice: base * money.Amount(100-discount) / 100, // exact: base is a whole number of euros
	}
}
