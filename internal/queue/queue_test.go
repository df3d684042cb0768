package queue_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"deals.example/internal/queue"
	"deals.example/internal/testkit"
)

func TestMain(m *testing.M) {
	// A pool that could not connect tries again each second, and sees only then that it was closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// bed is a Redis with dependencies that record metrics and spans.
type bed struct {
	server   *testkit.RedisServer
	rdb      *redis.Client
	registry *prometheus.Registry
	spans    *tracetest.InMemoryExporter
	deps     queue.Deps
}

func newBed(t *testing.T) *bed {
	t.Helper()
	server := testkit.Redis(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, PoolSize: 32, MaxRetries: 1, DialerRetries: 1})
	t.Cleanup(func() { _ = rdb.Close() })
	spans := tracetest.NewInMemoryExporter()
	tracers := trace.NewTracerProvider(trace.WithSyncer(spans))
	t.Cleanup(func() { _ = tracers.Shutdown(context.WithoutCancel(t.Context())) })
	registry := prometheus.NewRegistry()
	return &bed{
		server: server, rdb: rdb, registry: registry, spans: spans,
		deps: queue.Deps{Registry: registry, Tracers: tracers},
	}
}

func (b *bed) client(t *testing.T) *queue.Client {
	t.Helper()
	client, err := queue.NewClient(b.rdb, b.deps)
	require.NoError(t, err)
	return client
}

func (b *bed) dlq(t *testing.T) *queue.DLQ {
	t.Helper()
	dlq, err := queue.NewDLQ(b.rdb)
	require.NoError(t, err)
	return dlq
}

// work starts a server. The end of the test shuts it down.
func work[J queue.Job](t *testing.T, b *bed, cfg queue.ServerConfig, handle func(context.Context, J) error) *queue.Server {
	t.Helper()
	if cfg.Concurrency == 0 {
		cfg.Concurrency = 10
	}
	server, err := queue.NewServer(b.rdb, cfg, b.deps, handle)
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	shutdown := sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	t.Cleanup(shutdown)
	return server
}

func jobs(count int) []queue.EnrichJob {
	jobs := make([]queue.EnrichJob, count)
	for i := range jobs {
		jobs[i] = queue.EnrichJob{DealID: "d-00001", Reason: queue.ReasonBatch}
	}
	return jobs
}

func newPurchase() queue.PurchaseJob {
	return queue.PurchaseJob{PurchaseID: "p-1", DealID: "d-00001", UserID: "u-1", Quantity: 1}
}

// eventually requires that the condition becomes true.
func eventually(t *testing.T, condition func() bool, message string) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, 5*time.Millisecond, message)
}

func depth(t *testing.T, client *queue.Client, name string) int {
	t.Helper()
	depth, err := client.Depth(t.Context(), name)
	require.NoError(t, err)
	return depth
}
