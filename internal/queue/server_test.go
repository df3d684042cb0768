package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/correlation"
	"deals.example/internal/queue"
)

var errTest = errors.New("out of luck")

// attempts collects when a job was attempted.
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

func TestJobsAreRetriedWithBackoffUntilDead(t *testing.T) {
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
			eventually(t, func() bool { return deadTotal(t, b, name) == 1 }, "the job ends in the DLQ")
			times := a.times()
			require.Len(t, times, tc.attempts)
			for i := 1; i < len(times); i++ {
				wait := times[i].Sub(times[i-1])
				plain := tc.first << (i - 1)
				assert.GreaterOrEqual(t, wait, plain, "attempt %d", i+1)
				assert.Less(t, wait, plain*3/2+700*time.Millisecond, "attempt %d: backoff, jitter and a poll", i+1)
			}
			require.NoError(t, testutil.GatherAndCompare(b.registry, strings.NewReader(fmt.Sprintf(`
# HELP worker_jobs_total Attempts by what became of the job: completed, retried, or dead, which is in the DLQ.
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

func TestRetriesSurviveTheWorkerThatFailedThem(t *testing.T) {
	b := newBed(t)
	first := work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return errTest })
	require.NoError(t, b.client(t).EnqueuePurchase(t.Context(), newPurchase()))
	retrying := func() bool { return b.rdb.ZCard(t.Context(), "asynq:{critical-jobs}:retry").Val() == 1 }
	eventually(t, retrying, "the job waits for its retry")
	require.NoError(t, first.Shutdown(t.Context()))

	b.deps.Registry = nil
	var done atomic.Bool
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { done.Store(true); return nil })
	eventually(t, done.Load, "another worker takes it up, though it knows nothing of its backoff")
}

func TestFailuresThatNoRetryMends(t *testing.T) {
	tests := map[string]struct {
		enqueue func(t *testing.T, b *bed)
		handle  func(context.Context, queue.PurchaseJob) error
		want    string
	}{
		"permanent": {enqueuePurchase, func(context.Context, queue.PurchaseJob) error { return queue.Permanent(errTest) }, "out of luck"},
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
# HELP worker_jobs_total Attempts by what became of the job: completed, retried, or dead, which is in the DLQ.
# TYPE worker_jobs_total counter
worker_jobs_total{outcome="completed",queue="critical-jobs"} 1
worker_jobs_total{outcome="dead",queue="critical-jobs"} 0
worker_jobs_total{outcome="retried",queue="critical-jobs"} 1
# HELP worker_jobs_in_flight Jobs being worked on.
# TYPE worker_jobs_in_flight gauge
worker_jobs_in_flight{queue="critical-jobs"} 0
`), "worker_jobs_total", "worker_jobs_in_flight"))
}

func TestOneTraceFromRequestToLastRetry(t *testing.T) {
	b := newBed(t)
	var a attempts
	var correlations sync.Map
	work(t, b, queue.ServerConfig{}, func(ctx context.Context, _ queue.PurchaseJob) error {
		correlations.Store(correlation.FromContext(ctx), true)
		return queue.Step(ctx, "fraud-check", func(context.Context) error {
			if a.note() < 3 {
				return errTest
			}
			return nil
		})
	})
	ctx, request := b.deps.Tracers.Tracer("test").Start(correlation.NewContext(t.Context(), "caller-1"), "request")
	require.NoError(t, b.client(t).EnqueuePurchase(ctx, newPurchase()))
	request.End()
	eventually(t, func() bool { return len(spansNamed(b, "critical-jobs process")) == 3 }, "three attempts")

	producer := spansNamed(b, "critical-jobs publish")[0]
	for _, name := range []string{"critical-jobs publish", "critical-jobs process", "fraud-check"} {
		for _, span := range spansNamed(b, name) {
			assert.Equal(t, request.SpanContext().TraceID(), span.SpanContext.TraceID(), name)
		}
	}
	for _, span := range spansNamed(b, "critical-jobs process") {
		assert.Equal(t, producer.SpanContext.SpanID(), span.Parent.SpanID())
		assert.Equal(t, trace.SpanKindConsumer, span.SpanKind)
	}
	_, seen := correlations.Load("caller-1")
	assert.True(t, seen)
	count, err := testutil.GatherAndCount(b.registry, "worker_step_duration_seconds")
	require.NoError(t, err)
	assert.Equal(t, 2, count, "the step once failed, once completed")
}

func spansNamed(b *bed, name string) []tracetest.SpanStub {
	var spans []tracetest.SpanStub
	for _, span := range b.spans.GetSpans() {
		if span.Name == name {
			spans = append(spans, span)
		}
	}
	return spans
}

func TestJobsOfALargeBatchAreLinkedToIt(t *testing.T) {
	b := newBed(t)
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { return nil })
	_, err := b.client(t).EnqueueEnrichment(t.Context(), jobs(101))
	require.NoError(t, err)
	eventually(t, func() bool { return len(spansNamed(b, "enrichment-jobs process")) == 101 }, "all are done")
	batch := spansNamed(b, "enrichment-jobs publish")[0].SpanContext
	for _, span := range spansNamed(b, "enrichment-jobs process") {
		assert.NotEqual(t, batch.TraceID(), span.SpanContext.TraceID())
		require.Len(t, span.Links, 1)
		assert.Equal(t, batch.SpanID(), span.Links[0].SpanContext.SpanID())
	}
}

func TestHistogramsAreClassicAndNativeWithExemplars(t *testing.T) {
	b := newBed(t)
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { return nil })
	_, err := b.client(t).EnqueueEnrichment(t.Context(), jobs(3))
	require.NoError(t, err)
	eventually(t, func() bool { return len(spansNamed(b, "enrichment-jobs process")) == 3 }, "all are done")
	families, err := b.registry.Gather()
	require.NoError(t, err)
	seen := 0
	for _, family := range families {
		if name := family.GetName(); name != "worker_job_duration_seconds" && name != "worker_job_end_to_end_seconds" {
			continue
		}
		seen++
		histogram := family.GetMetric()[0].GetHistogram()
		assert.Equal(t, uint64(3), histogram.GetSampleCount())
		assert.NotEmpty(t, histogram.GetBucket(), "classic")
		assert.NotNil(t, histogram.Schema, "native")
		exemplars := 0
		for _, bucket := range histogram.GetBucket() {
			if bucket.GetExemplar() != nil {
				exemplars++
			}
		}
		assert.Positive(t, exemplars)
	}
	assert.Equal(t, 2, seen)
}

func TestShutdownFinishesWhatIsInFlight(t *testing.T) {
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

func TestShutdownHandsBackWhatTakesTooLong(t *testing.T) {
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
	assert.Zero(t, task.Retried, "that was no attempt")
	eventually(t, func() bool { return len(spansNamed(b, "critical-jobs process")) == 1 }, "the handler ends")
	count, err := testutil.GatherAndCount(b.registry, "worker_job_duration_seconds")
	require.NoError(t, err)
	assert.Zero(t, count, "nor one in the metrics")
}

func TestWorkerComesBackWithRedis(t *testing.T) {
	b := newBed(t)
	var done atomic.Int64
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { done.Add(1); return nil })
	client := b.client(t)
	_, err := client.EnqueueEnrichment(t.Context(), jobs(1))
	require.NoError(t, err)
	eventually(t, func() bool { return done.Load() == 1 }, "it works")
	b.server.Kill(t)
	b.server.Restart(t)
	eventually(t, func() bool {
		_, err := client.EnqueueEnrichment(t.Context(), jobs(1))
		return err == nil
	}, "jobs can be enqueued again")
	eventually(t, func() bool { return done.Load() >= 2 }, "and are worked off")
}

func TestStepOutsideOfAnAttempt(t *testing.T) {
	require.NoError(t, queue.Step(t.Context(), "a", func(context.Context) error { return nil }))
	err := queue.Step(t.Context(), "a", func(context.Context) error { return errTest })
	var failed *queue.StepError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "a", failed.Step)
	require.ErrorIs(t, err, errTest)
	assert.EqualError(t, err, "step a: out of luck")
}

func TestJobsOfADeadWorkerAreTakenUpAgain(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	// What a worker leaves behind that was killed a while ago: the job is active, its lease is over.
	over := redis.Z{Score: float64(time.Now().Add(-31 * time.Second).Unix()), Member: "p-1"}
	require.NoError(t, b.rdb.LMove(t.Context(), "asynq:{critical-jobs}:pending", "asynq:{critical-jobs}:active", "RIGHT", "LEFT").Err())
	require.NoError(t, b.rdb.HSet(t.Context(), "asynq:{critical-jobs}:t:p-1", "state", "active").Err())
	require.NoError(t, b.rdb.ZAdd(t.Context(), "asynq:{critical-jobs}:lease", over).Err())

	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error { return nil })
	eventually(t, func() bool {
		state, err := client.PurchaseState(t.Context(), "p-1")
		return err == nil && state == queue.StateCompleted
	}, "another worker does it")
}
