// Package card is deal cards: what lists and details say of a deal, each part as the domain service that owns it answered it. Store keeps
// cards in Redis, so that a list needs one round trip instead of a fan-out.
package card

import (
	"time"

	"deals.example/internal/money"
)

// Card is a deal with its parts. A part that is not known is nil, and named in Missing.
type Card struct {
	Deal

	Price     *Price     `json:"price"`
	Inventory *Inventory `json:"inventory"`
	Rating    *Rating    `json:"rating"`
	Merchant  *Merchant  `json:"merchant"`
	Missing   []string   `json:"missing"`
	UpdatedAt *time.Time `json:"updatedAt"` // nil for a card that was never composed
}

// MinParts is how many of its four parts a card must have to be worth storing.
const MinParts = 2

// Bare returns the card of a deal of which no part is known.
func Bare(deal Deal) Card {
	return Card{Deal: deal}.WithMissing()
}

// WithMissing returns the card with the names of the parts that are nil in Missing, in the order of the fields.
func (c Card) WithMissing() Card {
	c.Missing = []string{}
	for _, part := range []struct {
		name  string
		known bool
	}{
		{"price", c.Price != nil}, {"inventory", c.Inventory != nil}, {"rating", c.Rating != nil}, {"merchant", c.Merchant != nil},
	} {
		if !part.known {
			c.Missing = append(c.Missing, part.name)
		}
	}
	return c
}

// WorthStoring reports whether the card has at least MinParts parts.
func (c Card) WorthStoring() bool {
	const parts = 4
	return parts-len(c.Missing) >= MinParts
}

// Deal is the base data of a deal, as deal-service answers it.
type Deal struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	City       string       `json:"city"`
	Category   string       `json:"category"`
	MerchantID string       `json:"merchantId"`
	BasePrice  money.Amount `json:"basePrice"`
	Currency   string       `json:"currency"`
}

// Price is what a deal costs, as price-service answers it.
type Price struct {
	DealID      string       `json:"dealId"`
	BasePrice   money.Amount `json:"basePrice"`
	DiscountPct int          `json:"discountPct"`
	FinalPrice  money.Amount `json:"finalPrice"`
	Currency    string       `json:"currency"`
}

// Inventory is how many of a deal are left, as inventory-service answers it.
type Inventory struct {
	DealID       string `json:"dealId"`
	Stock        int    `json:"stock"`
	Reserved     int    `json:"reserved"`
	Available    bool   `json:"available"`
	LowInventory bool   `json:"lowInventory"`
}

// Rating is what buyers say of a deal, as rating-service answers it.
type Rating struct {
	DealID             string  `json:"dealId"`
	Rating             float64 `json:"rating"`
	ReviewCount        int     `json:"reviewCount"`
	RecommendationRate int     `json:"recommendationRate"`
}

// Merchant is who sells a deal, as merchant-service answers it.
type Merchant struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	City     string `json:"city"`
	Verified bool   `json:"verified"`
	Since    int    `json:"since"`
}
