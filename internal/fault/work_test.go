package fault_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/fault"
)

func TestWorkLatencyAndFailureRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work, err := fault.NewWork(20*time.Millisecond, 140*time.Millisecond, 0.08)
		require.NoError(t, err)
		const times = 5000
		failed, total := 0, time.Duration(0)
		for range times {
			start := time.Now()
			if err := work.Do(t.Context()); err != nil {
				require.ErrorIs(t, err, fault.ErrInjected)
				failed++
			}
			took := time.Since(start)
			require.GreaterOrEqual(t, took, 20*time.Millisecond)
			require.LessOrEqual(t, took, 140*time.Millisecond)
			total += took
		}
		assert.InDelta(t, 0.08, float64(failed)/times, 0.03)
		assert.InDelta(t, 80, float64(total.Milliseconds())/times, 5)
	})
}

func TestWorkEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work, err := fault.NewWork(time.Second, time.Second, 0)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, work.Do(ctx), context.DeadlineExceeded)
	})
}

func TestWorkMinimumAboveMaximum(t *testing.T) {
	_, err := fault.NewWork(2*time.Second, time.Second, 0)
	require.ErrorContains(t, err, "latency")
}
