package catalog_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/catalog"
)

func mustNew(t *testing.T, size int) *catalog.Catalog {
	t.Helper()
	c, err := catalog.New(size)
	require.NoError(t, err)
	return c
}

func TestValuesOfKnownDeals(t *testing.T) {
	c := mustNew(t, catalog.MinSize)
	price, ok := c.Price("d-00018")
	require.True(t, ok)
	// base 15 + 7*17 mod 120 = 15 + 119 = 134, discount 10 + 18 = 28, final 134 * 0.72 = 96.48
	text, err := json.Marshal(price)
	require.NoError(t, err)
	assert.JSONEq(t, `{"dealId":"d-00018","basePrice":134.00,"discountPct":28,"finalPrice":96.48,"currency":"EUR"}`, string(text))
	assert.Contains(t, string(text), `"finalPrice":96.48,`)

	inventory, ok := c.Inventory("d-00010") // 13*10 mod 120 = 10; 12 % of it, in whole pieces: 1
	require.True(t, ok)
	assert.Equal(t, catalog.Inventory{DealID: "d-00010", Stock: 10, Reserved: 1, Available: true, LowInventory: true}, inventory)

	rating, ok := c.Rating("d-00017") // 3.2 + 1.7
	require.True(t, ok)
	assert.Equal(t, catalog.Rating{DealID: "d-00017", Rating: 4.9, ReviewCount: 37, RecommendationRate: 89}, rating)

	deal, ok := c.Deal("d-00008")
	require.True(t, ok)
	assert.Equal(t, "valencia", deal.City)
	assert.Equal(t, "wellness", deal.Category)
	assert.Equal(t, "m-008", deal.MerchantID)
}

func TestFirstDealsAreTheSameAtEverySize(t *testing.T) {
	small, large := mustNew(t, catalog.MinSize), mustNew(t, catalog.MaxSize)
	for _, city := range catalog.Cities() {
		assert.Equal(t, small.Deals(city, 30), large.Deals(city, 30))
	}
}

func TestDealsByCity(t *testing.T) {
	c := mustNew(t, catalog.MinSize)
	total := 0
	for _, city := range catalog.Cities() {
		deals := c.Deals(city, 100)
		total += len(deals)
		for _, d := range deals {
			assert.Equal(t, city, d.City)
		}
	}
	assert.Equal(t, catalog.MinSize, total)
	assert.Len(t, c.Deals("VaLencia", 3), 3)
	assert.Empty(t, c.Deals("atlantis", 3))
	assert.Empty(t, c.Deals("valencia", 0))
}

func TestIDs(t *testing.T) {
	c := mustNew(t, catalog.MaxSize)
	tests := map[string]struct {
		valid, known bool
	}{
		"d-00001": {true, true}, "d-99999": {true, true}, "d-100000": {true, true}, "d-1000000": {true, true},
		"d-1000001": {true, false}, "d-00000": {true, false},
		"d-1": {}, "d-000001": {}, "d-00001\n": {}, "d-0000x": {}, "": {}, "../d-00001": {}, "d-00001/..": {}, "d-٠٠٠٠١": {}, "d-99999999": {},
	}
	for id, tc := range tests {
		assert.Equal(t, tc.valid, catalog.ValidDealID(id), id)
		_, known := c.Deal(id)
		assert.Equal(t, tc.known, known, id)
	}
	for id, known := range map[string]bool{"m-001": true, "m-010": true, "m-000": false, "m-011": false, "m-1": false, "m-0010": false, "": false} {
		_, got := c.Merchant(id)
		assert.Equal(t, known, got, id)
	}
}

func TestEveryDealHasItsMerchant(t *testing.T) {
	c := mustNew(t, catalog.MinSize)
	for _, d := range c.Deals("rome", 100) {
		_, ok := c.Merchant(d.MerchantID)
		assert.True(t, ok, d.MerchantID)
	}
}

func TestMoneyGoesThroughJSON(t *testing.T) {
	for _, want := range []catalog.Money{0, 1, 99, 100, 1999, 9648, -105} {
		text, err := json.Marshal(want)
		require.NoError(t, err)
		var got catalog.Money
		require.NoError(t, json.Unmarshal(text, &got))
		assert.Equal(t, want, got, string(text))
	}
}

func TestSizeIsBounded(t *testing.T) {
	for _, size := range []int{-1, 0, 219, 1_000_001} {
		_, err := catalog.New(size)
		assert.Error(t, err)
	}
}

func FuzzValidDealID(f *testing.F) {
	for _, seed := range []string{"d-00001", "d-1000000", "d-", "d-00001/../x", "d-00001?x"} {
		f.Add(seed)
	}
	c, err := catalog.New(catalog.MaxSize)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, id string) {
		d, known := c.Deal(id)
		if known && (d.ID != id || !catalog.ValidDealID(id)) {
			t.Fatalf("%q is known as %q", id, d.ID)
		}
	})
}
