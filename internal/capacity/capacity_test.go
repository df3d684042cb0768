package capacity_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/capacity"
	"deals.example/internal/criticality"
	"deals.example/internal/slots"
	"deals.example/lab/control"
)

func newServer(t *testing.T, change func(*capacity.Config)) *capacity.Server {
	t.Helper()
	return newServerOn(t, prometheus.NewRegistry(), change)
}

func newServerOn(t *testing.T, reg *prometheus.Registry, change func(*capacity.Config)) *capacity.Server {
	t.Helper()
	cfg := capacity.Config{
		Slots: 10, Queue: 1000, Discipline: slots.FIFO, Target: 5 * time.Millisecond, Interval: 100 * time.Millisecond, SlowAbove: 1, Slowdown: 1, Abandoned: capacity.Drop,
	}
	change(&cfg)
	s, err := capacity.New(cfg, capacity.Deps{Service: "price-service", Logger: slog.New(slog.DiscardHandler), Registry: reg})
	require.NoError(t, err)
	return s
}

// result is what became of a request.
type result struct {
	err  error
	took time.Duration // from its arrival to its answer
}

// load sends requests at even intervals, each of which needs a slot for the service time, and returns what became of them.
func load(ctx context.Context, s *capacity.Server, count int, every, service, patience time.Duration) []result {
	results := make([]result, count)
	var requests sync.WaitGroup
	for i := range count {
		requests.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			arrived := time.Now()
			visit, err := s.Enter(ctx)
			if err == nil {
				<-time.After(time.Duration(float64(service) * visit.Factor))
				visit.Leave()
			}
			results[i] = result{err: err, took: time.Since(arrived)}
		})
		<-time.After(every)
	}
	requests.Wait()
	return results
}

func within(results []result, limit time.Duration) (good int) {
	for _, r := range results {
		if r.err == nil && r.took <= limit {
			good++
		}
	}
	return good
}

// TestServesItsCapacity: 10 slots of 100 ms serve 100 requests a second, and no more.
func TestServesItsCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(*capacity.Config) {})
		start := time.Now()
		results := load(t.Context(), s, 200, time.Millisecond, 100*time.Millisecond, time.Minute)
		assert.InDelta(t, 2, time.Since(start).Seconds(), 0.01)
		assert.Equal(t, 200, within(results, 2*time.Second))
	})
}

// TestOverload: at 1.5 times the capacity for 20 s, with callers that wait for 300 ms, a long FIFO queue serves hardly anyone in time, since
// every request has waited for nearly as long as its caller does. Adaptive LIFO with CoDel serves nearly all that the capacity allows.
func TestOverload(t *testing.T) {
	const count, every = 3000, time.Second / 150
	good := map[slots.Discipline]int{}
	for _, discipline := range slots.Disciplines() {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, func(cfg *capacity.Config) { cfg.Discipline = discipline })
			good[discipline] = within(load(t.Context(), s, count, every, 100*time.Millisecond, time.Hour), 300*time.Millisecond)
		})
	}
	t.Logf("answers within 300 ms of %d: %v", count, good)
	assert.Greater(t, good[slots.LIFOCoDel], 1900, "of the 2,000 that the capacity allows")
	assert.Greater(t, good[slots.LIFOCoDel], 3*good[slots.FIFO])
	assert.Greater(t, good[slots.LIFOCoDel], 3*good[slots.Unbounded])
}

func TestFullQueueRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(cfg *capacity.Config) { cfg.Slots, cfg.Queue = 1, 2 })
		results := load(t.Context(), s, 4, time.Millisecond, time.Second, time.Minute)
		require.NoError(t, results[2].err)
		require.ErrorIs(t, results[3].err, slots.ErrFull)
		assert.Zero(t, results[3].took)
	})
}

// TestUnboundedQueueRefusesNone until its memory is full.
func TestUnboundedQueueRefusesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(cfg *capacity.Config) { cfg.Queue, cfg.Discipline = 0, slots.Unbounded })
		results := load(t.Context(), s, 10+slots.MaxWaiting+1, 0, 10*time.Millisecond, time.Hour)
		assert.Equal(t, 10+slots.MaxWaiting, within(results, time.Hour))
	})
}

// TestQueueIsSwitchedUnderLoad: 1.5 times the capacity, with a long FIFO queue for 20 s, serves hardly anyone in time. Once the queue is
// switched to adaptive LIFO with CoDel, the same load is served as the capacity allows, and an end of other settings does not undo the switch.
func TestQueueIsSwitchedUnderLoad(t *testing.T) {
	const half, every = 3000, time.Second / 150
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(*capacity.Config) {})
		time.AfterFunc(half*every, func() { switchTo(t, s, "queue", "lifo-codel") })
		halve := func(p capacity.Profile) capacity.Profile { p.Slots /= 2; return p }
		time.AfterFunc(2*half*every, func() { assert.NoError(t, s.Update(t.Context(), time.Second, halve)) })
		results := load(t.Context(), s, 2*half, every, 100*time.Millisecond, time.Hour)
		before, after := within(results[:half], 300*time.Millisecond), within(results[half:], 300*time.Millisecond)
		t.Logf("answers within 300 ms of %d: %d before the switch, %d after", half, before, after)
		assert.Greater(t, after, 1900, "of the 2,000 that the capacity allows")
		assert.Greater(t, after, 3*before)
		<-time.After(2 * time.Second)
		assert.Equal(t, slots.LIFOCoDel, s.Profile().Discipline)
		switchTo(t, s, "queue", control.Default)
		assert.Equal(t, slots.FIFO, s.Profile().Discipline)
	})
}

// TestAdaptiveLimit: at 1.5 times the capacity, the limit refuses at once what a queue would make late. It follows the capacity when that
// halves, and lets in what matters more.
func TestAdaptiveLimit(t *testing.T) {
	const half, every = 1500, time.Second / 150
	good := map[string]int{}
	for _, option := range []string{"capacity", "adaptive"} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, func(cfg *capacity.Config) { cfg.Slots = 2 })
			switchTo(t, s, "limit", option)
			critical := criticality.With(t.Context(), criticality.Critical)
			time.AfterFunc(half*every, func() {
				assert.NoError(t, s.Update(t.Context(), 0, func(p capacity.Profile) capacity.Profile { p.Slots /= 2; return p }))
			})
			var important []result
			var running sync.WaitGroup
			running.Go(func() { important = load(critical, s, half/5, 10*every, 20*time.Millisecond, time.Hour) })
			running.Go(func() {
				good[option] = within(load(t.Context(), s, 2*half, every, 20*time.Millisecond, time.Hour), 300*time.Millisecond)
			})
			running.Wait()
			assert.GreaterOrEqual(t, within(important, 300*time.Millisecond), half/5*99/100, "critical requests with the limit %s", option)
			switchTo(t, s, "limit", control.Default)
			assert.Zero(t, s.Utilization(criticality.Sheddable))
		})
	}
	t.Logf("answers within 300 ms of %d: %v", 2*half, good)
	assert.Greater(t, good["adaptive"], 1000, "of the 1,200 that the capacity and critical requests leave")
	assert.Greater(t, good["adaptive"], 3*good["capacity"])
}

// TestLimitIsSwitchedUnderLoad: requests that came under one option leave under another, and keep no slot. Those inside that the limit did not
// let in may make it refuse some.
func TestLimitIsSwitchedUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(*capacity.Config) {})
		var switching sync.WaitGroup
		switching.Go(func() {
			for i := range 40 {
				switchTo(t, s, "limit", []string{"adaptive", "capacity"}[i%2])
				<-time.After(50 * time.Millisecond)
			}
		})
		results := load(t.Context(), s, 200, 10*time.Millisecond, 95*time.Millisecond, time.Minute)
		switching.Wait()
		for _, r := range results {
			assert.True(t, r.err == nil || slots.IsRefusal(r.err), r.err)
		}
		assert.Greater(t, within(results, time.Second), 180)
		assert.Zero(t, s.Utilization(criticality.Sheddable))
		assert.Equal(t, 10, within(load(t.Context(), s, 10, 0, time.Second, time.Minute), time.Second), "all slots are free")
	})
}

func switchTo(t *testing.T, s *capacity.Server, name, option string) {
	t.Helper()
	for _, c := range s.Controls() {
		if c.Name != name {
			continue
		}
		setting, err := c.Parse(option)
		if assert.NoError(t, err) {
			assert.NoError(t, c.Apply(setting))
		}
		return
	}
	assert.Fail(t, "no control", name)
}

// TestShedsByCriticality: a full queue refuses sheddable requests first and critical ones last, and serves critical ones first.
func TestShedsByCriticality(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(cfg *capacity.Config) { cfg.Slots, cfg.Queue = 1, 2 })
		blocking, err := s.Enter(t.Context())
		require.NoError(t, err)
		var mu sync.Mutex
		var served []criticality.Criticality
		refused := map[criticality.Criticality]error{}
		enter := func(level criticality.Criticality) {
			go func() {
				ctx := criticality.With(t.Context(), level)
				visit, err := s.Enter(ctx)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					refused[level] = err
					return
				}
				served = append(served, level)
				visit.Leave()
			}()
			synctest.Wait()
		}
		enter(criticality.Sheddable)
		enter(criticality.Default)
		enter(criticality.Critical) // evicts the sheddable one
		require.ErrorIs(t, refused[criticality.Sheddable], slots.ErrShed)
		enter(criticality.Sheddable)
		require.ErrorIs(t, refused[criticality.Sheddable], slots.ErrFull)
		blocking.Leave()
		synctest.Wait()
		assert.Equal(t, []criticality.Criticality{criticality.Critical, criticality.Default}, served)
	})
}

// TestAbandonedRequestsAreDropped: requests whose callers have gone cost no service time.
func TestAbandonedRequestsAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(cfg *capacity.Config) { cfg.Slots = 1 })
		start := time.Now()
		results := load(t.Context(), s, 10, time.Millisecond, 100*time.Millisecond, 50*time.Millisecond)
		require.NoError(t, results[0].err)
		for _, r := range results[1:] {
			require.ErrorIs(t, r.err, context.DeadlineExceeded)
		}
		assert.Less(t, time.Since(start), 200*time.Millisecond)
		assert.Zero(t, s.Utilization(criticality.Sheddable))
	})
}

func TestCapacityChangesLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(cfg *capacity.Config) { cfg.Slots = 1 })
		var done sync.WaitGroup
		done.Go(func() { load(t.Context(), s, 100, 0, 100*time.Millisecond, time.Minute) })
		synctest.Wait()
		assert.InDelta(t, 100, s.Utilization(criticality.Default), 0)
		err := s.Update(t.Context(), time.Second, func(p capacity.Profile) capacity.Profile { p.Slots = 50; return p })
		require.NoError(t, err)
		assert.InDelta(t, 2, s.Utilization(criticality.Default), 0)
		start := time.Now()
		done.Wait()
		assert.Equal(t, 200*time.Millisecond, time.Since(start))
		<-time.After(time.Second)
		assert.Equal(t, 1, s.Profile().Slots)
	})
}

// TestSlowdown: a server that slows down with load serves less when more is asked of it.
func TestSlowdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(cfg *capacity.Config) { cfg.SlowAbove, cfg.Slowdown = 0.5, 3 })
		var slowdowns []float64
		for range 10 {
			visit, err := s.Enter(t.Context())
			require.NoError(t, err)
			slowdowns = append(slowdowns, visit.Factor)
		}
		assert.InDeltaSlice(t, []float64{1, 1, 1, 1, 1, 1.4, 1.8, 2.2, 2.6, 3}, slowdowns, 1e-9)
	})
}

// TestLoadByCriticality: requests that matter less give way, so they don't count as load.
func TestLoadByCriticality(t *testing.T) {
	s := newServer(t, func(*capacity.Config) {})
	for _, level := range []criticality.Criticality{criticality.Sheddable, criticality.Sheddable, criticality.Default} {
		_, err := s.Enter(criticality.With(t.Context(), level))
		require.NoError(t, err)
	}
	assert.InDelta(t, 0.3, s.Utilization(criticality.Sheddable), 1e-9)
	assert.InDelta(t, 0.1, s.Utilization(criticality.Default), 1e-9)
	assert.Zero(t, s.Utilization(criticality.Critical))
}

func TestRefusedProfiles(t *testing.T) {
	s := newServer(t, func(*capacity.Config) {})
	before := s.Profile()
	err := s.Update(t.Context(), 0, func(p capacity.Profile) capacity.Profile {
		p.Slots, p.Queue, p.Discipline, p.SlowAbove, p.Slowdown = 0, -1, "stack", 2, 0.5
		return p
	})
	for _, want := range []string{
		"capacity: got 0, want at least 1", "queue: got -1", `discipline: got "stack", want fifo, unbounded, lifo-codel`,
		"slow above: got 2, want 0 to 1", "slowdown: got 0.5, want at least 1",
	} {
		require.ErrorContains(t, err, want)
	}
	assert.Equal(t, before, s.Profile())
}

// TestServesAbandonedRequests: a server that doesn't notice that its callers have gone works for nobody.
func TestServesAbandonedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(cfg *capacity.Config) { cfg.Slots, cfg.Abandoned = 1, capacity.Serve })
		start := time.Now()
		load(t.Context(), s, 10, time.Millisecond, 100*time.Millisecond, 50*time.Millisecond)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestRequestWithoutTimeLeft(t *testing.T) {
	s := newServer(t, func(*capacity.Config) {})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	cancel()
	_, err := s.Enter(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, s.Utilization(criticality.Sheddable))
}

// TestWorkForNobody: work that came with a deadline is cut short when it has passed; other work is finished after its caller has left.
func TestWorkForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		s := newServerOn(t, reg, func(*capacity.Config) {})
		work := func(ctx context.Context) {
			visit, err := s.Enter(ctx)
			require.NoError(t, err)
			defer visit.Leave()
			select {
			case <-time.After(100 * time.Millisecond):
			case <-visit.Context.Done():
			}
		}
		for _, patience := range []time.Duration{50 * time.Millisecond, 150 * time.Millisecond} {
			told, cancel := context.WithTimeout(t.Context(), patience)
			work(told)
			cancel()
			for range 2 {
				left, leave := context.WithCancel(t.Context())
				time.AfterFunc(patience, leave)
				work(left)
				leave()
			}
		}
		require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP domain_capacity_wasted_total Requests that were served although their caller had gone: finished for nobody, or cut short when its time was over.
# TYPE domain_capacity_wasted_total counter
domain_capacity_wasted_total{service="price-service",work="cut"} 1
domain_capacity_wasted_total{service="price-service",work="finished"} 2
`), "domain_capacity_wasted_total"))
	})
}
