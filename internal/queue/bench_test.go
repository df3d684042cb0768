package queue_test

import (
	"context"
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

const benchConcurrency = 20

// benchRedis returns a Redis that syncs its file once a second, as the platform's does.
func benchRedis(b *testing.B) *redis.Client {
	b.Helper()
	server := testkit.Redis(b, "--appendfsync", "everysec")
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, PoolSize: 32})
	b.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// benchDeps has telemetry on: metrics, and spans of which one in twenty is recorded.
func benchDeps(b *testing.B) queue.Deps {
	b.Helper()
	tracers := trace.NewTracerProvider(trace.WithSampler(trace.TraceIDRatioBased(0.05)))
	b.Cleanup(func() { _ = tracers.Shutdown(context.WithoutCancel(b.Context())) })
	return queue.Deps{Registry: prometheus.NewRegistry(), Tracers: tracers}
}

// BenchmarkEnqueue10k is a batch of 10,000 jobs; the aim is under 0.3 s.
func BenchmarkEnqueue10k(b *testing.B) {
	rdb := benchRedis(b)
	client, err := queue.NewClient(rdb, benchDeps(b))
	require.NoError(b, err)
	batch := jobs(10_000)
	for b.Loop() {
		enqueued, err := client.EnqueueEnrichment(b.Context(), batch)
		require.NoError(b, err)
		require.Equal(b, len(batch), enqueued)
		b.StopTimer()
		require.NoError(b, rdb.FlushDB(b.Context()).Err())
		b.StartTimer()
	}
}

// BenchmarkDrainNoop is one job that our server does and whose handler does nothing; see BenchmarkDrainBareAsynq.
func BenchmarkDrainNoop(b *testing.B) {
	rdb := benchRedis(b)
	var done atomic.Int64
	server, err := queue.NewServer(rdb, queue.ServerConfig{Concurrency: benchConcurrency}, benchDeps(b),
		func(context.Context, queue.EnrichJob) error { done.Add(1); return nil })
	require.NoError(b, err)
	drain(b, rdb, &done, func() error { return server.Start(b.Context()) }, func() { _ = server.Shutdown(b.Context()) })
}

// BenchmarkDrainBareAsynq is one job that a plain asynq server does, with the same concurrency.
func BenchmarkDrainBareAsynq(b *testing.B) {
	rdb := benchRedis(b)
	var done atomic.Int64
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: benchConcurrency, Queues: map[string]int{queue.Enrichment: 1}, LogLevel: asynq.ErrorLevel,
	})
	handler := asynq.HandlerFunc(func(context.Context, *asynq.Task) error { done.Add(1); return nil })
	drain(b, rdb, &done, func() error { return server.Start(handler) }, server.Shutdown)
}

// drain enqueues b.N jobs, then measures how long the server takes for them.
func drain(b *testing.B, rdb *redis.Client, done *atomic.Int64, start func() error, stop func()) {
	b.Helper()
	client, err := queue.NewClient(rdb, queue.Deps{})
	require.NoError(b, err)
	_, err = client.EnqueueEnrichment(b.Context(), jobs(b.N))
	require.NoError(b, err)
	b.ResetTimer()
	require.NoError(b, start())
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for done.Load() < int64(b.N) {
		<-ticker.C
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	stop()
}
