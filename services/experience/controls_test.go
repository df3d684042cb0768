package experience_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/admin"
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
