// Package card is deal cards: the base data of a deal with its price, inventory, rating and merchant. Store keeps cards in Redis, so that
// a list needs one round trip instead of a fan-out.
package card

import (
	"time"

	"deals.example/internal/money"
)

// Card is a deal with its parts. A missing part is nil, and Missing contains its name.
type Card struct {
	Deal

	Price     *Price     `json:"price"`
	Inventory *Inventory `json:"inventory"`
	Rating    *Rating    `json:"rating"`
	Merchant  *Merchant  `json:"merchant"`
	Missing   []string   `json:"missing"`
	UpdatedAt *time.Time `json:"updatedAt"` // nil for a card that was never composed
}

// MinParts is the number of parts, of four, that a card must have to be stored.
const MinParts = 2

// Bare returns the card of a deal without its parts.
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

// Deal is the base data of a deal from deal-service.
type Deal struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	City       string       `json:"city"`
	Category   string       `json:"category"`
	MerchantID string       `json:"merchantId"`
	BasePrice  money.Amount `json:"basePrice"`
	Currency   string       `json:"currency"`
}

// Price is the price of a deal from price-service.
type Price struct {
	DealID      string       `json:"dealId"`
	BasePrice   money.Amount `json:"basePrice"`
	DiscountPct int          `json:"discountPct"`
	FinalPrice  money.Amount `json:"finalPrice"`
	Currency    string       `json:"currency"`
}

// Inventory is the stock of a deal from inventory-service.
type Inventory struct {
	DealID       string `json:"dealId"`
	Stock        int    `json:"stock"`
	Reserved     int    `json:"reserved"`
	Available    bool   `json:"available"`
	LowInventory bool   `json:"lowInventory"`
}

// Rating is what buyers say about a deal, from rating-service.
type Rating struct {
	DealID             string  `json:"dealId"`
	Rating             float64 `json:"rating"`
	ReviewCount        int     `json:"reviewCount"`
	RecommendationRate int     `json:"recommendationRate"`
}

// Merchant is the seller of a deal from merchant-service.
type Merchant struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	City     string `json:"city"`
	Verified bool   `json:"verified"`
	Since    int    `json:"since"`
}
