package inventory_test

import (
	"testing"

	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/inventory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLookup(t *testing.T) {
	testkit.Lookup{
		Service: app.Define(app.Info{Name: "inventory-service", Metrics: app.DomainMetrics}, inventory.Build),
		Path:    "/inventory/", Known: "d-00010", Unknown: "d-00221",
		Answer: `{"dealId":"d-00010","stock":10,"reserved":1,"available":true,"lowInventory":true}`,
	}.Test(t)
}
