package domain_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/domain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestInvalidSettings(t *testing.T) {
	component := app.Define(app.Info{Name: "price-service", Defaults: domain.Faults("35ms", "250ms", "0.015")},
		func(_ context.Context, rt *app.Runtime, cfg domain.Config) error {
			_, err := domain.Router(rt, cfg.Behavior)
			return err
		})
	tests := map[string]struct {
		environ map[string]string
		says    string
	}{
		"catalog too small":       {map[string]string{"CATALOG_DEALS": "219"}, "CATALOG_DEALS"},
		"catalog too large":       {map[string]string{"CATALOG_DEALS": "1000001"}, "CATALOG_DEALS"},
		"rate above 1":            {map[string]string{"FAULT_RATE": "1.1"}, "FAULT_RATE"},
		"latency above the limit": {map[string]string{"FAULT_LATENCY_MAX": "31s"}, "FAULT_LATENCY_MAX"},
		"minimum above maximum":   {map[string]string{"FAULT_LATENCY_MIN": "251ms"}, "FAULT_LATENCY_MIN"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.environ["PORT"] = "0"
			assert.ErrorContains(t, component.Run(t.Context(), tc.environ), tc.says)
		})
	}
}
