package upstream_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/criticality"
	"deals.example/internal/limiter"
	"deals.example/internal/orca"
	"deals.example/internal/upstream"
)

// crowd knows how many were in it at a time.
type crowd struct {
	mu        sync.Mutex
	now, most int
}

func (c *crowd) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
}

// TestLimitIsPerUpstream: 100 calls at once to each of two upstreams, some of which fail and are retried, and never more than 30 at either.
func TestLimitIsPerUpstream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loads := map[string]*crowd{"127.0.0.1:1": {}, "127.0.0.1:2": {}}
		var served atomic.Int32
		pool, err := upstream.NewPool(defaults(t, noBreaker, func(c *upstream.Config) { c.Limit, c.StaticLimit = limiter.Static, 30 }), upstream.Deps{
			Registry: prometheus.NewRegistry(), Transport: wire(func(r *http.Request) (*http.Response, error) {
				load := loads[r.URL.Host]
				load.enter()
				defer load.leave()
				status := http.StatusOK
				if served.Add(1)%10 == 0 {
					status = http.StatusServiceUnavailable
				}
				return after(r, 10*time.Millisecond, status, priceJSON)
			}),
		})
		require.NoError(t, err)
		var calls sync.WaitGroup
		for service, url := range map[string]string{"price-service": "http://127.0.0.1:1", "merchant-service": "http://127.0.0.1:2"} {
			client, err := pool.Client(service, url)
			require.NoError(t, err)
			for range 100 {
				calls.Go(func() { _ = get(t.Context(), client) })
			}
		}
		calls.Wait()
		for host, load := range loads {
			assert.Equal(t, 30, load.most, host)
		}
		assert.GreaterOrEqual(t, served.Load(), int32(200))
	})
}

// TestRefusalOfABusyServer: it is neither retried nor evidence for the breaker, and the limit follows the load that comes with it.
func TestRefusalOfABusyServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		var attempts atomic.Int32
		client := newClient(t, defaults(t), upstream.Deps{Registry: reg, Transport: wire(func(r *http.Request) (*http.Response, error) {
			attempts.Add(1)
			refusal, err := after(r, time.Millisecond, http.StatusServiceUnavailable, `{}`)
			refusal.Header.Set("Retry-After", "1")
			orca.Set(refusal.Header, 3)
			return refusal, err
		})}, anyURL)
		for range 50 {
			err := get(t.Context(), client)
			require.EqualError(t, err, "price-service overloaded")
			assert.Equal(t, upstream.ReasonOverloaded, reasonOf(t, err))
		}
		assert.Equal(t, int32(50), attempts.Load())
		assert.Zero(t, value(t, reg, "experience_upstream_breaker_state", nil))
		assert.InDelta(t, 50, value(t, reg, "experience_upstream_failures_total", map[string]string{"reason": "overloaded"}), 0)
		assert.InDelta(t, 4, value(t, reg, "experience_upstream_limit", nil), 0)
	})
}

// TestDeadlineAndCriticalityTravel: the upstream is told what is left of the attempt's time, and how much the request matters.
func TestDeadlineAndCriticalityTravel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got http.Header
		client := newClient(t, defaults(t), upstream.Deps{Transport: wire(func(r *http.Request) (*http.Response, error) {
			got = r.Header
			return answer(200, priceJSON), nil
		})}, anyURL)
		require.NoError(t, get(t.Context(), client))
		assert.Equal(t, "800", got.Get("X-Deadline-Ms"), "the timeout of the attempt")
		assert.Empty(t, got.Get("Baggage"))

		ctx, cancel := context.WithTimeout(criticality.With(t.Context(), criticality.Sheddable), 200*time.Millisecond)
		defer cancel()
		require.NoError(t, get(ctx, client))
		assert.Equal(t, "200", got.Get("X-Deadline-Ms"))
		assert.Equal(t, "criticality=sheddable", got.Get("Baggage"))
	})
}
