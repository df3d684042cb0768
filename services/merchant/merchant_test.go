package merchant_test

import (
	"testing"

	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/merchant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLookup(t *testing.T) {
	testkit.Lookup{
		Service: app.Define(app.Info{Name: "merchant-service", Metrics: app.DomainMetrics}, merchant.Build),
		Path:    "/merchant/", Known: "m-002", Unknown: "d-00001",
		Answer: `{"id":"m-002","name":"Still Water Spa","city":"madrid","verified":true,"since":2010}`,
	}.Test(t)
}
