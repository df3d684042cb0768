package upstream_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/orca"
	"deals.example/internal/upstream"
)

// switchable is a client whose pool's policies are switched.
type switchable struct {
	pool   *upstream.Pool
	client *upstream.Client
	reg    *prometheus.Registry
}

func newSwitchable(t *testing.T, cfg upstream.Config, transport http.RoundTripper) *switchable {
	t.Helper()
	s := &switchable{reg: prometheus.NewRegistry()}
	var err error
	s.pool, err = upstream.NewPool(cfg, upstream.Deps{Registry: s.reg, Transport: transport})
	require.NoError(t, err)
	s.client, err = s.pool.Client("price-service", anyURL)
	require.NoError(t, err)
	return s
}

func (s *switchable) to(t *testing.T, change func(*upstream.Policies)) {
	t.Helper()
	require.NoError(t, s.pool.Switch(change))
}

func fixed(attempts int) func(*upstream.Policies) {
	return func(p *upstream.Policies) { p.Retry, p.Attempts = upstream.RetryFixed, attempts }
}

func retrying(how upstream.Retry) func(*upstream.Policies) {
	return func(p *upstream.Policies) { p.Retry = how }
}

// TestRetryIsSwitched: a dead upstream gets 1.2 attempts for each call with a budget, N with N fixed attempts, and 1 without retries.
func TestRetryIsSwitched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int32
		s := newSwitchable(t, defaults(t, noBreaker), wire(func(r *http.Request) (*http.Response, error) {
			attempts.Add(1)
			return unavailable(r)
		}))
		perCall := func(change func(*upstream.Policies)) float64 {
			s.to(t, change)
			attempts.Store(0)
			for range 100 {
				assert.Equal(t, upstream.ReasonUnavailable, reasonOf(t, get(t.Context(), s.client)))
			}
			return float64(attempts.Load()) / 100
		}
		assert.InDelta(t, 1.2, perCall(retrying(upstream.RetryBudget)), 0.05)
		for n := upstream.MinAttempts; n <= upstream.MaxAttempts; n++ {
			started := time.Now()
			assert.InDelta(t, n, perCall(fixed(n)), 0)
			assert.Zero(t, time.Since(started), "a naive client does not wait")
		}
		assert.InDelta(t, 1, perCall(retrying(upstream.RetryNone)), 0)
		assert.InDelta(t, 1.2, perCall(retrying(upstream.RetryBudget)), 0.05)
	})
}

// TestFixedAttemptsMakeAnOverloadWorse: an upstream that refuses half of what comes gets twice as much of it.
func TestFixedAttemptsMakeAnOverloadWorse(t *testing.T) {
	var attempts atomic.Int32
	s := newSwitchable(t, defaults(t, noBreaker), wire(func(*http.Request) (*http.Response, error) {
		if attempts.Add(1)%2 == 0 {
			return answer(http.StatusOK, priceJSON), nil
		}
		refusal := answer(http.StatusServiceUnavailable, `{}`)
		refusal.Header.Set("Retry-After", "1")
		orca.Set(refusal.Header, 3)
		return refusal, nil
	}))
	require.Error(t, get(t.Context(), s.client))
	assert.Equal(t, int32(1), attempts.Swap(0), "refusals are not retried by default")
	s.to(t, fixed(3))
	for range 10 {
		require.NoError(t, get(t.Context(), s.client))
	}
	assert.Equal(t, int32(20), attempts.Load())
}

// TestRetriesThatAreOffCanBeSwitchedOn: they have the default budget then.
func TestRetriesThatAreOffCanBeSwitchedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSwitchable(t, defaults(t, noRetry, noBreaker), wire(unavailable))
		assert.Equal(t, upstream.RetryNone, s.pool.Policies().Retry)
		require.Error(t, get(t.Context(), s.client))
		s.to(t, retrying(upstream.RetryBudget))
		require.Error(t, get(t.Context(), s.client))
		assert.InDelta(t, 3, total(t, s.reg, "experience_upstream_requests_total"), 0)
	})
}

func breaking(on bool) func(*upstream.Policies) {
	return func(p *upstream.Policies) { p.Breaker = on }
}

// TestBreakerIsSwitched: a dead upstream is called no more while the breaker is on, and by every call while it is off. Each start is closed.
func TestBreakerIsSwitched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSwitchable(t, defaults(t, noRetry), wire(broken))
		reached := func() (made float64) {
			before := total(t, s.reg, "experience_upstream_requests_total")
			for range 100 {
				require.Error(t, get(t.Context(), s.client))
			}
			return total(t, s.reg, "experience_upstream_requests_total") - before
		}
		state := func() float64 { return value(t, s.reg, "experience_upstream_breaker_state", nil) }
		assert.InDelta(t, 20, reached(), 0)
		assert.InDelta(t, open, state(), 0)
		s.to(t, fixed(2))
		assert.InDelta(t, 0, reached(), 0, "another switch leaves it open")
		s.to(t, breaking(false))
		assert.InDelta(t, closed, state(), 0)
		assert.InDelta(t, 200, reached(), 0)
		s.to(t, breaking(true))
		assert.InDelta(t, closed, state(), 0)
		assert.InDelta(t, 20, reached(), 0)
	})
}

// TestBreakerThatIsOffCanBeSwitchedOn: it opens at the default failure rate then.
func TestBreakerThatIsOffCanBeSwitchedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSwitchable(t, defaults(t, noRetry, noBreaker), wire(broken))
		assert.False(t, s.pool.Policies().Breaker)
		s.to(t, breaking(true))
		for range 100 {
			require.Error(t, get(t.Context(), s.client))
		}
		assert.InDelta(t, 20, total(t, s.reg, "experience_upstream_requests_total"), 0)
	})
}

func TestSwitchRefuses(t *testing.T) {
	s := newSwitchable(t, defaults(t), wire(healthy))
	before := s.pool.Policies()
	for _, change := range []func(*upstream.Policies){fixed(1), fixed(6), retrying("often"), hedging("often"), within("glass")} {
		require.Error(t, s.pool.Switch(change))
		assert.Equal(t, before, s.pool.Policies())
	}
}

// TestSwitchWhileCallsAreMade: the race detector watches.
func TestSwitchWhileCallsAreMade(t *testing.T) {
	var made atomic.Int32
	s := newSwitchable(t, defaults(t), wire(func(r *http.Request) (*http.Response, error) {
		if made.Add(1)%7 == 0 {
			return unavailable(r)
		}
		return healthy(r)
	}))
	changes := []func(*upstream.Policies){
		fixed(2), retrying(upstream.RetryNone), fixed(5), breaking(false), hedging(upstream.HedgeUnlimited),
		retrying(upstream.RetryBudget), breaking(true), hedging(upstream.HedgeBudget), within(upstream.BulkheadShared), hedging(upstream.HedgeOff),
		within(upstream.BulkheadNone), within(upstream.BulkheadPerUpstream),
	}
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			for range 200 {
				_ = get(t.Context(), s.client)
			}
		})
	}
	for i := range 200 {
		s.to(t, changes[i%len(changes)])
	}
	calls.Wait()
	assert.GreaterOrEqual(t, made.Load(), int32(8*200))
	assert.Eventually(t, func() bool { // a hedge may end after its call
		return value(t, s.reg, "experience_upstream_in_flight", nil) == 0 && value(t, s.reg, "experience_upstream_waiting", nil) == 0
	}, 20*time.Second, time.Millisecond)
}
