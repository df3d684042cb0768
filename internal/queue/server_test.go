package queue_test

import (
	"context"
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

func TestShutdownFinishesActiveJobs(t *testing.T) {
	b := newBed(t)
	started := make(chan struct{})
	server := work(t, b, queue.ServerConfig{Concurrency: 1}, func(ctx context.Context, _ queue.PurchaseJob) error {
		close(started)
		pause(ctx, 300*time.Millisecond)
		return ctx.Err()
	})
	client := b.client(t)
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, server.Shutdown(ctx))
	state, err := client.PurchaseState(t.Context(), "p-1")
	require.NoError(t, err)
	assert.Equal(t, queue.StateCompleted, state)
}

func TestShutdownRequeuesSlowJobs(t *testing.T) {
	b := newBed(t)
	started := make(chan struct{})
	server := work(t, b, queue.ServerConfig{Concurrency: 1}, func(ctx context.Context, _ queue.PurchaseJob) error {
		close(started)
		<-ctx.Done()
		return ctx.Err()
	})
	client := b.client(t)
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	require.NoError(t, server.Shutdown(ctx))
	state, err := client.PurchaseState(t.Context(), "p-1")
	require.NoError(t, err)
	assert.Equal(t, queue.StatePending, state)

	task, err := asynq.NewInspectorFromRedisClient(b.rdb).GetTaskInfo(queue.Critical, "p-1")
	require.NoError(t, err)
	assert.Zero(t, task.Retried, "no attempt is counted")
	eventually(t, func() bool { return len(spansNamed(b, "critical-jobs process")) == 1 }, "the handler returns")
	count, err := testutil.GatherAndCount(b.registry, "worker_job_duration_seconds")
	require.NoError(t, err)
	assert.Zero(t, count, "nor observed")
}

func TestWorkerRecoversWithRedis(t *testing.T) {
	b := newBed(t)
	var done atomic.Int64
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { done.Add(1); return nil })
	client := b.client(t)
	_, err := client.EnqueueEnrichment(t.Context(), jobs(1))
	require.NoError(t, err)
	eventually(t, func() bool { return done.Load() == 1 }, "the job is processed")
	b.server.Kill(t)
	b.server.Restart(t)
	eventually(t, func() bool {
		_, err := client.EnqueueEnrichment(t.Context(), jobs(1))
		return err == nil
	}, "jobs can be enqueued again")
	eventually(t, func() bool { return done.Load() >= 2 }, "and are processed")
}

func TestJobsOfAKilledWorkerAreRecovered(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	// The state after a worker was killed: the job is active, its lease has expired.
	expired := redis.Z{Score: float64(time.Now().Add(-31 * time.Second).Unix()), Member: "p-1"}
	require.NoError(t, b.rdb.LMove(t.Context(), schema.Pending(queue.Critical), schema.Active(queue.Critical), "RIGHT", "LEFT").Err())
	require.NoError(t, b.rdb.HSet(t.Context(), schema.Task(queue.Critical, "p-1"), schema.FieldState, "active").Err())
	require.NoError(t, b.rdb.ZAdd(t.Context(), schema.Lease(queue.Critical), expired).Err())

	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return nil })
	eventually(t, func() bool {
		state, err := client.PurchaseState(t.Context(), "p-1")
		return err == nil && state == queue.StateCompleted
	}, "another worker completes it")
}
