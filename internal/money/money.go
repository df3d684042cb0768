// Package money is amounts in euros.
package money

import (
	"fmt"
	"math"
	"strconv"
)

// Currency of every amount.
const Currency = "EUR"

// Amount is an amount in cents. In JSON it is a number of euros with two decimals.
type Amount int64

// Euros returns the amount of n euros.
func Euros(n int) Amount { return Amount(n) * 100 }

// MarshalJSON writes the amount as 12.50.
func (a Amount) MarshalJSON() ([]byte, error) {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	return fmt.Appendf(nil, "%s%d.%02d", sign, a/100, a%100), nil
}

// UnmarshalJSON reads a number and rounds it to the nearest cent.
func (a *Amount) UnmarshalJSON(text []byte) error {
	euros, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("amount: got %s, want a number", text)
	}
	*a = Amount(math.Round(euros * 100))
	return nil
}
