package queue_test

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"

	"deals.example/internal/queue"
	"deals.example/internal/testkit"
)

// benchRedis returns a Redis with the platform's setting of appendfsync.
func benchRedis(b *testing.B) *redis.Client {
	b.Helper()
	server := testkit.Redis(b, "--appendfsync", "everysec")
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, PoolSize: 32})
	b.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// benchDeps returns metrics and a tracer that samples 5 % of traces.
func benchDeps(b *testing.B) queue.Deps {
	b.Helper()
	tracers := trace.NewTracerProvider(trace.WithSampler(trace.TraceIDRatioBased(0.05)))
	b.Cleanup(func() { _ = tracers.Shutdown(context.WithoutCancel(b.Context())) })
	return queue.Deps{Registry: prometheus.NewRegistry(), Tracers: tracers}
}

// BenchmarkEnqueue10k enqueues a batch of 10,000 jobs. The target is 0.3 s.
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
