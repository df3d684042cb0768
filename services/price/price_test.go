package price_test

import (
	"testing"

	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/price"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLookup(t *testing.T) {
	testkit.Lookup{
		Service: app.Define(app.Info{Name: "price-service", Metrics: app.DomainMetrics}, price.Build),
		Path:    "/price/", Known: "d-00018", Unknown: "d-00221",
		Answer: `{"dealId":"d-00018","basePrice":134.00,"discountPct":28,"finalPrice":96.48,"currency":"EUR"}`,
	}.Test(t)
}
