package queue_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
)

func miniClient(tb testing.TB) *redis.Client {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func member(id string) redis.Z { return redis.Z{Score: float64(time.Now().Unix()), Member: id} }

func TestGuardPausesTheQueue(t *testing.T) {
	b := newBed(t)
	const limit = 40
	work(t, b, queue.ServerConfig{ArchiveLimit: limit, Concurrency: 1}, func(ctx context.Context, _ queue.EnrichJob) error {
		pause(ctx, 2*time.Millisecond) // limits the number of jobs that die before a check
		return queue.Permanent(errTest)
	})
	client := b.client(t)
	_, err := client.EnqueueEnrichment(t.Context(), jobs(200))
	require.NoError(t, err)
	paused := func() bool { return b.rdb.Exists(t.Context(), schema.Paused(queue.Enrichment)).Val() == 1 }
	eventually(t, paused, "the queue is paused")
	eventually(t, func() bool {
		return testutil.GatherAndCompare(b.registry, strings.NewReader(`
# HELP worker_queue_paused 1 while the queue is paused, by hand or because its DLQ is nearly full.
# TYPE worker_queue_paused gauge
worker_queue_paused{queue="enrichment-jobs"} 1
`), "worker_queue_paused") == nil
	}, "the gauge is set")
	dead := deadTotal(t, b, queue.Enrichment)
	assert.GreaterOrEqual(t, dead, limit)
	assert.Less(t, dead, limit+10, "a dead job triggers a check")

	_, err = b.dlq(t).PurgeAll(t.Context(), queue.Enrichment)
	require.NoError(t, err)
	eventually(t, func() bool { return !paused() }, "the queue is resumed")
}

func TestGuardDoesNotResumeAQueuePausedByHand(t *testing.T) {
	b := newBed(t)
	bury(t, b, 10)
	require.NoError(t, b.rdb.Set(t.Context(), schema.Paused(queue.Enrichment), 1, 0).Err())
	work(t, b, queue.ServerConfig{ArchiveLimit: 5}, func(context.Context, queue.EnrichJob) error { return nil })
	_, err := b.dlq(t).PurgeAll(t.Context(), queue.Enrichment)
	require.NoError(t, err)
	resumed := func() bool { return b.rdb.Exists(t.Context(), schema.Paused(queue.Enrichment)).Val() == 0 }
	require.Never(t, resumed, 2500*time.Millisecond, 50*time.Millisecond)
}

func TestGuardRenewsOldDeadJobs(t *testing.T) {
	b := newBed(t)
	old := redis.Z{Score: float64(time.Now().Add(-85 * 24 * time.Hour).Unix()), Member: "old"}
	young := redis.Z{Score: float64(time.Now().Add(-24 * time.Hour).Unix()), Member: "young"}
	require.NoError(t, b.rdb.ZAdd(t.Context(), schema.Archived(queue.Enrichment), old, young).Err())
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { return nil })
	score := func(id string) float64 {
		return b.rdb.ZScore(t.Context(), schema.Archived(queue.Enrichment), id).Val()
	}
	eventually(t, func() bool { return score("old") > old.Score }, "the old job is renewed")
	assert.InDelta(t, young.Score, score("young"), 0)
}

// The platform can run on miniredis: it must support all scripts.
func TestOnMiniredis(t *testing.T) {
	b := &bed{rdb: miniClient(t), deps: queue.Deps{Threshold: 10}}
	client := b.client(t)
	admission, err := client.Admit(t.Context(), 5)
	require.NoError(t, err)
	require.NoError(t, admission.Release(t.Context()))
	var a attempts
	server := work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error {
		switch a.note() {
		case 1:
			return errTest
		case 2:
			return queue.Permanent(errTest)
		default:
			return nil
		}
	})
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	eventually(t, func() bool { return deadTotal(t, b, queue.Critical) == 1 }, "retried once, then dead")
	require.NoError(t, b.dlq(t).Replay(t.Context(), "p-1"))
	eventually(t, func() bool {
		state, err := client.PurchaseState(t.Context(), "p-1")
		return err == nil && state == queue.StateCompleted
	}, "replayed")
	assert.Zero(t, depth(t, client, queue.Critical))
	require.NoError(t, server.Shutdown(t.Context()))
}
