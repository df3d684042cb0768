package upstream_test

import (
	"context"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/limiter"
	"deals.example/internal/upstream"
)

func within(b upstream.Bulkhead) func(*upstream.Policies) {
	return func(p *upstream.Policies) { p.Bulkhead = b }
}

func eightPlaces(c *upstream.Config) { c.Limit, c.StaticLimit = limiter.Static, 8 }

// TestBulkhead: two upstreams with eight places each, one of which takes half a second instead of ten milliseconds. Its calls take all places
// that are shared, so that calls to the other one wait for longer than their callers. With places of its own, or without a limit, the
// other one is well.
func TestBulkhead(t *testing.T) {
	for bulkhead, want := range map[upstream.Bulkhead]struct {
		least, most int32   // answers of the other one to 500 calls
		places      float64 // that each may take
	}{
		upstream.BulkheadPerUpstream: {500, 500, 8}, upstream.BulkheadShared: {0, 100, 16}, upstream.BulkheadNone: {500, 500, math.Inf(1)},
	} {
		synctest.Test(t, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			pool, err := upstream.NewPool(defaults(t, noRetry, noBreaker, eightPlaces), upstream.Deps{Registry: reg, Transport: wire(func(r *http.Request) (*http.Response, error) {
				if r.URL.Port() == "3002" {
					return after(r, 500*time.Millisecond, http.StatusOK, priceJSON)
				}
				return after(r, 10*time.Millisecond, http.StatusOK, priceJSON)
			})})
			require.NoError(t, err)
			slow, err := pool.Client("price-service", anyURL)
			require.NoError(t, err)
			well, err := pool.Client("merchant-service", "http://127.0.0.1:3005")
			require.NoError(t, err)
			require.NoError(t, pool.Switch(within(bulkhead)))
			for _, service := range []string{"price-service", "merchant-service"} {
				assert.InDelta(t, want.places, value(t, reg, "experience_upstream_limit", map[string]string{"service": service}), 0)
			}

			var answered atomic.Int32
			var calls sync.WaitGroup
			call := func(client *upstream.Client, patience time.Duration, count *atomic.Int32) {
				calls.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					if get(ctx, client) == nil {
						count.Add(1)
					}
				})
			}
			for range 100 { // a second of the slow one alone
				call(slow, 2*time.Second, new(atomic.Int32))
				pass(10 * time.Millisecond)
			}
			for range 500 {
				call(slow, 2*time.Second, new(atomic.Int32))
				call(well, 200*time.Millisecond, &answered)
				pass(10 * time.Millisecond)
			}
			assert.Equal(t, bulkhead != upstream.BulkheadNone, pool.Saturated())
			calls.Wait()
			assert.GreaterOrEqual(t, answered.Load(), want.least, bulkhead)
			assert.LessOrEqual(t, answered.Load(), want.most, bulkhead)
			assert.False(t, pool.Saturated())
		})
	}
}

// TestSharedPlacesWithoutLimits: limits that are none add up to none.
func TestSharedPlacesWithoutLimits(t *testing.T) {
	s := newSwitchable(t, defaults(t, noLimit), wire(healthy))
	s.to(t, within(upstream.BulkheadShared))
	assert.InDelta(t, math.Inf(1), value(t, s.reg, "experience_upstream_limit", nil), 0)
	require.NoError(t, get(t.Context(), s.client))
}
