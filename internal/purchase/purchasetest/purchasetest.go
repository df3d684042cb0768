// Package purchasetest reads what became of purchases, for the tests of other packages.
package purchasetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"deals.example/internal/purchase"
)

// Receipts returns how many receipts each purchase has, as far as the ledger goes back.
func Receipts(tb testing.TB, store *purchase.Store) map[string]int {
	tb.Helper()
	const all = 100_000 // the length of the ledger
	sent, err := store.Receipts(tb.Context(), all)
	require.NoError(tb, err)
	receipts := map[string]int{}
	for _, receipt := range sent {
		receipts[receipt.PurchaseID]++
	}
	return receipts
}
