package queue_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/redisclient"
	"deals.example/internal/testkit"
)

// TestFailover enqueues and processes jobs on a Redis Cluster while the master of their queue is killed, or hands over to its replica. Each
// job that was accepted is processed.
func TestFailover(t *testing.T) {
	t.Parallel()
	for name, failOver := range map[string]func(*testkit.Cluster, string){
		"killed":    func(c *testkit.Cluster, master string) { c.Kill(t, master) },
		"hand-over": func(c *testkit.Cluster, master string) { c.Promote(t, master) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := testkit.RedisCluster(t)
			rdb := clusterClient(t, cluster)
			handled := workOn(t, rdb)
			jobs := enqueueContinuously(t, rdb)
			await := func(more int64) {
				until := jobs.accepted.Load() + more
				require.Eventually(t, func() bool { return jobs.accepted.Load() >= until }, time.Minute, time.Millisecond)
			}
			await(1000)
			master, err := rdb.MasterForKey(t.Context(), schema.Pending(queue.Critical))
			require.NoError(t, err)
			failOver(cluster, master.Options().Addr)
			await(1000)
			jobs.stop()
			t.Logf("%d jobs accepted, longest time without one: %s", jobs.accepted.Load(), jobs.longest.Round(time.Millisecond))

			require.EventuallyWithT(t, func(t *assert.CollectT) {
				for i := range jobs.accepted.Load() {
					_, is := handled.Load(strconv.FormatInt(i, 10))
					assert.True(t, is, "job %d is handled", i)
				}
			}, time.Minute, 100*time.Millisecond)
			now, err := rdb.MasterForKey(t.Context(), schema.Pending(queue.Critical))
			require.NoError(t, err)
			assert.NotEqual(t, master.Options().Addr, now.Options().Addr, "master")
		})
	}
}

func clusterClient(t *testing.T, cluster *testkit.Cluster) *redis.ClusterClient {
	t.Helper()
	options, err := redisclient.Parse(cluster.URL)
	require.NoError(t, err)
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = time.Second, time.Second, time.Second
	options.MaxRetries, options.DialerRetries = 1, 1
	client := redisclient.New(options).(*redis.ClusterClient)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// workOn starts a worker. The returned map has the ids of the purchases that it has handled.
func workOn(t *testing.T, rdb redis.UniversalClient) *sync.Map {
	t.Helper()
	var handled sync.Map
	handle := func(_ context.Context, job queue.PurchaseJob) error {
		handled.Store(job.PurchaseID, true)
		return nil
	}
	server, err := queue.NewServer(rdb, queue.ServerConfig{Concurrency: 10}, queue.Deps{}, handle)
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, server.Shutdown(context.WithoutCancel(t.Context()))) })
	return &handled
}

// enqueued are the jobs 0 to accepted.
type enqueued struct {
	accepted atomic.Int64
	longest  time.Duration // between two of them
	stop     func()
}

// enqueueContinuously enqueues one job after the other, each until it is accepted.
func enqueueContinuously(t *testing.T, rdb redis.UniversalClient) *enqueued {
	t.Helper()
	client, err := queue.NewClient(rdb, queue.Deps{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var (
		all     enqueued
		running sync.WaitGroup
	)
	running.Go(func() {
		for last := time.Now(); ctx.Err() == nil; {
			job := queue.PurchaseJob{PurchaseID: strconv.FormatInt(all.accepted.Load(), 10), DealID: "d-00001", UserID: "u-1", Quantity: 1}
			if client.EnqueuePurchase(ctx, job) != nil {
				continue
			}
			all.accepted.Add(1)
			all.longest, last = max(all.longest, time.Since(last)), time.Now()
		}
	})
	all.stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(all.stop)
	return &all
}
