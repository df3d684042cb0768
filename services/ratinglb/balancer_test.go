package ratinglb_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/upstream"
	"deals.example/services/ratinglb"
)

func TestRoundRobin(t *testing.T) {
	tests := map[string]struct {
		unhealthy []string
		want      map[string]int
	}{
		"all healthy": {nil, map[string]int{replicaA: 100, replicaB: 100, replicaC: 100}},
		"one is not":  {[]string{replicaB}, map[string]int{replicaA: 150, replicaC: 150}},
		"two are not": {[]string{replicaA, replicaC}, map[string]int{replicaB: 300}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(replicaA, replicaB, replicaC)
				for _, replica := range tc.unhealthy {
					f.set(replica, healthy, failing)
				}
				b, _ := start(t, f, replicaA, replicaB, replicaC)
				assert.Equal(t, 300, lookups(t, b, 300))
				for _, replica := range []string{replicaA, replicaB, replicaC} {
					assert.Equal(t, tc.want[replica], f.times(replica), replica)
				}
			})
		})
	}
}

func TestOneReplicaDies(t *testing.T) {
	tests := map[string]struct {
		lookups, checks behaviour
	}{
		"dead":                       {dead, dead},
		"dead to lookups only":       {dead, healthy},
		"answers 503":                {failing, healthy},
		"silent":                     {silent, silent},
		"silent to lookups only":     {silent, healthy},
		"unhealthy but answers well": {healthy, failing},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(replicaA, replicaB)
				b, _ := start(t, f, replicaA, replicaB)
				f.set(replicaA, tc.lookups, tc.checks)
				for range 100 {
					before := time.Now()
					require.Equal(t, 1, lookups(t, b, 1))
					assert.Less(t, time.Since(before), 800*time.Millisecond, "within the timeout of the caller")
					pass(20 * time.Millisecond)
				}
				assert.False(t, statsOf(t, b, replicaA).Healthy)

				asked := f.times(replicaA)
				lookups(t, b, 100)
				assert.Equal(t, asked, f.times(replicaA), "not in rotation")
			})
		})
	}
}

func TestEjectionAndReadmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, _ := start(t, f, replicaA, replicaB)
		f.set(replicaA, failing, healthy)

		lookups(t, b, 5)
		assert.Less(t, f.times(replicaA), 3)
		assert.True(t, statsOf(t, b, replicaA).Healthy, "after two failures")
		lookups(t, b, 1)
		assert.Equal(t, 3, f.times(replicaA))
		assert.True(t, statsOf(t, b, replicaA).Ejected, "after three")

		pass(4900 * time.Millisecond) // checks pass
		assert.True(t, statsOf(t, b, replicaA).Ejected, "the ejection time has not passed")
		f.set(replicaA, healthy, failing)
		pass(2 * time.Second)
		assert.False(t, statsOf(t, b, replicaA).Healthy, "the check fails")
		f.set(replicaA, healthy, healthy)
		pass(time.Second)
		assert.True(t, statsOf(t, b, replicaA).Healthy)
		assert.False(t, statsOf(t, b, replicaA).Ejected)

		f.set(replicaA, failing, healthy)
		lookups(t, b, 2)
		assert.True(t, statsOf(t, b, replicaA).Healthy, "failures before the ejection do not count")
	})
}

func TestNoEjection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, _ := start(t, f, replicaA, replicaB)
		for range 20 {
			f.set(replicaA, failing, healthy)
			assert.Equal(t, 4, lookups(t, b, 4))
			f.set(replicaA, healthy, healthy)
			assert.Equal(t, 2, lookups(t, b, 2))
		}
		assert.True(t, statsOf(t, b, replicaA).Healthy, "two consecutive failures are not three")
		assert.Equal(t, uint64(40), statsOf(t, b, replicaA).Errors)

		f.set(replicaA, unknown, healthy)
		f.set(replicaB, unknown, healthy)
		for range 20 {
			answer, err := b.Rating(t.Context(), "d-99999")
			require.NoError(t, err)
			assert.Equal(t, http.StatusNotFound, answer.Status)
		}
		assert.True(t, statsOf(t, b, replicaA).Healthy, "a 404 is not a failure")
	})
}

func TestLastHealthyReplicaIsNotEjected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, _ := start(t, f, replicaA, replicaB)
		f.set(replicaA, failing, healthy)
		f.set(replicaB, failing, healthy)
		assert.Zero(t, lookups(t, b, 100))
		one, other := statsOf(t, b, replicaA), statsOf(t, b, replicaB)
		assert.NotEqual(t, one.Ejected, other.Ejected)
		require.NoError(t, b.Healthy(t.Context()))
	})
}

func TestAllReplicasUnhealthy(t *testing.T) {
	tests := map[string]struct {
		lookups  behaviour
		answered int
	}{
		"and dead":                {dead, 0},
		"by mistake of the check": {healthy, 10},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(replicaA, replicaB)
				f.set(replicaA, tc.lookups, failing)
				f.set(replicaB, tc.lookups, failing)
				b, _ := start(t, f, replicaA, replicaB)
				require.Error(t, b.Healthy(t.Context()))
				assert.Equal(t, tc.answered, lookups(t, b, 10))
				assert.Equal(t, 5, f.times(replicaA), "one attempt for each lookup, in turn")
				assert.Equal(t, 5, f.times(replicaB))
			})
		})
	}
}

func TestCanceledLookupIsNotAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, reg := start(t, f, replicaA, replicaB)
		f.set(replicaA, silent, healthy)
		f.set(replicaB, silent, healthy)
		for range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Millisecond, cancel)
			_, err := b.Rating(ctx, "d-00001")
			require.ErrorIs(t, err, context.Canceled)
		}
		assert.Equal(t, 10, f.times(replicaA)+f.times(replicaB), "no fallback after the caller has canceled")
		for _, s := range b.Stats() {
			assert.True(t, s.Healthy)
			assert.Zero(t, s.Errors)
			assert.Nil(t, s.LastError)
			assert.Nil(t, s.LastStatus)
		}
		require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP rating_lb_fallbacks_total Lookups that were tried at another replica after the first one failed.
# TYPE rating_lb_fallbacks_total counter
rating_lb_fallbacks_total 0
`), "rating_lb_fallbacks_total"))
	})
}

func TestLookupTimeouts(t *testing.T) {
	tests := map[string]struct {
		a, b     behaviour
		checkOfA behaviour
		took     time.Duration
		answered int
	}{
		"the first one has half":        {silent, slow(0), healthy, 380 * time.Millisecond, 1},
		"the fallback has the rest":     {silent, slow(370 * time.Millisecond), healthy, 750 * time.Millisecond, 1},
		"or more, when the first broke": {dead, slow(700 * time.Millisecond), healthy, 700 * time.Millisecond, 1},
		"both are silent":               {silent, silent, healthy, 760 * time.Millisecond, 0},
		"the only one has all of it":    {silent, slow(700 * time.Millisecond), failing, 700 * time.Millisecond, 1},
		"but not more":                  {silent, silent, failing, 760 * time.Millisecond, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(replicaA, replicaB)
				f.set(replicaA, tc.a, tc.checkOfA)
				f.set(replicaB, tc.b, healthy)
				b, _ := start(t, f, replicaB, replicaA) // the first turn is that of the second one
				before := time.Now()
				assert.Equal(t, tc.answered, lookups(t, b, 1))
				assert.Equal(t, tc.took, time.Since(before))
			})
		})
	}
}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, reg := start(t, f, replicaA, replicaB)
		f.set(replicaB, failing, healthy)
		lookups(t, b, 6)
		require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP rating_lb_fallbacks_total Lookups that were tried at another replica after the first one failed.
# TYPE rating_lb_fallbacks_total counter
rating_lb_fallbacks_total 3
# HELP rating_lb_target_ejections_total Ejections of a replica after consecutive failures.
# TYPE rating_lb_target_ejections_total counter
rating_lb_target_ejections_total{target="http://127.0.0.1:3004"} 0
rating_lb_target_ejections_total{target="http://127.0.0.1:3006"} 1
# HELP rating_lb_target_healthy Whether a replica is in rotation: 1, or 0 when its health check fails or it is ejected.
# TYPE rating_lb_target_healthy gauge
rating_lb_target_healthy{target="http://127.0.0.1:3004"} 1
rating_lb_target_healthy{target="http://127.0.0.1:3006"} 0
# HELP rating_lb_target_requests_total Attempts at a replica, fallbacks included; status is the HTTP code, timeout, connection or canceled.
# TYPE rating_lb_target_requests_total counter
rating_lb_target_requests_total{status="200",target="http://127.0.0.1:3004"} 6
rating_lb_target_requests_total{status="200",target="http://127.0.0.1:3006"} 0
rating_lb_target_requests_total{status="404",target="http://127.0.0.1:3004"} 0
rating_lb_target_requests_total{status="404",target="http://127.0.0.1:3006"} 0
rating_lb_target_requests_total{status="503",target="http://127.0.0.1:3004"} 0
rating_lb_target_requests_total{status="503",target="http://127.0.0.1:3006"} 3
rating_lb_target_requests_total{status="canceled",target="http://127.0.0.1:3004"} 0
rating_lb_target_requests_total{status="canceled",target="http://127.0.0.1:3006"} 0
rating_lb_target_requests_total{status="connection",target="http://127.0.0.1:3004"} 0
rating_lb_target_requests_total{status="connection",target="http://127.0.0.1:3006"} 0
rating_lb_target_requests_total{status="timeout",target="http://127.0.0.1:3004"} 0
rating_lb_target_requests_total{status="timeout",target="http://127.0.0.1:3006"} 0
`), "rating_lb_fallbacks_total", "rating_lb_target_ejections_total", "rating_lb_target_healthy", "rating_lb_target_requests_total"))
		problems, err := testutil.GatherAndLint(reg)
		require.NoError(t, err)
		assert.Empty(t, problems)
	})
}

func TestInvalidTargets(t *testing.T) {
	tests := map[string][]string{
		"none":                     {},
		"a path":                   {replicaA + "/admin"},
		"no scheme":                {"127.0.0.1:3004"},
		"twice":                    {replicaA, replicaA},
		"twice, one with a slash":  {replicaA, replicaA + "/"},
		"another protocol":         {"ftp://127.0.0.1"},
		"a good and an empty one":  {replicaA, ""},
		"user information":         {"http://user:secret@127.0.0.1:3004"},
		"a good one and its query": {replicaA, replicaB + "?a=b"},
	}
	for name, targets := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := defaults(t, replicaA)
			cfg.Targets = targets
			_, err := ratinglb.New(cfg, upstream.Deps{Transport: newFleet()})
			require.Error(t, err)
		})
	}
}
