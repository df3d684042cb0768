package experience_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/admin"
	"deals.example/internal/testkit"
	"deals.example/lab/control"
)

// TestUpstreamLimitIsSwitchedLive: the limits of all upstreams follow the control at once, and are back after a reset.
func TestUpstreamLimitIsSwitchedLive(t *testing.T) {
	a := newAPI(t, nil)
	client := admin.New(map[string]string{"api": a.URL}, &http.Transport{DisableKeepAlives: true}, "")
	var list control.List
	limits := func(want string) {
		metrics := a.Get(t, "/metrics").Body
		for _, service := range []string{"deal-service", "price-service", "inventory-service", "rating-lb", "merchant-service"} {
			assert.Contains(t, metrics, `experience_upstream_limit{service="`+service+`"} `+want)
		}
	}
	limits("20")
	for option, want := range map[string]string{"static=7": "7", "none": "+Inf"} {
		change := control.Change{Control: "upstream-limit", Option: option}
		require.NoError(t, client.Set(t.Context(), "api", control.Path, change, &list))
		limits(want)
		require.Equal(t, http.StatusOK, a.Get(t, "/api/deals/d-00008").Status)
	}
	err := client.Set(t.Context(), "api", control.Path, control.Change{Control: "upstream-limit", Option: "static=0"}, &list)
	require.EqualError(t, err, `option: got "static=0", want one of adaptive, latency, static=1..10000, none, default`)
	require.NoError(t, client.Delete(t.Context(), "api", control.Path, &list))
	assert.Equal(t, "adaptive", list.Controls[0].Option)
	limits("20")
}

// TestAdmissionIsSwitchedLive: one request may be inside, and a detail is. A list that waits for its turn is refused after a second, on
// account of its tenant; without admission it is answered.
func TestAdmissionIsSwitchedLive(t *testing.T) {
	a := newAPI(t, nil)
	client := admin.New(map[string]string{"api": a.URL}, &http.Transport{DisableKeepAlives: true}, "")
	set := func(name, option string) {
		t.Helper()
		var list control.List
		require.NoError(t, client.Set(t.Context(), "api", control.Path, control.Change{Control: name, Option: option}, &list))
	}
	list := func(tenant string) testkit.Answer {
		return a.Do(t, http.MethodGet, "/api/deals", "", http.Header{"X-Tenant": {tenant}})
	}
	asked := make(chan struct{}, 1)
	a.upstreams.breaks("price", func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- struct{}{}:
		default: // the retry
		}
		silent(w, r)
	})
	set("admission", "priority")
	set("admission-limit", "static=1")
	var asking sync.WaitGroup
	asking.Go(func() { a.Get(t, "/api/deals/d-00008") })
	<-asked

	refused := list("tenant-3")
	assert.Equal(t, http.StatusServiceUnavailable, refused.Status)
	assert.Contains(t, refused.Body, `"code":"overloaded"`)
	assert.Equal(t, "1", refused.Header.Get("Retry-After"))
	a.upstreams.breaks("price", nil)
	set("admission", "none")
	assert.Equal(t, http.StatusOK, list("tenant-3").Status)
	assert.Equal(t, http.StatusOK, list("nobody").Status)
	asking.Wait()
	metrics := a.Get(t, "/metrics").Body
	for _, want := range []string{
		`experience_tenant_requests_total{outcome="refused",tenant="tenant-3"} 1`, `experience_tenant_requests_total{outcome="admitted",tenant="tenant-3"} 1`,
		`experience_tenant_requests_total{outcome="admitted",tenant="other"} 2`, `experience_admission_refused_total{criticality="low",reason="late"} 1`,
		`experience_admission_limit +Inf`, `experience_admission_in_flight 0`,
	} {
		assert.Contains(t, metrics, want)
	}
}
