package admission

import (
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/criticality"
	"deals.example/internal/tenant"
)

func TestLate(t *testing.T) {
	buckets := []float64{math.Inf(-1), 0.001, 0.01, 0.1, math.Inf(1)}
	for name, tc := range map[string]struct {
		before, after []uint64
		want          bool
	}{
		"nothing ran":           {[]uint64{5, 5, 5, 5}, []uint64{5, 5, 5, 5}, false},
		"short waits":           {[]uint64{0, 0, 9, 9}, []uint64{50, 50, 9, 9}, false},
		"a tenth is late":       {[]uint64{0, 0, 0, 0}, []uint64{80, 10, 10, 0}, false},
		"more than a tenth is":  {[]uint64{0, 0, 0, 0}, []uint64{80, 9, 10, 1}, true},
		"late before, not now":  {[]uint64{0, 0, 90, 0}, []uint64{10, 0, 90, 0}, false},
		"all late, none before": {[]uint64{0, 0, 0, 0}, []uint64{0, 0, 0, 3}, true},
	} {
		assert.Equal(t, tc.want, late(tc.before, tc.after, buckets), name)
	}
}

// TestLimitFollowsOverload: while the process is overloaded the limit falls to its minimum; afterwards it grows while requests wait for it.
func TestLimitFollowsOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, err := New(prometheus.NewRegistry())
		require.NoError(t, err)
		g.policy.Store(int32(priority))
		load := func(requests int) {
			var running sync.WaitGroup
			for range requests {
				running.Go(func() {
					visit, err := g.Enter(t.Context(), criticality.Low, tenant.Other)
					if err == nil {
						<-time.After(20 * time.Millisecond)
						visit.Leave()
					}
				})
				<-time.After(500 * time.Microsecond) // 40 inside
			}
			running.Wait()
		}
		load(1000)
		assert.InDelta(t, startLimit, g.bound(), 0, "nothing waits, nothing is late")
		g.overload.now.Store(true)
		load(8000)
		assert.InDelta(t, minLimit, g.bound(), 0)
		g.overload.now.Store(false)
		load(8000)
		assert.Greater(t, g.bound(), 40.0)
	})
}

// TestSample reads what this process does.
func TestSample(t *testing.T) {
	var o overload
	o.sample()
	first := o.before
	require.NotEmpty(t, first)
	o.sample()
	assert.Len(t, o.before, len(first))
	o.now.Store(true)
	o.forget()
	assert.False(t, o.load())
	assert.Empty(t, o.before)
}
