package queue_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
)

// abandon makes the pending purchase look like that of a worker that was killed, with a lease that ends after left.
func abandon(t *testing.T, b *bed, left time.Duration) {
	t.Helper()
	const id = "p-1"
	lease := redis.Z{Score: float64(time.Now().Add(left).Unix()), Member: id}
	require.EqualValues(t, 1, b.rdb.LRem(t.Context(), schema.Pending(queue.Critical), 0, id).Val())
	require.NoError(t, b.rdb.LPush(t.Context(), schema.Active(queue.Critical), id).Err())
	require.NoError(t, b.rdb.HSet(t.Context(), schema.Task(queue.Critical, id), schema.FieldState, "active").Err())
	require.NoError(t, b.rdb.ZAdd(t.Context(), schema.Lease(queue.Critical), lease).Err())
}

// longDead is a lease that ended so long ago that nobody has to watch it.
const longDead = -schema.RecoverAfter - time.Second

// recoverOnce runs a worker that takes no job until it has recovered the abandoned purchase.
func recoverOnce(t *testing.T, b *bed) {
	t.Helper()
	require.NoError(t, b.rdb.Set(t.Context(), schema.Paused(queue.Critical), 1, 0).Err())
	deps := b.deps
	deps.Registry = nil
	server, err := queue.NewServer(b.rdb, queue.ServerConfig{Concurrency: 1}, deps, func(context.Context, queue.PurchaseJob) error { return nil })
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	require.NoError(t, server.Shutdown(t.Context()))
	require.NoError(t, b.rdb.Del(t.Context(), schema.Paused(queue.Critical)).Err())
}

func retried(t *testing.T, b *bed) int {
	t.Helper()
	task, err := asynq.NewInspectorFromRedisClient(b.rdb).GetTaskInfo(queue.Critical, "p-1")
	require.NoError(t, err)
	return task.Retried
}

func completed(t *testing.T, b *bed) func() bool {
	t.Helper()
	return func() bool {
		state, err := queue.JobState(t.Context(), b.rdb, queue.Critical, "p-1")
		return err == nil && state == queue.StateCompleted
	}
}

func TestJobOfADeadWorkerIsFirstAndKeepsItsAttempts(t *testing.T) {
	b := newBed(t)
	client, other := b.client(t), newPurchase()
	other.PurchaseID = "p-2"
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	require.NoError(t, client.EnqueuePurchase(t.Context(), other))
	abandon(t, b, longDead)
	recoverOnce(t, b)

	assert.Equal(t, []string{"p-2", "p-1"}, b.rdb.LRange(t.Context(), schema.Pending(queue.Critical), 0, -1).Val())
	assert.Zero(t, b.rdb.LLen(t.Context(), schema.Active(queue.Critical)).Val())
	assert.Zero(t, b.rdb.ZCard(t.Context(), schema.Lease(queue.Critical)).Val())
	assert.Zero(t, retried(t, b))

	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return nil })
	eventually(t, completed(t, b), "it is processed")
	assert.Zero(t, retried(t, b))
}

// TestPoisonJobEndsInTheDLQ checks that each death after the first costs an attempt, without another run of the job.
func TestPoisonJobEndsInTheDLQ(t *testing.T) {
	b := newBed(t)
	enqueuePurchase(t, b)
	abandon(t, b, longDead)
	recoverOnce(t, b)
	retrying := func() bool { return b.rdb.ZCard(t.Context(), schema.Retry(queue.Critical)).Val() == 1 }
	pending := func() bool { return b.rdb.LLen(t.Context(), schema.Pending(queue.Critical)).Val() == 1 }
	var runs atomic.Int64
	count := func(context.Context, queue.PurchaseJob) error { runs.Add(1); return nil }
	for attempt := 1; attempt <= 4; attempt++ {
		if attempt > 1 {
			require.NoError(t, asynq.NewInspectorFromRedisClient(b.rdb).RunTask(queue.Critical, "p-1"))
			require.True(t, pending())
		}
		abandon(t, b, longDead)
		server, err := queue.NewServer(b.rdb, queue.ServerConfig{Concurrency: 1}, b.deps, count)
		require.NoError(t, err)
		require.NoError(t, server.Start(t.Context()))
		if attempt < 4 {
			eventually(t, retrying, "the attempt counts")
		} else {
			eventually(t, func() bool { return deadTotal(t, b, queue.Critical) == 1 }, "it is dead")
		}
		require.NoError(t, server.Shutdown(t.Context()))
		assert.Equal(t, min(attempt, 3), retried(t, b))
		if attempt < 4 {
			b.deps.Registry = nil // that of the last server counts
		}
	}
	assert.Zero(t, runs.Load())
	dead, err := b.dlq(t).Show(t.Context(), "p-1")
	require.NoError(t, err)
	assert.Equal(t, 4, dead.Attempts)
	assert.Contains(t, dead.LastError, "the worker died")

	require.NoError(t, b.dlq(t).Replay(t.Context(), "p-1"))
	work(t, b, queue.ServerConfig{}, count)
	eventually(t, completed(t, b), "a replay starts anew")
	assert.EqualValues(t, 1, runs.Load())
}

// TestDeathsInARow checks that an attempt that ended in between makes the next death the first.
func TestDeathsInARow(t *testing.T) {
	b := newBed(t)
	enqueuePurchase(t, b)
	abandon(t, b, longDead)
	recoverOnce(t, b)
	failing := work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return errTest })
	eventually(t, func() bool { return b.rdb.ZCard(t.Context(), schema.Retry(queue.Critical)).Val() == 1 }, "the attempt fails")
	require.NoError(t, failing.Shutdown(t.Context()))
	before := retried(t, b)
	if b.rdb.ZCard(t.Context(), schema.Retry(queue.Critical)).Val() == 1 {
		require.NoError(t, asynq.NewInspectorFromRedisClient(b.rdb).RunTask(queue.Critical, "p-1"))
	}
	abandon(t, b, longDead)
	recoverOnce(t, b)

	b.deps.Registry = nil
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return nil })
	eventually(t, completed(t, b), "it is processed")
	assert.Equal(t, before, retried(t, b))
}

// TestJobsOfADeadWorkerAreRecoveredInTime checks the time for a lease that looks fresh, on any clock: the dead worker's may be wrong.
func TestJobsOfADeadWorkerAreRecoveredInTime(t *testing.T) {
	for name, left := range map[string]time.Duration{"fresh": schema.LeaseDuration, "of a clock ahead": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			enqueuePurchase(t, b)
			abandon(t, b, left)
			start := time.Now()
			work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return nil })
			eventually(t, completed(t, b), "another worker completes it")
			assert.Greater(t, time.Since(start), 2*schema.HeartbeatInterval)
			assert.Less(t, time.Since(start), 15*time.Second)
			assert.Zero(t, retried(t, b))
		})
	}
}

// TestJobsOfALiveWorkerAreLeftAlone runs a long job beside a second worker, with Redis and without it for a while.
func TestJobsOfALiveWorkerAreLeftAlone(t *testing.T) {
	for name, interrupt := range map[string]func(*testing.T, *bed){
		"healthy": func(*testing.T, *bed) {},
		"redis gone": func(t *testing.T, b *bed) {
			t.Helper()
			b.server.Kill(t)
			pause(t.Context(), 4*time.Second)
			b.server.Restart(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			var runs atomic.Int64
			started := make(chan struct{}, 10)
			long := func(ctx context.Context, _ queue.PurchaseJob) error {
				runs.Add(1)
				started <- struct{}{}
				pause(ctx, 18*time.Second)
				return ctx.Err()
			}
			work(t, b, queue.ServerConfig{}, long)
			enqueuePurchase(t, b)
			<-started
			second := *b
			second.deps.Registry = nil
			work(t, &second, queue.ServerConfig{}, long)
			interrupt(t, b)
			require.Eventually(t, completed(t, b), 40*time.Second, 50*time.Millisecond)
			assert.EqualValues(t, 1, runs.Load())
			require.NoError(t, testutil.GatherAndCompare(b.registry, strings.NewReader(`
# HELP worker_jobs_total Attempts by outcome: completed, retried or dead (moved to the DLQ).
# TYPE worker_jobs_total counter
worker_jobs_total{outcome="completed",queue="critical-jobs"} 1
worker_jobs_total{outcome="dead",queue="critical-jobs"} 0
worker_jobs_total{outcome="retried",queue="critical-jobs"} 0
`), "worker_jobs_total"))
		})
	}
}
