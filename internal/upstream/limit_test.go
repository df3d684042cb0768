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

// TestLateCallsAreNotSent: an upstream that gives 28 answers a second gets ten times as many calls, which wait 400 ms for its limit at
// most. It spends its time on those that it answers before their deadline.
func TestLateCallsAreNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		static := func(c *upstream.Config) { c.Limit, c.StaticLimit = limiter.Static, 5 }
		client := newClient(t, defaults(t, noBreaker, static), upstream.Deps{Transport: wire(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			return after(r, 180*time.Millisecond, http.StatusOK, priceJSON)
		})}, anyURL)
		var answered atomic.Int32
		var calls sync.WaitGroup
		for range 2800 { // 10 s
			calls.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
				defer cancel()
				if get(ctx, client) == nil {
					answered.Add(1)
				}
			})
			pass(10 * time.Second / 2800)
		}
		calls.Wait()
		t.Logf("%d calls sent, %d answered", sent.Load(), answered.Load())
		assert.Greater(t, answered.Load(), int32(250), "of 280 that the upstream can answer")
		assert.Greater(t, float64(answered.Load()), 0.9*float64(sent.Load()))
	})
}

// TestWaitIsSwitched: with a longest wait, a call that does not get a place in time fails early and is not sent.
func TestWaitIsSwitched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		pool, err := upstream.NewPool(defaults(t, noBreaker, func(c *upstream.Config) { c.Limit, c.StaticLimit = limiter.Static, 1 }), upstream.Deps{
			Transport: wire(func(r *http.Request) (*http.Response, error) {
				sent.Add(1)
				return after(r, 300*time.Millisecond, http.StatusOK, priceJSON)
			}),
		})
		require.NoError(t, err)
		client, err := pool.Client("price-service", anyURL)
		require.NoError(t, err)
		two := func() (took time.Duration, second error) {
			var first sync.WaitGroup
			first.Go(func() { assert.NoError(t, get(t.Context(), client)) })
			defer first.Wait()
			synctest.Wait()
			begin := time.Now()
			second = get(t.Context(), client)
			return time.Since(begin), second
		}
		pool.SwitchWait(50 * time.Millisecond)
		took, second := two()
		assert.Equal(t, upstream.ReasonOverloaded, reasonOf(t, second))
		assert.Equal(t, 50*time.Millisecond, took)
		assert.Equal(t, int32(1), sent.Load())

		pool.SwitchWait(0)
		took, second = two()
		require.NoError(t, second)
		assert.Equal(t, 600*time.Millisecond, took)
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

// TestLocalDeadlinesStayHere: the caller's deadline ends the call, and the upstream is not told of it.
func TestLocalDeadlinesStayHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got http.Header
		s := newSwitchable(t, defaults(t, noRetry), wire(func(r *http.Request) (*http.Response, error) {
			got = r.Header
			return after(r, time.Hour, 200, priceJSON)
		}))
		for local, sent := range map[bool]string{true: "", false: "200"} {
			s.to(t, func(p *upstream.Policies) { p.LocalDeadlines = local })
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			started := time.Now()
			assert.Equal(t, upstream.ReasonTimeout, reasonOf(t, get(ctx, s.client)))
			assert.Equal(t, 200*time.Millisecond, time.Since(started))
			assert.Equal(t, sent, got.Get("X-Deadline-Ms"))
			cancel()
		}
	})
}
