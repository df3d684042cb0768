package catalog

import (
	"fmt"
	"strconv"
)

// Money is an amount in cents; in JSON it is a number with two decimals, exact to the cent.
type Money int64

func euros(n int) Money { return Money(n) * 100 }

// MarshalJSON writes the amount as 12.50.
func (m Money) MarshalJSON() ([]byte, error) {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Appendf(nil, "%s%d.%02d", sign, m/100, m%100), nil
}

// UnmarshalJSON reads a number with at most two decimals.
func (m *Money) UnmarshalJSON(text []byte) error {
	amount, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("amount: got %s, allowed: a number", text)
	}
	cents := amount * 100
	if cents < 0 {
		*m = Money(cents - 0.5)
	} else {
		*m = Money(cents + 0.5)
	}
	return nil
}

// Deal is the base data of a deal.
type Deal struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	City       string `json:"city"`
	Category   string `json:"category"`
	MerchantID string `json:"merchantId"`
	BasePrice  Money  `json:"basePrice"`
	Currency   string `json:"currency"`
}

// Price is what a deal costs; FinalPrice is BasePrice less DiscountPct percent.
type Price struct {
	DealID      string `json:"dealId"`
	BasePrice   Money  `json:"basePrice"`
	DiscountPct int    `json:"discountPct"`
	FinalPrice  Money  `json:"finalPrice"`
	Currency    string `json:"currency"`
}

// Inventory is how many of a deal are left. Available: over 5; LowInventory: under 15.
type Inventory struct {
	DealID       string `json:"dealId"`
	Stock        int    `json:"stock"`
	Reserved     int    `json:"reserved"`
	Available    bool   `json:"available"`
	LowInventory bool   `json:"lowInventory"`
}

// Rating is what buyers said: Rating is 0 to 5, RecommendationRate a percentage.
type Rating struct {
	DealID             string  `json:"dealId"`
	Rating             float64 `json:"rating"`
	ReviewCount        int     `json:"reviewCount"`
	RecommendationRate int     `json:"recommendationRate"`
}

// Merchant is who sells a deal.
type Merchant struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	City     string `json:"city"`
	Verified bool   `json:"verified"`
	Since    int    `json:"since"` // year
}
