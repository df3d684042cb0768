package test

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

const requestTimeout = 2500 * time.Millisecond

// slack is added to deadlines for loaded machines.
const slack = 1500 * time.Millisecond

// serving starts the API and its upstreams, without workers.
func serving(t *testing.T, environ ...string) *testkit.Platform {
	t.Helper()
	platform := testkit.NewPlatform(t, program, append(quiet(), environ...), nil)
	platform.Start(t, testkit.Upstreams())
	platform.Start(t, []string{"experience-api"})
	return platform
}

func TestAnUpstreamInTrouble(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, platform *testkit.Platform){
		"dead": func(t *testing.T, platform *testkit.Platform) {
			t.Helper()
			platform.Process("price-service").Kill(t)
		},
		"stopped": func(t *testing.T, platform *testkit.Platform) {
			t.Helper()
			platform.Process("price-service").Signal(t, syscall.SIGSTOP)
		},
		"slow": func(t *testing.T, platform *testkit.Platform) {
			t.Helper()
			setFault(t, platform, "price-service", map[string]any{"latencyMinMs": 5000, "latencyMaxMs": 6000})
		},
		"blackholed": func(t *testing.T, platform *testkit.Platform) {
			t.Helper()
			setFault(t, platform, "price-service", map[string]any{"blackhole": true})
		},
		"failing": func(t *testing.T, platform *testkit.Platform) {
			t.Helper()
			setFault(t, platform, "price-service", map[string]any{"failureRate": 1})
		},
	}
	for name, breakIt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			platform := serving(t)
			breakIt(t, platform)
			api := platform.URL(t, "experience-api")

			listed := get(t, api+"/api/deals?limit=5")
			require.Equal(t, http.StatusOK, listed.status, "%s", listed.body)
			assert.Less(t, listed.took, requestTimeout+slack)
			var body list
			listed.into(t, &body)
			assert.Len(t, body.Deals, 5)
			assert.NotEmpty(t, body.Warnings)
			assert.Contains(t, body.Warnings[0], "price-service")

			detail := get(t, api+"/api/deals/d-00002")
			require.Equal(t, http.StatusOK, detail.status, "%s", detail.body)
			assert.Less(t, detail.took, requestTimeout+slack)
			assert.Contains(t, string(detail.body), `"price":null`)
			assert.Contains(t, string(detail.body), `"missing":["price"]`)
			assert.Contains(t, string(detail.body), "price-service")
		})
	}
}

func setFault(t *testing.T, platform *testkit.Platform, service string, fault map[string]any) {
	t.Helper()
	got := send(t, http.MethodPut, platform.URL(t, service)+"/admin/fault", fault)
	require.Equal(t, http.StatusOK, got.status, "%s", got.body)
}

func TestDealServiceDeadIsABadGateway(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	platform.Process("deal-service").Kill(t)
	got := get(t, platform.URL(t, "experience-api")+"/api/deals?city=rome")
	assert.Equal(t, http.StatusBadGateway, got.status)
	assert.Contains(t, string(got.body), `"code":"upstream_unavailable"`)
	ready := get(t, platform.URL(t, "experience-api")+"/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, ready.status, "%s", ready.body)
}

func TestOneRatingReplicaDeadIsNoticedByNobody(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	platform.Process("rating-service-a").Kill(t)
	lb := platform.URL(t, "rating-lb")
	for range 50 {
		got := get(t, lb+"/rating/d-00001")
		require.Equal(t, http.StatusOK, got.status, "%s", got.body)
	}
	detail := get(t, platform.URL(t, "experience-api")+"/api/deals/d-00001")
	assert.Contains(t, string(detail.body), `"warnings":[]`)
	assert.Contains(t, string(get(t, lb+"/stats").body), `"healthy":false`)
}
