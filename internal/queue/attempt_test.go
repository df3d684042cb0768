package queue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
)

var errTest = errors.New("test failure")

// attempts records the times of attempts.
type attempts struct {
	mu sync.Mutex
	at []time.Time
}

func (a *attempts) note() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = append(a.at, time.Now())
	return len(a.at)
}

func (a *attempts) times() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]time.Time(nil), a.at...)
}

func TestBackoffUntilDead(t *testing.T) {
	tests := map[string]struct {
		start    func(t *testing.T, b *bed, a *attempts) string
		attempts int
		first    time.Duration
	}{
		"enrichment": {func(t *testing.T, b *bed, a *attempts) string {
			t.Helper()
			work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { a.note(); return errTest })
			_, err := b.client(t).EnqueueEnrichment(t.Context(), jobs(1))
			require.NoError(t, err)
			return queue.Enrichment
		}, 5, 200 * time.Millisecond},
		"critical": {func(t *testing.T, b *bed, a *attempts) string {
			t.Helper()
			work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { a.note(); return errTest })
			require.NoError(t, b.client(t).EnqueuePurchase(t.Context(), newPurchase()))
			return queue.Critical
		}, 4, 250 * time.Millisecond},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			var a attempts
			name := tc.start(t, b, &a)
			eventually(t, func() bool { return deadTotal(t, b, name) == 1 }, "the job is dead")
			times := a.times()
			require.Len(t, times, tc.attempts)
			for i := 1; i < len(times); i++ {
				wait := times[i].Sub(times[i-1])
				plain := tc.first << (i - 1)
				assert.GreaterOrEqual(t, wait, plain, "attempt %d", i+1)
				assert.Less(t, wait, plain*3/2+700*time.Millisecond, "attempt %d: backoff, jitter and a poll interval", i+1)
			}
			require.NoError(t, testutil.GatherAndCompare(b.registry, strings.NewReader(fmt.Sprintf(`
# HELP worker_jobs_total Attempts by outcome: completed, retried or dead (moved to the DLQ).
# TYPE worker_jobs_total counter
worker_jobs_total{outcome="completed",queue=%[1]q} 0
worker_jobs_total{outcome="dead",queue=%[1]q} 1
worker_jobs_total{outcome="retried",queue=%[1]q} %[2]d
`, name, tc.attempts-1)), "worker_jobs_total"))
		})
	}
}

func deadTotal(t *testing.T, b *bed, name string) int {
	t.Helper()
	page, err := b.dlq(t).List(t.Context(), name, queue.Page{})
	require.NoError(t, err)
	return page.Total
}

func TestRetriesOutliveTheirWorker(t *testing.T) {
	b := newBed(t)
	first := work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return errTest })
	require.NoError(t, b.client(t).EnqueuePurchase(t.Context(), newPurchase()))
	retrying := func() bool { return b.rdb.ZCard(t.Context(), schema.Retry(queue.Critical)).Val() == 1 }
	eventually(t, retrying, "the job waits for its retry")
	require.NoError(t, first.Shutdown(t.Context()))

	b.deps.Registry = nil
	var done atomic.Bool
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { done.Store(true); return nil })
	eventually(t, done.Load, "another worker retries it")
}

func TestPermanentFailures(t *testing.T) {
	tests := map[string]struct {
		enqueue func(t *testing.T, b *bed)
		handle  func(context.Context, queue.PurchaseJob) error
		want    string
	}{
		"permanent": {enqueuePurchase, func(context.Context, queue.PurchaseJob) error { return queue.Permanent(errTest) }, "test failure"},
		"payload": {func(t *testing.T, b *bed) {
			t.Helper()
			client := asynq.NewClientFromRedisClient(b.rdb)
			_, err := client.EnqueueContext(t.Context(), asynq.NewTask("purchase:complete", []byte(`{"quantity":"x"`)), asynq.Queue(queue.Critical))
			require.NoError(t, err)
		}, func(context.Context, queue.PurchaseJob) error { return nil }, "decode job"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			work(t, b, queue.ServerConfig{}, tc.handle)
			tc.enqueue(t, b)
			eventually(t, func() bool { return deadTotal(t, b, queue.Critical) == 1 }, "dead at once")
			page, err := b.dlq(t).List(t.Context(), queue.Critical, queue.Page{})
			require.NoError(t, err)
			assert.Equal(t, 1, page.Jobs[0].Attempts)
			assert.Contains(t, page.Jobs[0].LastError, tc.want)
		})
	}
}

func enqueuePurchase(t *testing.T, b *bed) {
	t.Helper()
	require.NoError(t, b.client(t).EnqueuePurchase(t.Context(), newPurchase()))
}

func TestLogHasDurationInMilliseconds(t *testing.T) {
	b := newBed(t)
	var log bytes.Buffer
	b.deps.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	server := work(t, b, queue.ServerConfig{}, func(ctx context.Context, _ queue.PurchaseJob) error {
		pause(ctx, 30*time.Millisecond)
		return queue.Permanent(errTest)
	})
	enqueuePurchase(t, b)
	eventually(t, func() bool { return deadTotal(t, b, queue.Critical) == 1 }, "it is dead")
	require.NoError(t, server.Shutdown(t.Context()))
	var line struct {
		Msg        string
		DurationMs int `json:"duration_ms"`
	}
	require.NoError(t, json.NewDecoder(&log).Decode(&line))
	assert.Equal(t, "job is dead", line.Msg)
	assert.InDelta(t, 515, line.DurationMs, 485)
}

func TestPanicIsAFailedAttempt(t *testing.T) {
	b := newBed(t)
	var a attempts
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error {
		if a.note() == 1 {
			panic("boom")
		}
		return nil
	})
	client := b.client(t)
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	eventually(t, func() bool {
		state, err := client.PurchaseState(t.Context(), "p-1")
		return err == nil && state == queue.StateCompleted
	}, "the second attempt succeeds")
	require.NoError(t, testutil.GatherAndCompare(b.registry, strings.NewReader(`
# HELP worker_jobs_total Attempts by outcome: completed, retried or dead (moved to the DLQ).
# TYPE worker_jobs_total counter
worker_jobs_total{outcome="completed",queue="critical-jobs"} 1
worker_jobs_total{outcome="dead",queue="critical-jobs"} 0
worker_jobs_total{outcome="retried",queue="critical-jobs"} 1
# HELP worker_jobs_in_flight Active jobs.
# TYPE worker_jobs_in_flight gauge
worker_jobs_in_flight{queue="critical-jobs"} 0
`), "worker_jobs_total", "worker_jobs_in_flight"))
}

func TestStepOutsideAnAttempt(t *testing.T) {
	require.NoError(t, queue.Step(t.Context(), "a", func(context.Context) error { return nil }))
	err := queue.Step(t.Context(), "a", func(context.Context) error { return errTest })
	var failed *queue.StepError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "a", failed.Step)
	require.ErrorIs(t, err, errTest)
	assert.EqualError(t, err, "step a: test failure")
}
