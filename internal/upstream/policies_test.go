package upstream_test

import (
	"context"
	"errors"
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

const anyURL = "http://127.0.0.1:3002"

func noBreaker(c *upstream.Config) { c.BreakerFailureRate = 0 }

func oneAtATime(c *upstream.Config) { c.Limit, c.StaticLimit = limiter.Static, 1 }

func noRetry(c *upstream.Config) { c.RetryRatio = 0 }

// reasonOf returns why a call failed, "" when it did not.
func reasonOf(t *testing.T, err error) upstream.Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	var failure *upstream.Failure
	require.ErrorAs(t, err, &failure)
	return failure.Reason
}

func get(ctx context.Context, c *upstream.Client) error {
	return c.Get(ctx, "/price/d-00001", nil, &price{})
}

func TestRetryWaitsWithJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 50 {
			client := newClient(t, defaults(t), upstream.Deps{Transport: wire(func(*http.Request) (*http.Response, error) {
				return answer(503, ""), nil
			})}, anyURL)
			started := time.Now()
			require.EqualError(t, get(t.Context(), client), "price-service unavailable")
			waited := time.Since(started)
			assert.GreaterOrEqual(t, waited, 30*time.Millisecond)
			assert.LessOrEqual(t, waited, 180*time.Millisecond)
			seen[waited] = true
		}
		assert.Greater(t, len(seen), 10, "no jitter")
	})
}

func TestTimeoutIsPerAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, defaults(t), upstream.Deps{Transport: wire(func(r *http.Request) (*http.Response, error) {
			return after(r, time.Hour, 200, priceJSON)
		})}, anyURL)
		started := time.Now()
		require.EqualError(t, get(t.Context(), client), "price-service timeout")
		waited := time.Since(started)
		assert.GreaterOrEqual(t, waited, 1630*time.Millisecond)
		assert.LessOrEqual(t, waited, 1780*time.Millisecond)
	})
}

func TestCallerEndsTheCall(t *testing.T) {
	slow := func(r *http.Request) (*http.Response, error) { return after(r, time.Hour, 200, priceJSON) }
	failing := func(*http.Request) (*http.Response, error) { return nil, errors.New("reset by peer") }
	tests := map[string]struct {
		wire    wire
		bound   func(context.Context) (context.Context, context.CancelFunc)
		after   time.Duration
		reason  upstream.Reason
		status  string
		failure float64 // counted
	}{
		"deadline in the attempt": {slow, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 100*time.Millisecond)
		}, 100 * time.Millisecond, upstream.ReasonTimeout, "timeout", 1},
		"cancel in the attempt": {slow, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx, cancel
		}, 100 * time.Millisecond, upstream.ReasonCanceled, "canceled", 0},
		"deadline before the retry": {failing, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Millisecond)
		}, 10 * time.Millisecond, upstream.ReasonConnection, "connection", 1},
		"cancel before the retry": {failing, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(10*time.Millisecond, cancel)
			return ctx, cancel
		}, 10 * time.Millisecond, upstream.ReasonCanceled, "connection", 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reg := prometheus.NewRegistry()
				client := newClient(t, defaults(t), upstream.Deps{Registry: reg, Transport: tc.wire}, anyURL)
				ctx, cancel := tc.bound(t.Context())
				defer cancel()
				started := time.Now()
				assert.Equal(t, tc.reason, reasonOf(t, get(ctx, client)))
				assert.Equal(t, tc.after, time.Since(started))
				assert.InDelta(t, 1, value(t, reg, "experience_upstream_requests_total", map[string]string{"status": tc.status}), 0, "attempts")
				assert.InDelta(t, tc.failure, total(t, reg, "experience_upstream_failures_total"), 0, "failures")
			})
		})
	}
}

// total adds up a counter's series.
func total(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	require.NoError(t, err)
	sum := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			sum += m.GetCounter().GetValue()
		}
	}
	return sum
}

func TestRetryBudget(t *testing.T) {
	tests := map[string]struct {
		good, dead int     // calls before and after the upstream dies
		ratio      float64 // retries per call
		most       int32   // attempts of the dead calls
	}{
		"quiet service, dead from the start": {0, 100, 0.2, 100 + 20 + 2},
		"busy service that dies":             {1000, 100, 0.2, 100 + 19 + 10}, // the first call earns nothing: the bucket is full
		"one bad call":                       {0, 1, 0.2, 2},
		"turned off":                         {100, 100, 0, 100},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var attempts atomic.Int32
				dead := false
				reg := prometheus.NewRegistry()
				client := newClient(t, defaults(t, noBreaker, func(c *upstream.Config) { c.RetryRatio = tc.ratio }), upstream.Deps{
					Registry: reg, Transport: wire(func(*http.Request) (*http.Response, error) {
						if dead {
							attempts.Add(1)
							return nil, errors.New("reset by peer")
						}
						return answer(200, priceJSON), nil
					}),
				}, anyURL)
				for range tc.good {
					require.NoError(t, get(t.Context(), client))
				}
				dead = true
				for range tc.dead {
					assert.Equal(t, upstream.ReasonConnection, reasonOf(t, get(t.Context(), client)))
				}
				assert.Equal(t, tc.most, attempts.Load())
				retries := value(t, reg, "experience_upstream_retries_total", nil)
				assert.InDelta(t, float64(int(tc.most)-tc.dead), retries, 0)
				if tc.ratio > 0 {
					assert.InDelta(t, float64(tc.dead)-retries, value(t, reg, "experience_upstream_retry_budget_exhausted_total", nil), 0)
				}
			})
		})
	}
}

func TestRetryBudgetOfCallsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int32
		client := newClient(t, defaults(t, noBreaker), upstream.Deps{Transport: wire(func(r *http.Request) (*http.Response, error) {
			attempts.Add(1)
			return after(r, 5*time.Millisecond, 503, "")
		})}, anyURL)
		var calls sync.WaitGroup
		for range 500 {
			calls.Go(func() { assert.Equal(t, upstream.ReasonUnavailable, reasonOf(t, get(t.Context(), client))) })
		}
		calls.Wait()
		assert.LessOrEqual(t, attempts.Load(), int32(500+100+10))
		assert.GreaterOrEqual(t, attempts.Load(), int32(500+90))
	})
}

func TestNoRetryAfterTheBudgetIsNoSleepEither(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, defaults(t, noBreaker, func(c *upstream.Config) { c.RetryRatio = 0.001 }), upstream.Deps{
			Transport: wire(func(*http.Request) (*http.Response, error) { return answer(503, ""), nil }),
		}, anyURL)
		for range 2 { // the reserve
			require.Error(t, get(t.Context(), client))
		}
		started := time.Now()
		require.Error(t, get(t.Context(), client))
		assert.Zero(t, time.Since(started))
	})
}

func TestASleepingRetryHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		client := newClient(t, defaults(t, oneAtATime), upstream.Deps{
			Transport: wire(func(*http.Request) (*http.Response, error) {
				if first {
					first = false
					return answer(503, ""), nil
				}
				return answer(200, priceJSON), nil
			}),
		}, anyURL)
		started := time.Now()
		retried := make(chan error)
		go func() { retried <- get(t.Context(), client) }()
		synctest.Wait() // asleep before its retry
		require.NoError(t, get(t.Context(), client))
		assert.Zero(t, time.Since(started), "waited for the slot of a sleeper")
		require.NoError(t, <-retried)
		assert.GreaterOrEqual(t, time.Since(started), 30*time.Millisecond)
	})
}

func TestNoSlotBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		var calls atomic.Int32
		client := newClient(t, defaults(t, noRetry, oneAtATime), upstream.Deps{
			Registry: reg, Transport: wire(func(r *http.Request) (*http.Response, error) {
				calls.Add(1)
				return after(r, 700*time.Millisecond, 200, priceJSON)
			}),
		}, anyURL)
		var holder sync.WaitGroup
		holder.Go(func() { assert.NoError(t, get(t.Context(), client)) })
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		err := get(ctx, client)
		require.EqualError(t, err, "price-service overloaded")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(started))
		holder.Wait()
		assert.Equal(t, int32(1), calls.Load())
		assert.InDelta(t, 1, value(t, reg, "experience_upstream_failures_total", map[string]string{"reason": "overloaded"}), 0)
	})
}
