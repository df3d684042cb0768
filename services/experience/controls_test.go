package experience_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/admin"
	"deals.example/internal/deadline"
	"deals.example/internal/testkit"
	"deals.example/lab/control"
)

// switching returns a function that switches a control of the API.
func switching(t *testing.T, a *api) func(name, option string) {
	t.Helper()
	client := admin.New(map[string]string{"api": a.URL}, &http.Transport{DisableKeepAlives: true}, "")
	return func(name, option string) {
		t.Helper()
		var list control.List
		require.NoError(t, client.Set(t.Context(), "api", control.Path, control.Change{Control: name, Option: option}, &list))
		i := slices.IndexFunc(list.Controls, func(c control.State) bool { return c.Name == name })
		require.GreaterOrEqual(t, i, 0)
		assert.Equal(t, option, list.Controls[i].Option)
	}
}

// TestUpstreamPoliciesAreSwitchedLive: the retries, the breaker and the deadlines of a service that is down.
func TestUpstreamPoliciesAreSwitchedLive(t *testing.T) {
	a := newAPI(t, map[string]string{"DETAIL_PATIENCE": "60s", "UPSTREAM_BREAKER_OPEN_FOR": "1m"})
	to := switching(t, a)
	var told atomic.Value
	a.upstreams.breaks("price", func(w http.ResponseWriter, r *http.Request) {
		told.Store(r.Header.Get(deadline.Header))
		unavailable(w, r)
	})
	asked := func() (calls int) {
		a.upstreams.forget()
		require.Equal(t, http.StatusOK, a.Get(t, "/api/deals/d-00008").Status)
		for _, path := range a.upstreams.called() {
			if strings.HasPrefix(path, "/price/") {
				calls++
			}
		}
		return calls
	}
	to("breaker", "off")
	to("retry", "none")
	for range 50 {
		require.Equal(t, 1, asked(), "no breaker opens")
	}
	assert.NotEmpty(t, told.Load())
	to("retry", "fixed=3")
	to("deadline", "local")
	assert.Equal(t, 3, asked())
	assert.Empty(t, told.Load())
	to("breaker", "on")
	for range 10 {
		asked()
	}
	assert.Zero(t, asked(), "the breaker has opened")
}

// TestReadModelIsSwitchedLive: the same list with and without the stored cards. While the read model is off, reads need no Redis.
func TestReadModelIsSwitchedLive(t *testing.T) {
	a := newAPI(t, nil)
	to := switching(t, a)
	list := func(option string) (list answerBody, parts []string) {
		to("read-model", option)
		a.upstreams.forget()
		list = bodyOf(t, a.Get(t, "/api/deals?limit=2"))
		assert.Len(t, list.Deals, 2)
		return list, slices.DeleteFunc(a.upstreams.called(), func(path string) bool { return strings.HasPrefix(path, "/deals?") })
	}
	off, parts := list("off")
	assert.Equal(t, "live-fan-out", off.Meta.Mode)
	assert.Len(t, parts, 4*2)
	on, parts := list("on")
	assert.Equal(t, "hybrid-read-model", on.Meta.Mode)
	assert.Zero(t, on.Meta.ReadModel.Hits, "what was composed with the read model off is not stored")
	assert.Len(t, parts, 4*2)
	on, parts = list("on")
	assert.Equal(t, 2, on.Meta.ReadModel.Hits, "what was composed with it on is")
	assert.Empty(t, parts)

	to("read-model", "off")
	a.redis.Kill(t)
	for _, path := range []string{"/api/deals?limit=2", "/api/deals/d-00008"} {
		assert.Empty(t, bodyOf(t, a.Get(t, path)).Warnings, path)
	}
}

// TestOtherControlsOfTheAPI: they are there, and their options are taken.
func TestOtherControlsOfTheAPI(t *testing.T) {
	a := newAPI(t, nil)
	to := switching(t, a)
	for name, options := range map[string][]string{
		"catalog-cache": {"single-flight", "plain", "refresh-ahead"}, "hedging": {"budget", "unlimited", "off"},
		"bulkhead": {"shared", "none", "per-upstream"}, "upstream-wait": {"at-most=1000", "while-useful"},
	} {
		for _, option := range options {
			to(name, option)
			require.Equal(t, http.StatusOK, a.Get(t, "/api/deals/d-00008").Status)
			require.Equal(t, http.StatusOK, a.Get(t, "/api/deals?limit=5").Status)
		}
	}
}

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
	assert.Equal(t, "adaptive", list.Controls[0].Option, "upstream-limit is the first")
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
