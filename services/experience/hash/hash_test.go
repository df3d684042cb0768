package hash_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"deals.example/observability"
	"deals.example/services/experience/hash"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func small(payload string) hash.Job {
	return hash.Job{Payload: payload, Rounds: 2, Iterations: 50}
}

func newPool(t *testing.T, cfg hash.Config) (*hash.Pool, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewRegistry()
	pool := hash.NewPool(cfg, reg)
	t.Cleanup(pool.Close)
	return pool, reg
}

func TestBadAndGoodReturnTheSameDigest(t *testing.T) {
	pool, _ := newPool(t, hash.Config{Workers: 2, Queue: 2, Idle: true, ExtraProcs: true})
	bad, err := hash.Bad(t.Context(), small("a"))
	require.NoError(t, err)
	good, err := pool.Do(t.Context(), small("a"))
	require.NoError(t, err)
	other, err := pool.Do(t.Context(), small("b"))
	require.NoError(t, err)
	assert.Equal(t, bad.DigestPrefix, good.DigestPrefix)
	assert.NotEqual(t, good.DigestPrefix, other.DigestPrefix)
	assert.Len(t, good.DigestPrefix, 16)
}

func TestDigestStopsWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := hash.Digest(ctx, small("a"))
	require.ErrorIs(t, err, context.Canceled)
}

// occupy fills the pool with jobs that last until the returned function is called.
func occupy(t *testing.T, pool *hash.Pool, jobs int) (release func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for range jobs {
		callers.Go(func() {
			var full *hash.FullError
			for refused := true; refused; { // while a call of the test holds the place
				_, err := pool.Do(ctx, hash.Job{Payload: "long", Rounds: 1 << 20, Iterations: 5000})
				refused = errors.As(err, &full)
			}
		})
	}
	return func() {
		cancel()
		callers.Wait()
	}
}

func TestWorkHasTheProfileLabelsOfTheRequest(t *testing.T) {
	pool, _ := newPool(t, hash.Config{Workers: 1, Queue: 1})
	ctx, cancel := context.WithCancel(pprof.WithLabels(t.Context(), pprof.Labels("span_name", "POST /hash")))
	var caller sync.WaitGroup
	caller.Go(func() { _, _ = pool.Do(ctx, hash.Job{Payload: "long", Rounds: 1 << 20, Iterations: 5000}) })
	labelled := func() bool {
		var profile strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&profile, 1) // a strings.Builder does not fail
		return strings.Contains(profile.String(), `"span_name":"POST /hash"`)
	}
	require.Eventually(t, labelled, 5*time.Second, time.Millisecond)
	cancel()
	caller.Wait()
	require.Eventually(t, func() bool { return !labelled() }, 5*time.Second, time.Millisecond, "the labels are removed")
}

func TestFullPoolRejects(t *testing.T) {
	pool, reg := newPool(t, hash.Config{Workers: 1, Queue: 1})
	release := occupy(t, pool, 2)
	defer release()
	var full *hash.FullError
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := pool.Do(ctx, small("c"))
		return errors.As(err, &full)
	}, 5*time.Second, time.Millisecond)
	assert.Equal(t, 2, full.Capacity)
	assert.Positive(t, full.RetryAfter)
	rejected, err := testutil.GatherAndCount(reg, "experience_hash_pool_rejections_total")
	require.NoError(t, err)
	assert.Equal(t, 1, rejected)
}

func TestConcurrentJobs(t *testing.T) {
	pool, reg := newPool(t, hash.Config{Workers: 2, Queue: 100})
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			_, err := pool.Do(context.WithoutCancel(t.Context()), small("d"))
			assert.NoError(t, err)
		})
	}
	callers.Wait()
	assert.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP experience_hash_pool_busy_workers Busy threads of the hash pool.
# TYPE experience_hash_pool_busy_workers gauge
experience_hash_pool_busy_workers 0
# HELP experience_hash_pool_jobs Hashes in the pool, running and waiting.
# TYPE experience_hash_pool_jobs gauge
experience_hash_pool_jobs 0
`), "experience_hash_pool_busy_workers", "experience_hash_pool_jobs"))
}

func TestClose(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	pool := hash.NewPool(hash.Config{Workers: 3, ExtraProcs: true}, prometheus.NewRegistry())
	assert.Equal(t, before+3, runtime.GOMAXPROCS(0))
	pool.Close()
	pool.Close()
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
	_, err := pool.Do(t.Context(), small("e"))
	assert.ErrorIs(t, err, hash.ErrClosed)
}

func TestSpansOfWaitAndWork(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	pool, _ := newPool(t, hash.Config{Workers: 1, Queue: 1})
	ctx, request := tracer.Start(t.Context(), "request")
	_, err := pool.Do(ctx, small("a"))
	require.NoError(t, err)
	_, err = hash.Bad(ctx, small("a"))
	require.NoError(t, err)

	var names []string
	for _, span := range recorder.Ended() {
		names = append(names, span.Name())
		assert.Equal(t, request.SpanContext().SpanID(), span.Parent().SpanID())
	}
	assert.Equal(t, []string{observability.WaitHashPool, "compute hash", "compute hash"}, names)
	wait, work := recorder.Ended()[0], recorder.Ended()[1]
	assert.False(t, wait.EndTime().After(work.StartTime()), "the work begins after the wait")
	assert.Contains(t, work.Attributes(), observability.AttrHashIterations.Int(50))
}
