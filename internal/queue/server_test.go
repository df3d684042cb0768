package queue_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
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
	eventually(t, func() bool { return len(spansNamed(b, "process critical-jobs")) == 1 }, "the handler returns")
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
