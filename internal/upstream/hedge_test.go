package upstream_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/limiter"
	"deals.example/internal/upstream"
)

func hedging(how upstream.Hedging) func(*upstream.Policies) {
	return func(p *upstream.Policies) { p.Hedging = how }
}

func noLimit(c *upstream.Config) { c.Limit = limiter.None }

// replica answers in 10 ms, or in half a second: each attempt of which the number is a multiple of 25, or all. Or it is down.
type replica struct {
	attempts      atomic.Int32
	allSlow, down atomic.Bool
}

func (r *replica) answer(request *http.Request) (*http.Response, error) {
	n := r.attempts.Add(1)
	switch {
	case r.down.Load():
		return unavailable(request)
	case n%25 == 0 || r.allSlow.Load():
		return after(request, 500*time.Millisecond, http.StatusOK, priceJSON)
	default:
		return after(request, 10*time.Millisecond, http.StatusOK, priceJSON)
	}
}

// hedgedClient is a client of a replica whose percentile it knows.
func hedgedClient(t *testing.T, how upstream.Hedging) (*switchable, *replica) {
	t.Helper()
	r := &replica{}
	s := newSwitchable(t, defaults(t, noRetry, noLimit), wire(r.answer))
	s.to(t, hedging(how))
	for range 200 {
		require.NoError(t, get(t.Context(), s.client))
	}
	return s, r
}

// TestHedgesAnswerForSlowAttempts: 4 % of attempts are slow. With hedges no call is, at the price of as many more attempts.
func TestHedgesAnswerForSlowAttempts(t *testing.T) {
	for how, hedges := range map[upstream.Hedging]bool{upstream.HedgeOff: false, upstream.HedgeBudget: true, upstream.HedgeUnlimited: true} {
		synctest.Test(t, func(t *testing.T) {
			s, r := hedgedClient(t, how)
			r.attempts.Store(0)
			sent := total(t, s.reg, "experience_upstream_hedges_total")
			slow := 0
			for range 1000 {
				started := time.Now()
				require.NoError(t, get(t.Context(), s.client))
				if time.Since(started) > 25*time.Millisecond {
					slow++
				}
			}
			sent = total(t, s.reg, "experience_upstream_hedges_total") - sent
			assert.InDelta(t, 1000+sent, r.attempts.Load(), 0)
			assert.Zero(t, total(t, s.reg, "experience_upstream_failures_total"))
			if !hedges {
				assert.Equal(t, 40, slow)
				assert.Zero(t, sent)
				return
			}
			assert.Zero(t, slow, how)
			assert.InDelta(t, 42, sent, 2, how)
			assert.InDelta(t, total(t, s.reg, "experience_upstream_hedges_total"), total(t, s.reg, "experience_upstream_hedges_won_total"), 0)
		})
	}
}

// TestHedgesOfAnUpstreamThatIsSlow: when all attempts are slow, hedges without a budget double the load. With it they stay at 5 %.
func TestHedgesOfAnUpstreamThatIsSlow(t *testing.T) {
	for how, most := range map[upstream.Hedging]int32{upstream.HedgeOff: 0, upstream.HedgeBudget: 10, upstream.HedgeUnlimited: 200} {
		synctest.Test(t, func(t *testing.T) {
			s, r := hedgedClient(t, how)
			r.allSlow.Store(true)
			r.attempts.Store(0)
			var calls sync.WaitGroup
			for range 200 {
				calls.Go(func() { assert.NoError(t, get(t.Context(), s.client)) })
			}
			calls.Wait()
			assert.LessOrEqual(t, r.attempts.Load(), 200+most, how)
			assert.GreaterOrEqual(t, r.attempts.Load(), 200+most*9/10, how)
			if how == upstream.HedgeBudget {
				assert.GreaterOrEqual(t, total(t, s.reg, "experience_upstream_hedge_budget_exhausted_total"), 190.0)
			}
		})
	}
}

// TestHedgesFollowThePercentile: half a minute after an upstream has become slow, its attempts are no longer slow for it.
func TestHedgesFollowThePercentile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := hedgedClient(t, upstream.HedgeUnlimited)
		r.allSlow.Store(true)
		half := func() float64 { // calls of half a minute, ten at a time
			before := total(t, s.reg, "experience_upstream_hedges_total")
			var calls sync.WaitGroup
			for range 10 {
				calls.Go(func() {
					for range 60 {
						assert.NoError(t, get(t.Context(), s.client))
					}
				})
			}
			calls.Wait()
			return total(t, s.reg, "experience_upstream_hedges_total") - before
		}
		assert.Positive(t, half())
		assert.Zero(t, half())
	})
}

// TestHedgeThatFails: the first attempt's answer is waited for.
func TestHedgeThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := hedgedClient(t, upstream.HedgeUnlimited)
		before := total(t, s.reg, "experience_upstream_hedges_total")
		won := total(t, s.reg, "experience_upstream_hedges_won_total")
		r.allSlow.Store(true)
		time.AfterFunc(5*time.Millisecond, func() { r.down.Store(true) })
		started := time.Now()
		require.NoError(t, get(t.Context(), s.client))
		assert.Equal(t, 500*time.Millisecond, time.Since(started))
		assert.InDelta(t, before+1, total(t, s.reg, "experience_upstream_hedges_total"), 0)
		assert.InDelta(t, won, total(t, s.reg, "experience_upstream_hedges_won_total"), 0)
	})
}

// TestCallerOfAHedgedCallLeaves: both attempts end, and the call says why.
func TestCallerOfAHedgedCallLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := hedgedClient(t, upstream.HedgeUnlimited)
		r.allSlow.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		assert.Equal(t, upstream.ReasonTimeout, reasonOf(t, get(ctx, s.client)))
		assert.Equal(t, 100*time.Millisecond, time.Since(started))
		synctest.Wait()
		assert.Zero(t, value(t, s.reg, "experience_upstream_in_flight", nil))
	})
}

// TestTrialsAreNotHedged: a breaker decides by the trials that it lets through, which a hedge would end.
func TestTrialsAreNotHedged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := hedgedClient(t, upstream.HedgeUnlimited)
		state := func() float64 { return value(t, s.reg, "experience_upstream_breaker_state", nil) }
		pass(11 * time.Second) // the answers are out of the breaker's window
		r.down.Store(true)
		for range 20 {
			require.Error(t, get(t.Context(), s.client))
		}
		assert.InDelta(t, open, state(), 0)
		pass(trialsDue)
		r.down.Store(false)
		r.allSlow.Store(true)
		sent := total(t, s.reg, "experience_upstream_hedges_total")
		for _, then := range []float64{halfOpen, halfOpen, closed} {
			started := time.Now()
			require.NoError(t, get(t.Context(), s.client))
			assert.Equal(t, 500*time.Millisecond, time.Since(started))
			assert.InDelta(t, then, state(), 0)
		}
		assert.InDelta(t, sent, total(t, s.reg, "experience_upstream_hedges_total"), 0)
	})
}
