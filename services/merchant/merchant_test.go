package merchant_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/merchant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, environ map[string]string) *testkit.Instance {
	t.Helper()
	return testkit.Run(t, app.Define(app.Info{Name: "merchant-service", Metrics: app.DomainMetrics}, merchant.Build), environ)
}

func TestKnownMerchant(t *testing.T) {
	answer := run(t, nil).Get(t, "/merchant/m-002")
	assert.Equal(t, http.StatusOK, answer.Status)
	assert.JSONEq(t, `{"id":"m-002","name":"Still Water Spa","city":"madrid","verified":true,"since":2010}`, answer.Body)
}

func TestUnknownMerchants(t *testing.T) {
	service := run(t, nil)
	ids := testkit.BadIDs()
	ids["deal"] = "d-00001"
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			answer := service.Get(t, "/merchant/"+id)
			assert.Equal(t, http.StatusNotFound, answer.Status)
			assert.Contains(t, answer.Body, `"code":"not_found"`)
			assert.Less(t, len(answer.Body), 500)
		})
	}
}

func TestFaultsAreInPlace(t *testing.T) {
	assert.Equal(t, map[string]string{"FAULT_LATENCY_MIN": "30ms", "FAULT_LATENCY_MAX": "260ms", "FAULT_RATE": "0.015"}, merchant.Faults())
	service := run(t, map[string]string{"FAULT_RATE": "1"})
	assert.Equal(t, http.StatusServiceUnavailable, service.Get(t, "/merchant/m-001").Status)
	assert.Equal(t, http.StatusOK, service.Get(t, "/healthz").Status)
	assert.Equal(t, http.StatusOK, service.Do(t, http.MethodPut, "/admin/fault", `{"failureRate":0}`, nil).Status)
	assert.Equal(t, http.StatusOK, service.Get(t, "/merchant/m-001").Status)
}
