package queue_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
)

func TestAdmitIsAtomic(t *testing.T) {
	b := newBed(t)
	b.deps.Threshold = 1000
	client := b.client(t)
	_, err := client.EnqueueEnrichment(t.Context(), jobs(150))
	require.NoError(t, err)

	var admitted, refused atomic.Int64
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			admission, err := client.Admit(t.Context(), 100)
			if err == nil {
				assert.Less(t, admission.Depth, 1000)
				admitted.Add(1)
				return
			}
			if overloaded, ok := errors.AsType[*queue.Overloaded](err); assert.True(t, ok, err) {
				assert.Equal(t, 1050, overloaded.Depth)
				assert.Equal(t, 1000, overloaded.Threshold)
				refused.Add(1)
			}
		})
	}
	callers.Wait()
	assert.Equal(t, int64(9), admitted.Load(), "150 + 8 * 100 is below 1000, so a ninth batch is admitted")
	assert.Equal(t, int64(41), refused.Load())
	require.NoError(t, testutil.GatherAndCompare(b.registry, strings.NewReader(`
# HELP experience_queue_rejections_total Batches refused because the queue had reached its threshold.
# TYPE experience_queue_rejections_total counter
experience_queue_rejections_total{queue="critical-jobs"} 0
experience_queue_rejections_total{queue="enrichment-jobs"} 41
`), "experience_queue_rejections_total"))
}

func TestAdmitAcceptsAnySizeBelowTheThreshold(t *testing.T) {
	client := newBed(t).client(t)
	admission, err := client.Admit(t.Context(), 10_000)
	require.NoError(t, err)
	_, err = client.Admit(t.Context(), 1)
	require.Error(t, err, "the reservation counts")
	require.NoError(t, admission.Release(t.Context()))
	require.NoError(t, admission.Release(t.Context()), "a second release is a no-op")
	_, err = client.Admit(t.Context(), 1)
	require.NoError(t, err)
}

func TestReservationExpiresWithItsRequest(t *testing.T) {
	client := newBed(t).client(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := client.Admit(ctx, 10_000)
	require.NoError(t, err)
	_, err = client.Admit(t.Context(), 1)
	require.Error(t, err)
	require.Eventually(t, func() bool {
		_, err := client.Admit(t.Context(), 1)
		return err == nil
	}, 5*time.Second, 20*time.Millisecond, "the reservation expires")
}

func TestShortReservationDoesNotEndALongerOne(t *testing.T) {
	b := newBed(t)
	b.deps.Threshold = 100
	client := b.client(t)
	_, err := client.Admit(t.Context(), 60)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = client.Admit(ctx, 50)
	require.NoError(t, err)
	eventually(t, func() bool {
		admission, err := client.Admit(t.Context(), 1)
		if err != nil {
			return false
		}
		require.NoError(t, admission.Release(t.Context()))
		return assert.Equal(t, 60, admission.Depth)
	}, "the short reservation expires")
}

func TestAdmitWithoutRedis(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	b.server.Kill(t)
	_, err := client.Admit(t.Context(), 1)
	require.ErrorIs(t, err, queue.ErrUnavailable)
	var overloaded *queue.Overloaded
	assert.NotErrorAs(t, err, &overloaded)
}
