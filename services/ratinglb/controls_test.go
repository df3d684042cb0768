package ratinglb_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/services/ratinglb"
)

func switchTo(t *testing.T, b *ratinglb.Balancer, name, option string) {
	t.Helper()
	for _, c := range b.Controls() {
		if c.Name != name {
			continue
		}
		setting, err := c.Parse(option)
		require.NoError(t, err)
		require.NoError(t, c.Apply(setting))
		return
	}
	require.Fail(t, "no control", name)
}

// slow answers after d.
func slow(d time.Duration) behaviour {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(d):
			return healthy(r)
		}
	}
}

// concurrent asks count times, once in each millisecond, and returns how many lookups were answered.
func concurrent(t *testing.T, b *ratinglb.Balancer, count int) int {
	t.Helper()
	var answered atomic.Int64
	var asking sync.WaitGroup
	for range count {
		asking.Go(func() { answered.Add(int64(lookups(t, b, 1))) })
		pass(time.Millisecond)
	}
	asking.Wait()
	return int(answered.Load())
}

// TestBalancing: of two replicas, one takes three times as long for a lookup. In turn and at random, both get half of the lookups; by load,
// the slow one has no more in flight than the fast one, so it gets a quarter.
func TestBalancing(t *testing.T) {
	const count = 2000
	for option, wanted := range map[string]struct{ share, give float64 }{
		"round-robin": {0.5, 0}, "random": {0.5, 0.1}, "least-requests": {0.25, 0.05},
	} {
		t.Run(option, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(replicaA, replicaB)
				f.set(replicaA, slow(300*time.Millisecond), healthy)
				f.set(replicaB, slow(100*time.Millisecond), healthy)
				b, _ := start(t, f, replicaA, replicaB)
				switchTo(t, b, "balancing", option)
				concurrent(t, b, count)
				assert.InDelta(t, wanted.share, float64(f.times(replicaA))/count, wanted.give)
			})
		})
	}
}

// TestBalancingOfMany: the choice among three is by load as well, and falls on no unhealthy one.
func TestBalancingOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB, replicaC)
		f.set(replicaA, slow(300*time.Millisecond), healthy)
		f.set(replicaB, slow(100*time.Millisecond), healthy)
		f.set(replicaC, slow(100*time.Millisecond), healthy)
		b, _ := start(t, f, replicaA, replicaB, replicaC)
		switchTo(t, b, "balancing", "least-requests")
		concurrent(t, b, 3000)
		assert.Less(t, f.times(replicaA), 800, "a third would be 1,000")
		f.set(replicaC, healthy, failing)
		pass(time.Second)
		asked := f.times(replicaC)
		concurrent(t, b, 100)
		assert.Equal(t, asked, f.times(replicaC))
	})
}

// TestBalancingIsSwitchedUnderLoad: a switch loses no lookup.
func TestBalancingIsSwitchedUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, _ := start(t, f, replicaA, replicaB)
		var switching sync.WaitGroup
		switching.Go(func() {
			for range 30 {
				for _, option := range []string{"least-requests", "random", "default"} {
					switchTo(t, b, "balancing", option)
					pass(time.Millisecond)
				}
			}
		})
		assert.Equal(t, 100, concurrent(t, b, 100))
		switching.Wait()
		before := f.times(replicaA)
		lookups(t, b, 100)
		assert.Equal(t, before+50, f.times(replicaA), "in turn again")
	})
}

// TestOutlierEjection: a replica that fails lookups but passes its checks leaves the rotation after three failures, or never.
func TestOutlierEjection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		f.set(replicaA, failing, healthy)
		b, _ := start(t, f, replicaA, replicaB)
		lookups(t, b, 100)
		require.Equal(t, 3, f.times(replicaA))
		require.True(t, statsOf(t, b, replicaA).Ejected)

		switchTo(t, b, "outlier-ejection", "off")
		assert.False(t, statsOf(t, b, replicaA).Ejected, "back at once")
		assert.Equal(t, 100, lookups(t, b, 100), "the other replica answers for it")
		assert.Equal(t, 3+50, f.times(replicaA))

		switchTo(t, b, "outlier-ejection", "on")
		lookups(t, b, 100)
		assert.Equal(t, 3+50+3, f.times(replicaA), "failures before the switch do not count")
	})
}

// TestHealthCheck: a Redis that all replicas share fails for 20 s. Deep checks take all replicas out of rotation, although they would answer;
// shallow ones take none. With no replica in rotation lookups are answered all the same, unless the balancer fails closed.
func TestHealthCheck(t *testing.T) {
	withoutRedis := func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/readyz/deep" {
			return silent(r)
		}
		return healthy(r)
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, _ := start(t, f, replicaA, replicaB)
		inRotation := func() (count int) {
			for _, s := range b.Stats() {
				if s.Healthy {
					count++
				}
			}
			return count
		}
		f.set(replicaA, healthy, withoutRedis)
		f.set(replicaB, healthy, withoutRedis)
		pass(2 * time.Second)
		assert.Equal(t, 2, inRotation(), "shallow")

		switchTo(t, b, "health-check", "deep")
		pass(2 * time.Second)
		assert.Zero(t, inRotation(), "deep")
		assert.Equal(t, 10, lookups(t, b, 10), "fails open")
		switchTo(t, b, "fail-open", "off")
		_, err := b.Rating(t.Context(), "d-00001")
		require.EqualError(t, err, "no replica is healthy")
		assert.Equal(t, 503, request(t, b, "/rating/d-00001").Code)

		switchTo(t, b, "health-check", "default")
		pass(2 * time.Second)
		assert.Equal(t, 2, inRotation())
		assert.Equal(t, 10, lookups(t, b, 10))
	})
}
