package queue_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/correlation"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
)

func TestEnqueueEnrichment(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	enqueued, err := client.EnqueueEnrichment(t.Context(), jobs(10_000))
	require.NoError(t, err)
	assert.Equal(t, 10_000, enqueued)
	assert.Equal(t, 10_000, depth(t, client, queue.Enrichment))
	require.NoError(t, testutil.GatherAndCompare(b.registry, strings.NewReader(`
# HELP experience_queue_jobs_enqueued_total Jobs that Redis confirmed.
# TYPE experience_queue_jobs_enqueued_total counter
experience_queue_jobs_enqueued_total{queue="critical-jobs"} 0
experience_queue_jobs_enqueued_total{queue="enrichment-jobs"} 10000
`), "experience_queue_jobs_enqueued_total"))
	assert.Len(t, b.spans.GetSpans(), 1, "one span for the batch")
}

func TestEnqueueNothing(t *testing.T) {
	b := newBed(t)
	enqueued, err := b.client(t).EnqueueEnrichment(t.Context(), nil)
	require.NoError(t, err)
	assert.Zero(t, enqueued)
	assert.Empty(t, b.spans.GetSpans())
}

func TestEnqueueStopsWhenRedisDies(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	var (
		enqueued int
		err      error
		batch    sync.WaitGroup
	)
	batch.Go(func() { enqueued, err = client.EnqueueEnrichment(t.Context(), jobs(10_000)) })
	pending := func() int64 { return b.rdb.LLen(t.Context(), schema.Pending(queue.Enrichment)).Val() }
	eventually(t, func() bool { return pending() > 1000 }, "the batch is in progress")
	b.server.Kill(t)
	batch.Wait()
	require.ErrorIs(t, err, queue.ErrUnavailable)
	assert.Less(t, enqueued, 10_000)

	b.server.Restart(t)
	kept := int(b.server.Client(t).LLen(t.Context(), schema.Pending(queue.Enrichment)).Val())
	assert.LessOrEqual(t, enqueued, kept, "confirmed jobs are stored")
	assert.LessOrEqual(t, kept, enqueued+32, "at most the jobs in flight are unconfirmed")
}

// lossy is a hook that loses every nth answer of a script: the script runs, the caller gets an error.
type lossy struct {
	every int
	mu    sync.Mutex
	seen  int
}

func (l *lossy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (l *lossy) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (l *lossy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, cmd := range cmds {
			if l.seen++; l.seen%l.every == 0 {
				cmd.SetErr(context.DeadlineExceeded)
			}
		}
		return err
	}
}

func TestEnqueueRetriesLostAnswers(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	b.rdb.AddHook(&lossy{every: 50})
	enqueued, err := client.EnqueueEnrichment(t.Context(), jobs(500))
	require.NoError(t, err)
	assert.Equal(t, 500, enqueued)
	assert.Equal(t, int64(500), b.rdb.LLen(t.Context(), schema.Pending(queue.Enrichment)).Val())
}

func TestEnqueueEndsWithItsContext(t *testing.T) {
	b := newBed(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	enqueued, err := b.client(t).EnqueueEnrichment(ctx, jobs(100))
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, enqueued)
}

func TestEnqueuePurchaseIsIdempotent(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	assert.Equal(t, 1, depth(t, client, queue.Critical))
}

func TestTaskOptionsAndHeaders(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	ctx := correlation.NewContext(t.Context(), "caller-1")
	require.NoError(t, client.EnqueuePurchase(ctx, newPurchase()))
	_, err := client.EnqueueRefresh(ctx, []string{"d-00007"})
	require.NoError(t, err)
	inspector := asynq.NewInspectorFromRedisClient(b.rdb)

	purchase, err := inspector.GetTaskInfo(queue.Critical, "p-1")
	require.NoError(t, err)
	assert.Equal(t, 3, purchase.MaxRetry, "4 attempts")
	assert.Equal(t, 24*time.Hour, purchase.Retention)
	assert.JSONEq(t, `{"purchaseId":"p-1","dealId":"d-00001","userId":"u-1","quantity":1}`, string(purchase.Payload))
	assert.Equal(t, "caller-1", purchase.Headers[correlation.Header])
	assert.NotEmpty(t, purchase.Headers["traceparent"])
	assert.Equal(t, "criticality=critical", purchase.Headers["Baggage"])

	refreshes, err := inspector.ListPendingTasks(queue.Enrichment)
	require.NoError(t, err)
	require.Len(t, refreshes, 1)
	assert.Equal(t, 4, refreshes[0].MaxRetry, "5 attempts")
	assert.Zero(t, refreshes[0].Retention)
	assert.Equal(t, "criticality=sheddable", refreshes[0].Headers["Baggage"])
	assert.JSONEq(t, `{"dealId":"d-00007","reason":"refresh"}`, string(refreshes[0].Payload))
}

func TestPurchaseState(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	state := func() queue.State {
		state, err := client.PurchaseState(t.Context(), "p-1")
		require.NoError(t, err)
		return state
	}
	assert.Equal(t, queue.StateNone, state())
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	assert.Equal(t, queue.StatePending, state())
	release := make(chan struct{})
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error {
		<-release
		return nil
	})
	eventually(t, func() bool { return state() == queue.StateActive }, "a worker has it")
	close(release)
	eventually(t, func() bool { return state() == queue.StateCompleted }, "the completed job is kept")
}

func TestUnknownQueue(t *testing.T) {
	b := newBed(t)
	_, err := b.client(t).Depth(t.Context(), "other")
	require.ErrorIs(t, err, queue.ErrUnknownQueue)
	_, err = b.dlq(t).List(t.Context(), "other", queue.Page{})
	require.ErrorIs(t, err, queue.ErrUnknownQueue)
	_, err = b.dlq(t).PurgeAll(t.Context(), "other")
	require.ErrorIs(t, err, queue.ErrUnknownQueue)
}

func TestConstructorsValidate(t *testing.T) {
	_, err := queue.NewClient(nil, queue.Deps{})
	require.Error(t, err)
	_, err = queue.NewDLQ(nil)
	require.Error(t, err)
	_, err = queue.NewServer[queue.EnrichJob](nil, queue.ServerConfig{Concurrency: 1}, queue.Deps{}, nil)
	require.Error(t, err)
	rdb := redis.NewClient(&redis.Options{})
	t.Cleanup(func() { _ = rdb.Close() })
	_, err = queue.NewClient(rdb, queue.Deps{Threshold: -1})
	require.Error(t, err)
	_, err = queue.NewServer(rdb, queue.ServerConfig{}, queue.Deps{}, func(context.Context, queue.EnrichJob) error { return nil })
	require.Error(t, err)
}
