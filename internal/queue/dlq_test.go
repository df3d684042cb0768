package queue_test

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/correlation"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
)

// bury moves count enrichment jobs to the DLQ. Each fails in its step "compose".
func bury(t *testing.T, b *bed, count int) {
	t.Helper()
	deps := b.deps
	deps.Registry = nil
	server, err := queue.NewServer(b.rdb, queue.ServerConfig{Concurrency: 10}, deps, func(ctx context.Context, _ queue.EnrichJob) error {
		return queue.Permanent(queue.Step(ctx, "compose", func(context.Context) error { return errTest }))
	})
	require.NoError(t, err)
	client, err := queue.NewClient(b.rdb, deps)
	require.NoError(t, err)
	enqueued, err := client.EnqueueEnrichment(correlation.NewContext(t.Context(), "caller-1"), jobs(count))
	require.NoError(t, err)
	require.Equal(t, count, enqueued)
	require.NoError(t, server.Start(t.Context()))
	eventually(t, func() bool { return deadTotal(t, b, queue.Enrichment) == count }, "all are dead")
	require.NoError(t, server.Shutdown(t.Context()))
}

func TestListPages(t *testing.T) {
	b := newBed(t)
	dlq := b.dlq(t)
	empty, err := dlq.List(t.Context(), queue.Enrichment, queue.Page{})
	require.NoError(t, err)
	assert.Equal(t, queue.DeadPage{Queue: queue.Enrichment, Page: 1, Pages: 1, Jobs: []queue.DeadJob{}}, empty)

	bury(t, b, 45)
	seen := map[string]bool{}
	for number := 1; number <= 3; number++ {
		page, err := dlq.List(t.Context(), queue.Enrichment, queue.Page{Number: number})
		require.NoError(t, err)
		assert.Equal(t, 45, page.Total)
		assert.Equal(t, 3, page.Pages)
		for _, job := range page.Jobs {
			seen[job.ID] = true
		}
	}
	assert.Len(t, seen, 45)
	beyond, err := dlq.List(t.Context(), queue.Enrichment, queue.Page{Number: 9, Size: 10})
	require.NoError(t, err)
	assert.Empty(t, beyond.Jobs)
}

func TestShow(t *testing.T) {
	b := newBed(t)
	bury(t, b, 1)
	page, err := b.dlq(t).List(t.Context(), queue.Enrichment, queue.Page{})
	require.NoError(t, err)
	job, err := b.dlq(t).Show(t.Context(), page.Jobs[0].ID)
	require.NoError(t, err)
	assert.Equal(t, page.Jobs[0], job)
	assert.Equal(t, queue.Enrichment, job.Queue)
	assert.Equal(t, "compose", job.FailedStep)
	assert.Equal(t, "step compose: test failure", job.LastError)
	assert.Equal(t, 1, job.Attempts)
	assert.Equal(t, 5, job.MaxAttempts)
	assert.Equal(t, "caller-1", job.CorrelationID)
	assert.Equal(t, spansNamed(b, "enqueue enrichment-jobs")[0].SpanContext.TraceID().String(), job.TraceID)
	assert.WithinDuration(t, time.Now(), job.EnqueuedAt, time.Minute)
	assert.WithinDuration(t, time.Now(), job.DiedAt, time.Minute)
	assert.Nil(t, job.ReplayedAt)
	text, err := json.Marshal(job)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"payload":{"dealId":"d-00001","reason":"batch"}`)
}

func TestNotDead(t *testing.T) {
	b := newBed(t)
	require.NoError(t, b.client(t).EnqueuePurchase(t.Context(), newPurchase()))
	dlq := b.dlq(t)
	for _, id := range []string{"p-1", "unknown", ""} {
		_, err := dlq.Show(t.Context(), id)
		require.ErrorIs(t, err, queue.ErrNotDead, id)
		require.ErrorIs(t, dlq.Replay(t.Context(), id), queue.ErrNotDead, id)
		require.ErrorIs(t, dlq.Purge(t.Context(), id), queue.ErrNotDead, id)
	}
}

func TestReplayResetsAttempts(t *testing.T) {
	b := newBed(t)
	var a attempts
	server := work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error {
		if a.note() < 8 {
			return errTest
		}
		return nil
	})
	client := b.client(t)
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	eventually(t, func() bool { return deadTotal(t, b, queue.Critical) == 1 }, "dead after its last attempt")
	assert.Len(t, a.times(), 4)

	require.NoError(t, b.dlq(t).Replay(t.Context(), "p-1"))
	eventually(t, func() bool {
		state, err := client.PurchaseState(t.Context(), "p-1")
		return err == nil && state == queue.StateCompleted
	}, "the fourth attempt of the replay succeeds")
	assert.Len(t, a.times(), 8)
	require.NoError(t, server.Shutdown(t.Context()))

	spans := spansNamed(b, "process critical-jobs")
	require.Len(t, spans, 8)
	origin := spansNamed(b, "enqueue critical-jobs")[0].SpanContext
	for i, span := range spans {
		replayed := i >= 4
		assert.Equal(t, !replayed, span.SpanContext.TraceID() == origin.TraceID(), "a replay starts a new trace")
		assert.Equal(t, replayed, len(span.Links) == 1 && span.Links[0].SpanContext.SpanID() == origin.SpanID(), "with a link")
	}
}

func TestReplayAllAndPurgeAll(t *testing.T) {
	b := newBed(t)
	dlq := b.dlq(t)
	bury(t, b, 120)
	replayed, err := dlq.ReplayAll(t.Context(), queue.Enrichment)
	require.NoError(t, err)
	assert.Equal(t, 120, replayed)
	assert.Zero(t, deadTotal(t, b, queue.Enrichment))
	assert.Equal(t, 120, depth(t, b.client(t), queue.Enrichment))

	again := work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { return queue.Permanent(errTest) })
	eventually(t, func() bool { return deadTotal(t, b, queue.Enrichment) == 120 }, "dead again")
	require.NoError(t, again.Shutdown(t.Context()))
	page, err := dlq.List(t.Context(), queue.Enrichment, queue.Page{Size: 1})
	require.NoError(t, err)
	assert.NotNil(t, page.Jobs[0].ReplayedAt)

	require.NoError(t, dlq.Purge(t.Context(), page.Jobs[0].ID))
	purged, err := dlq.PurgeAll(t.Context(), queue.Enrichment)
	require.NoError(t, err)
	assert.Equal(t, 119, purged)
	assert.Empty(t, b.rdb.Keys(t.Context(), schema.Task(queue.Enrichment, "*")).Val(), "all keys are deleted")
}

func TestConcurrentReplayAndPurge(t *testing.T) {
	b := newBed(t)
	bury(t, b, 200)
	dlq := b.dlq(t)
	counts := make(chan int, 3)
	for _, do := range []func(context.Context, string) (int, error){dlq.ReplayAll, dlq.ReplayAll, dlq.PurgeAll} {
		go func() {
			n, err := do(t.Context(), queue.Enrichment)
			assert.NoError(t, err)
			counts <- n
		}()
	}
	sum := <-counts + <-counts + <-counts
	assert.Equal(t, 200, sum, "each job is replayed or purged once")
	assert.Zero(t, deadTotal(t, b, queue.Enrichment))
}

func TestDLQWithoutRedis(t *testing.T) {
	b := newBed(t)
	dlq := b.dlq(t)
	b.server.Kill(t)
	_, err := dlq.List(t.Context(), queue.Critical, queue.Page{})
	require.ErrorIs(t, err, queue.ErrUnavailable)
	_, err = dlq.Show(t.Context(), "p-1")
	require.ErrorIs(t, err, queue.ErrUnavailable)
	_, err = dlq.ReplayAll(t.Context(), queue.Critical)
	require.ErrorIs(t, err, queue.ErrUnavailable)
	_, err = dlq.PurgeAll(t.Context(), queue.Critical)
	require.ErrorIs(t, err, queue.ErrUnavailable)
}

// FuzzReplay checks that any message in the DLQ is either replayed or kept, without a panic.
func FuzzReplay(f *testing.F) {
	f.Add([]byte("\x0a\x03abc\x30\x04"))
	f.Add([]byte{})
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	rdb := miniClient(f)
	dlq, err := queue.NewDLQ(rdb)
	require.NoError(f, err)
	next := 0
	f.Fuzz(func(t *testing.T, message []byte) {
		next++
		id := strconv.Itoa(next)
		task := schema.Task(queue.Enrichment, id)
		require.NoError(t, rdb.HSet(t.Context(), task, schema.FieldMessage, message, schema.FieldState, "archived").Err())
		require.NoError(t, rdb.ZAdd(t.Context(), schema.Archived(queue.Enrichment), member(id)).Err())
		replayErr := dlq.Replay(t.Context(), id)
		_, err := rdb.ZScore(t.Context(), schema.Archived(queue.Enrichment), id).Result()
		assert.Equal(t, replayErr != nil, err == nil)
	})
}
