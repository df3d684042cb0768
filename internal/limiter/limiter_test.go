package limiter_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/capacity"
	"deals.example/internal/criticality"
	"deals.example/internal/limiter"
	"deals.example/internal/slots"
)

// server is an upstream of finite capacity whose service times are uniform from 40 to 320 ms, 180 ms in the mean.
type server struct {
	*capacity.Server

	served atomic.Int64
	speaks bool
}

const meanService = 180 * time.Millisecond

func newServer(t *testing.T, capacityOf int, speaks bool) *server {
	t.Helper()
	cfg := capacity.Config{
		Slots: capacityOf, Queue: 256, Discipline: slots.FIFO, Target: 5 * time.Millisecond, Interval: 100 * time.Millisecond, SlowAbove: 1, Slowdown: 1, Abandoned: capacity.Drop,
	}
	s, err := capacity.New(cfg, capacity.Deps{Service: "rating-service-a", Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	return &server{Server: s, speaks: speaks}
}

func (s *server) resize(t *testing.T, capacityOf int) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), 0, func(p capacity.Profile) capacity.Profile { p.Slots = capacityOf; return p }))
}

// call serves one call and says what a client sees of it.
func (s *server) call(ctx context.Context) limiter.Outcome {
	var o limiter.Outcome
	visit, err := s.Enter(ctx)
	if err != nil {
		o.Overloaded = true
	} else {
		<-time.After(40*time.Millisecond + time.Duration(rand.Int64N(int64(280*time.Millisecond)))) //nolint:gosec // G404: no secret
		s.served.Add(1)
		defer visit.Leave()
	}
	if s.speaks {
		o.Utilization = s.Utilization(criticality.From(ctx))
	}
	return o
}

// clients call the server through the limiter without a pause, until ctx ends.
func clients(ctx context.Context, count int, l *limiter.Limiter, s *server) *sync.WaitGroup {
	var running sync.WaitGroup
	for range count {
		running.Go(func() {
			for ctx.Err() == nil {
				permit, err := l.Enter(ctx)
				if err != nil {
					return
				}
				o := s.call(context.WithoutCancel(ctx))
				permit.Leave(o)
				if o.Overloaded {
					<-time.After(10 * time.Millisecond) // as a client that is refused would
				}
			}
		})
	}
	return &running
}

func newLimiter(t *testing.T, kind limiter.Kind) *limiter.Limiter {
	t.Helper()
	l, err := limiter.New(limiter.Config{Kind: kind, Static: 30, Min: 4, Max: 1000, Initial: 20, Queue: 4096})
	require.NoError(t, err)
	return l
}

// goodput returns the answers a second over d, as a share of what the capacity gives.
func goodput(s *server, capacityOf int, d time.Duration) float64 {
	before := s.served.Load()
	<-time.After(d)
	return float64(s.served.Load()-before) / d.Seconds() * meanService.Seconds() / float64(capacityOf)
}

// TestAdaptiveFindsTheCapacity: 300 clients without a pause. The limit is there within 2 s of the start, of a halved and of a doubled
// capacity, and gives at least 0.85 of what the best static limit gives for five minutes, without a drift.
func TestAdaptiveFindsTheCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l, s := newLimiter(t, limiter.Adaptive), newServer(t, 200, true)
		running := clients(ctx, 300, l, s)
		settled := func(capacityOf int) {
			<-time.After(2 * time.Second)
			share, load := goodput(s, capacityOf, 5*time.Second), s.Utilization(criticality.Sheddable)
			t.Logf("capacity %d: limit %.0f, goodput %.3f of the best, utilization %.2f", capacityOf, l.Limit(), share, load)
			assert.Greater(t, share, 0.9)
			assert.Less(t, load, 1.5, "the queue is short")
		}
		settled(200)
		s.resize(t, 100)
		settled(100)
		s.resize(t, 200)
		settled(200)
		for range 5 {
			assert.Greater(t, goodput(s, 200, time.Minute), 0.95)
			assert.InDelta(t, 220, l.Limit(), 25)
		}
		stop()
		running.Wait()
	})
}

// TestAdaptiveSharesAServer: of two clients that are always busy, the one that comes later gets its share.
func TestAdaptiveSharesAServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		first, second, s := newLimiter(t, limiter.Adaptive), newLimiter(t, limiter.Adaptive), newServer(t, 200, true)
		one := clients(ctx, 300, first, s)
		<-time.After(10 * time.Second)
		other := clients(ctx, 300, second, s)
		<-time.After(30 * time.Second)
		t.Logf("limits %.0f and %.0f", first.Limit(), second.Limit())
		assert.InDelta(t, first.Limit(), second.Limit(), 60)
		assert.Less(t, s.Utilization(criticality.Sheddable), 1.6)
		stop()
		one.Wait()
		other.Wait()
	})
}

// TestSheddableYields: a client whose calls are sheddable fills the server alone, and gives way within a second when visitors come.
func TestSheddableYields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		worker, visitors, s := newLimiter(t, limiter.Adaptive), newLimiter(t, limiter.Adaptive), newServer(t, 100, true)
		batch := clients(criticality.With(ctx, criticality.Sheddable), 300, worker, s)
		<-time.After(5 * time.Second)
		assert.InDelta(t, 110, worker.Limit(), 25)
		online := clients(ctx, 80, visitors, s)
		<-time.After(2 * time.Second)
		t.Logf("limits: worker %.0f, visitors %.0f", worker.Limit(), visitors.Limit())
		assert.GreaterOrEqual(t, visitors.Load().Busy, 75, "the visitors get what they want")
		assert.Less(t, worker.Limit(), 60.0)
		stop()
		batch.Wait()
		online.Wait()
	})
}

// TestAdaptiveWithoutReports: with a server that reports nothing, refusals bound the limit.
func TestAdaptiveWithoutReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l, s := newLimiter(t, limiter.Adaptive), newServer(t, 50, false)
		running := clients(ctx, 600, l, s)
		<-time.After(2 * time.Minute)
		share := goodput(s, 50, 30*time.Second)
		t.Logf("limit %.0f, goodput %.3f of the best", l.Limit(), share)
		assert.Greater(t, share, 0.9)
		assert.Less(t, l.Limit(), 400.0)
		stop()
		running.Wait()
	})
}

func TestStaticAndNone(t *testing.T) {
	l := newLimiter(t, limiter.Static)
	assert.InDelta(t, 30, l.Limit(), 0)
	require.NoError(t, l.Switch(limiter.None, 30))
	var permits []limiter.Permit
	for range 100 {
		permit, err := l.Enter(t.Context())
		require.NoError(t, err)
		permits = append(permits, permit)
	}
	assert.Equal(t, 100, l.Load().Busy)
	require.NoError(t, l.Switch(limiter.Static, 99))
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := l.Enter(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	for _, permit := range permits {
		permit.Leave(limiter.Outcome{})
	}
	assert.Zero(t, l.Load().Busy)
}

// TestPatienceIsSwitched: with each kind of limit, a call that gets no permit is refused after the patience in force.
func TestPatienceIsSwitched(t *testing.T) {
	for _, kind := range []limiter.Kind{limiter.Adaptive, limiter.Latency, limiter.Static} {
		synctest.Test(t, func(t *testing.T) {
			l, err := limiter.New(limiter.Config{Kind: kind, Static: 1, Min: 1, Initial: 1, Max: 1, Queue: 10})
			require.NoError(t, err)
			held, err := l.Enter(t.Context())
			require.NoError(t, err)
			begin := time.Now()
			l.SetPatience(50 * time.Millisecond)
			_, err = l.Enter(t.Context())
			assert.True(t, slots.IsRefusal(err), "%s: %v", kind, err)
			assert.Equal(t, 50*time.Millisecond, time.Since(begin), kind)

			l.SetPatience(0)
			time.AfterFunc(time.Hour, func() { held.Leave(limiter.Outcome{}) })
			next, err := l.Enter(t.Context())
			require.NoError(t, err, kind)
			next.Leave(limiter.Outcome{})
		})
	}
}

func TestSwitchRefuses(t *testing.T) {
	l := newLimiter(t, limiter.Adaptive)
	require.ErrorContains(t, l.Switch("vegas", 30), `got "vegas", want one of adaptive, latency, static, none`)
	require.ErrorContains(t, l.Switch(limiter.Static, 0), "static limit: got 0")
	assert.Equal(t, limiter.Adaptive, l.Kind())
}

// TestPassIgnoresTheLimit: calls that pass are counted like others, and nobody gets a permit while they are over the limit.
func TestPassIgnoresTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := limiter.New(limiter.Config{Kind: limiter.Static, Static: 1, Min: 1, Initial: 1, Max: 1, Queue: 1})
		require.NoError(t, err)
		first, second := l.Pass(t.Context()), l.Pass(t.Context())
		assert.Equal(t, slots.Load{Busy: 2}, l.Load())
		entered := make(chan limiter.Permit)
		go func() {
			permit, err := l.Enter(t.Context())
			assert.NoError(t, err)
			entered <- permit
		}()
		synctest.Wait()
		first.Leave(limiter.Outcome{})
		synctest.Wait()
		assert.Equal(t, slots.Load{Busy: 1, Waiting: 1}, l.Load())
		second.Leave(limiter.Outcome{})
		(<-entered).Leave(limiter.Outcome{})
		assert.Equal(t, slots.Load{}, l.Load())
	})
}
