package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"

	"deals.example/internal/queue"
	"deals.example/internal/testkit"
)

const (
	drainJobs        = 20_000
	drainRounds      = 3
	drainConcurrency = 20
)

// BenchmarkDrain compares the drain rate of the platform's worker with that of a bare asynq server. The handler does nothing. Metrics are on and
// 5 % of the traces are sampled.
func BenchmarkDrain(b *testing.B) {
	server := testkit.Redis(b, everysec()...)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, PoolSize: 32})
	b.Cleanup(func() { _ = rdb.Close() })
	for b.Loop() {
		var ours, bare []float64
		for range drainRounds {
			bare = append(bare, drain(b, rdb, startBareAsynq))
			ours = append(ours, drain(b, rdb, startOurs))
		}
		ratio := median(ours) / median(bare)
		b.ReportMetric(ratio, "of-bare")
		results.add("worker whose handler does nothing, against a bare asynq server",
			fmt.Sprintf("%.0f of %.0f jobs/s = %.2f", median(ours), median(bare), ratio), "0.6")
	}
	b.ReportMetric(0, "ns/op")
}

// drain fills the queue and returns the jobs per second that the server completes.
func drain(b *testing.B, rdb *redis.Client, start func(b *testing.B, rdb *redis.Client, done *atomic.Int64) (stop func())) float64 {
	b.Helper()
	require.NoError(b, rdb.FlushDB(b.Context()).Err())
	client, err := queue.NewClient(rdb, queue.Deps{})
	require.NoError(b, err)
	jobs := make([]queue.EnrichJob, drainJobs)
	for i := range jobs {
		jobs[i] = queue.EnrichJob{DealID: "d-00001", Reason: queue.ReasonBatch}
	}
	_, err = client.EnqueueEnrichment(b.Context(), jobs)
	require.NoError(b, err)
	var done atomic.Int64
	begin := time.Now()
	stop := start(b, rdb, &done)
	defer stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for done.Load() < drainJobs {
		<-tick.C
	}
	return drainJobs / time.Since(begin).Seconds()
}

func startOurs(b *testing.B, rdb *redis.Client, done *atomic.Int64) (stop func()) {
	b.Helper()
	tracers := trace.NewTracerProvider(trace.WithSampler(trace.TraceIDRatioBased(0.05)))
	server, err := queue.NewServer(rdb, queue.ServerConfig{Concurrency: drainConcurrency},
		queue.Deps{Registry: prometheus.NewRegistry(), Tracers: tracers},
		func(context.Context, queue.EnrichJob) error { done.Add(1); return nil })
	require.NoError(b, err)
	require.NoError(b, server.Start(b.Context()))
	return func() {
		require.NoError(b, server.Shutdown(b.Context()))
		require.NoError(b, tracers.Shutdown(b.Context()))
	}
}

func startBareAsynq(b *testing.B, rdb *redis.Client, done *atomic.Int64) (stop func()) {
	b.Helper()
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: drainConcurrency, Queues: map[string]int{queue.Enrichment: 1}, LogLevel: asynq.ErrorLevel,
	})
	require.NoError(b, server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { done.Add(1); return nil })))
	return server.Shutdown
}
