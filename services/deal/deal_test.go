package deal_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/city"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/services/deal"
	"deals.example/services/merchant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, environ map[string]string) *testkit.Instance {
	t.Helper()
	return testkit.Run(t, app.Define(app.Info{Name: "deal-service", Metrics: app.DomainMetrics}, deal.Build), environ)
}

func TestKnownDeal(t *testing.T) {
	answer := run(t, nil).Get(t, "/deals/d-00008")
	assert.Equal(t, http.StatusOK, answer.Status)
	assert.JSONEq(t, `{"id":"d-00008","title":"Spa day in Valencia #8","city":"valencia","category":"wellness",
		"merchantId":"m-008","basePrice":64.00,"currency":"EUR"}`, answer.Body)
}

func TestUnknownDeals(t *testing.T) {
	service := run(t, nil)
	ids := testkit.BadIDs()
	ids["after the last deal"] = "d-00221"
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			answer := service.Get(t, "/deals/"+id)
			assert.Equal(t, http.StatusNotFound, answer.Status)
			assert.Contains(t, answer.Body, `"code":"not_found"`)
			assert.Less(t, len(answer.Body), 500)
		})
	}
}

func TestCatalogSize(t *testing.T) {
	assert.Equal(t, http.StatusOK, run(t, map[string]string{"CATALOG_DEALS": "221"}).Get(t, "/deals/d-00221").Status)
}

func TestList(t *testing.T) {
	service := run(t, nil)
	tests := map[string]struct {
		query string
		city  string
		deals int
	}{
		"no parameters":        {"", "valencia", 20},
		"city":                 {"?city=madrid", "madrid", 20},
		"city in another case": {"?city=MaDriD", "madrid", 20},
		"unknown city":         {"?city=atlantis", "", 0},
		"empty city":           {"?city=", "", 0},
		"unicode city":         {"?city=%F0%9F%92%A5%FF", "", 0},
		"minimum limit":        {"?limit=1", "valencia", 1},
		"maximum limit":        {"?limit=100", "valencia", 32},
		"unknown parameter":    {"?sort=price&limit=2", "valencia", 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := service.Get(t, "/deals"+tc.query)
			require.Equal(t, http.StatusOK, answer.Status)
			var page struct{ Deals []deal.Deal }
			require.NoError(t, json.Unmarshal([]byte(answer.Body), &page))
			assert.NotNil(t, page.Deals, "an empty list is not null")
			assert.Len(t, page.Deals, tc.deals)
			for _, d := range page.Deals {
				assert.Equal(t, tc.city, d.City)
			}
		})
	}
}

func TestInvalidLimits(t *testing.T) {
	service := run(t, nil)
	for _, limit := range []string{
		"0", "-1", "101", "99999999999999999999", "1.5", "1e2", "NaN", "ten", "%20", "", "%D9%A5", "0x10", strings.Repeat("1", 4<<10),
	} {
		answer := service.Get(t, "/deals?limit="+limit)
		assert.Equal(t, http.StatusBadRequest, answer.Status, limit)
		assert.Contains(t, answer.Body, "limit: got")
		assert.Less(t, len(answer.Body), 500)
	}
}

func TestFaults(t *testing.T) {
	service := run(t, map[string]string{"FAULT_RATE": "1"})
	for _, path := range []string{"/deals", "/deals/d-00001"} {
		assert.Equal(t, http.StatusServiceUnavailable, service.Get(t, path).Status)
	}
	assert.Equal(t, http.StatusOK, service.Get(t, "/admin/fault").Status)
}

func TestEveryDealHasOneCityAndAMerchant(t *testing.T) {
	var cities city.List
	require.NoError(t, settings.Load(nil, &cities))
	small, large := deal.Catalog{Size: 220, Cities: cities}, deal.Catalog{Size: 1_000_000, Cities: cities}
	total := 0
	for _, name := range cities.Names {
		deals := small.Deals(name, 100)
		total += len(deals)
		for _, d := range deals {
			assert.Equal(t, name, d.City)
			_, ok := merchant.Find(d.MerchantID)
			assert.True(t, ok, d.MerchantID)
		}
		assert.Equal(t, small.Deals(name, 30), large.Deals(name, 30), "the first deals are the same at every size")
	}
	assert.Equal(t, small.Size, total)
}
