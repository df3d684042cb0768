package inventory_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/inventory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, environ map[string]string) *testkit.Instance {
	t.Helper()
	return testkit.Run(t, app.Define(app.Info{Name: "inventory-service", Metrics: app.DomainMetrics}, inventory.Build), environ)
}

func TestKnownDeal(t *testing.T) {
	answer := run(t, nil).Get(t, "/inventory/d-00010")
	assert.Equal(t, http.StatusOK, answer.Status)
	assert.JSONEq(t, `{"dealId":"d-00010","stock":10,"reserved":1,"available":true,"lowInventory":true}`, answer.Body)
}

func TestUnknownDeals(t *testing.T) {
	service := run(t, nil)
	ids := testkit.BadIDs()
	ids["one more than there are"] = "d-00221"
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			answer := service.Get(t, "/inventory/"+id)
			assert.Equal(t, http.StatusNotFound, answer.Status)
			assert.Contains(t, answer.Body, `"code":"not_found"`)
			assert.Less(t, len(answer.Body), 500)
		})
	}
}

func TestFaultsAreInPlace(t *testing.T) {
	assert.Equal(t, map[string]string{"FAULT_LATENCY_MIN": "20ms", "FAULT_LATENCY_MAX": "210ms", "FAULT_RATE": "0.01"}, inventory.Faults())
	service := run(t, map[string]string{"FAULT_RATE": "1"})
	assert.Equal(t, http.StatusServiceUnavailable, service.Get(t, "/inventory/d-00001").Status)
	assert.Equal(t, http.StatusOK, service.Get(t, "/healthz").Status)
	assert.Equal(t, http.StatusOK, service.Do(t, http.MethodPut, "/admin/fault", `{"failureRate":0}`, nil).Status)
	assert.Equal(t, http.StatusOK, service.Get(t, "/inventory/d-00001").Status)
}
