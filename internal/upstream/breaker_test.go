package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/upstream"
)

const (
	closed   = 0
	halfOpen = 1
	open     = 2
)

// trialsDue is when a breaker that just opened lets trials through at the latest: 2 s and a quarter of jitter.
const trialsDue = 2500 * time.Millisecond

// patient is a client whose upstream does what the test tells it to.
type patient struct {
	client *upstream.Client
	reg    *prometheus.Registry
	log    *bytes.Buffer
	calls  atomic.Int32
	reply  wire
}

func newPatient(t *testing.T, change ...func(*upstream.Config)) *patient {
	t.Helper()
	p := &patient{reg: prometheus.NewRegistry(), log: new(bytes.Buffer)}
	p.client = newClient(t, defaults(t, append(change, noRetry)...), upstream.Deps{
		Registry: p.reg, Logger: slog.New(slog.NewTextHandler(p.log, nil)),
		Transport: wire(func(r *http.Request) (*http.Response, error) {
			p.calls.Add(1)
			return p.reply(r)
		}),
	}, anyURL)
	return p
}

func (p *patient) state(t *testing.T) float64 {
	t.Helper()
	return value(t, p.reg, "experience_upstream_breaker_state", nil)
}

// call makes n calls and returns why the last failed.
func (p *patient) call(t *testing.T, n int, reply wire) upstream.Reason {
	t.Helper()
	p.reply = reply
	var reason upstream.Reason
	for range n {
		reason = reasonOf(t, get(t.Context(), p.client))
	}
	return reason
}

// abandon makes n calls whose callers give up.
func (p *patient) abandon(t *testing.T, n int) {
	t.Helper()
	p.reply = func(r *http.Request) (*http.Response, error) { return after(r, time.Hour, 200, priceJSON) }
	for range n {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		assert.Equal(t, upstream.ReasonCanceled, reasonOf(t, get(ctx, p.client)))
	}
}

// TestUpstreamsThatGiveUpOpenTheBreaker: an upstream that was told the deadline answers 499 a moment before the timeout. That is a failure like
// the timeout, unless the deadline was that of an impatient caller.
func TestUpstreamsThatGiveUpOpenTheBreaker(t *testing.T) {
	gaveUp := func(*http.Request) (*http.Response, error) { return answer(499, "{}"), nil }
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(t)
		p.reply = gaveUp
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 100 {
			assert.Equal(t, upstream.ReasonTimeout, reasonOf(t, get(impatient, p.client)))
		}
		assert.Zero(t, p.state(t), "closed")
	})
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(t)
		assert.Equal(t, upstream.ReasonCircuitOpen, p.call(t, 100, gaveUp))
	})
}

func healthy(*http.Request) (*http.Response, error) { return answer(200, priceJSON), nil }

func broken(*http.Request) (*http.Response, error) { return nil, errors.New("reset by peer") }

func unavailable(*http.Request) (*http.Response, error) { return answer(503, ""), nil }

func absent(*http.Request) (*http.Response, error) { return answer(404, ""), nil }

func garbled(*http.Request) (*http.Response, error) { return answer(200, "<html>"), nil }

func TestBreakerOpensAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(t)
		p.call(t, 19, broken)
		assert.InDelta(t, closed, p.state(t), 0, "under the minimum of calls")
		p.call(t, 1, broken)
		assert.InDelta(t, open, p.state(t), 0)

		p.calls.Store(0)
		assert.Equal(t, upstream.ReasonCircuitOpen, p.call(t, 100, healthy))
		assert.Zero(t, p.calls.Load(), "an open breaker let a call through")
		assert.InDelta(t, 100, value(t, p.reg, "experience_upstream_failures_total", map[string]string{"reason": "circuit_open"}), 0)

		pass(trialsDue)
		assert.Empty(t, p.call(t, 1, healthy))
		assert.InDelta(t, halfOpen, p.state(t), 0)
		p.call(t, 2, healthy)
		assert.InDelta(t, closed, p.state(t), 0, "three good trials")
		assert.Contains(t, p.log.String(), "level=WARN msg=\"circuit breaker changed state\" upstream=price-service from=closed to=open failure_rate=1")
	})
}

func TestBreakerReopensOnAFailedTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(t)
		p.call(t, 20, unavailable)
		pass(trialsDue)
		p.call(t, 2, healthy)
		assert.Equal(t, upstream.ReasonUnavailable, p.call(t, 1, unavailable))
		assert.InDelta(t, open, p.state(t), 0)
	})
}

func TestBreakerLimitsTrialsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(t)
		p.call(t, 20, broken)
		pass(trialsDue)
		p.calls.Store(0)
		p.reply = func(r *http.Request) (*http.Response, error) { return after(r, 100*time.Millisecond, 200, priceJSON) }
		results := make(chan error, 10)
		for range 10 {
			go func() { results <- get(t.Context(), p.client) }()
		}
		refused := 0
		for range 10 {
			if reasonOf(t, <-results) == upstream.ReasonCircuitOpen {
				refused++
			}
		}
		assert.Equal(t, 7, refused)
		assert.Equal(t, int32(3), p.calls.Load())
		assert.InDelta(t, closed, p.state(t), 0)
	})
}

func TestBreakerEvidence(t *testing.T) {
	tests := map[string]struct {
		before func(t *testing.T, p *patient)
		want   float64
	}{
		"failures under the rate": {func(t *testing.T, p *patient) {
			t.Helper()
			p.call(t, 60, healthy)
			p.call(t, 50, broken)
		}, closed},
		"failures at the rate": {func(t *testing.T, p *patient) {
			t.Helper()
			p.call(t, 50, healthy)
			p.call(t, 50, broken)
		}, open},
		"failures out of the window": {func(t *testing.T, p *patient) {
			t.Helper()
			p.call(t, 19, broken)
			pass(11 * time.Second)
			p.call(t, 19, broken)
		}, closed},
		"404 is an answer": {func(t *testing.T, p *patient) {
			t.Helper()
			p.reply = absent
			for range 100 {
				require.ErrorIs(t, get(t.Context(), p.client), upstream.ErrNotFound)
			}
		}, closed},
		"a bad body is an answer": {func(t *testing.T, p *patient) {
			t.Helper()
			p.call(t, 100, garbled)
		}, closed},
		"callers that give up are no failures": {func(t *testing.T, p *patient) {
			t.Helper()
			p.abandon(t, 100)
		}, closed},
		"callers that give up are no successes": {func(t *testing.T, p *patient) {
			t.Helper()
			p.abandon(t, 100)
			p.call(t, 20, broken)
		}, open},
		"a trial whose caller gives up proves nothing": {func(t *testing.T, p *patient) {
			t.Helper()
			p.call(t, 20, broken)
			pass(trialsDue)
			p.abandon(t, 1)
		}, open},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPatient(t)
				tc.before(t, p)
				assert.InDelta(t, tc.want, p.state(t), 0)
			})
		})
	}
}

// TestBreakerIgnoresLateNews: attempts that began before the breaker opened must not close it, whatever they bring.
func TestBreakerIgnoresLateNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(t, func(c *upstream.Config) { c.BreakerOpenFor = 200 * time.Millisecond })
		p.reply = func(r *http.Request) (*http.Response, error) { return after(r, 700*time.Millisecond, 200, priceJSON) }
		var late sync.WaitGroup
		for range 5 {
			late.Go(func() { assert.NoError(t, get(t.Context(), p.client)) })
		}
		synctest.Wait()
		p.call(t, 20, broken)
		pass(300 * time.Millisecond)
		p.call(t, 1, healthy)
		assert.InDelta(t, halfOpen, p.state(t), 0)
		late.Wait()
		assert.InDelta(t, halfOpen, p.state(t), 0)
	})
}

func TestBreakersAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, err := upstream.NewPool(defaults(t, noRetry), upstream.Deps{Transport: wire(func(r *http.Request) (*http.Response, error) {
			if r.URL.Port() == "3002" {
				return broken(r)
			}
			return healthy(r)
		})})
		require.NoError(t, err)
		sick, err := pool.Client("price-service", anyURL)
		require.NoError(t, err)
		well, err := pool.Client("merchant-service", "http://127.0.0.1:3005")
		require.NoError(t, err)
		for range 50 {
			require.Error(t, get(t.Context(), sick))
			require.NoError(t, get(t.Context(), well))
		}
	})
}
