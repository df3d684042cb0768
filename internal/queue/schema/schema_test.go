package schema_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
)

func TestVersion(t *testing.T) {
	for _, file := range []string{"go.mod", "k6/xk6-deals/go.mod"} {
		text, err := fs.ReadFile(os.DirFS("../../.."), file)
		require.NoError(t, err)
		assert.Contains(t, string(text), "github.com/hibiken/asynq "+schema.Version+"\n",
			"asynq's version has changed. Compare with the new one: the keys in internal/base/base.go, the fields and states that the "+
				"scripts of internal/rdb/rdb.go write, maxArchiveSize, archivedExpirationInDays and LeaseDuration there, the cutoff in "+
				"recoverer.go, and the numbers of retried and headers in internal/proto/asynq.proto. Then set schema.Version.")
	}
}

// TestKeys compares the keys with those that asynq itself writes.
func TestKeys(t *testing.T) {
	const queue = "q"
	rdb := testkit.Redis(t).Client(t)
	client, inspector := asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb)
	enqueue := func(id string, options ...asynq.Option) {
		_, err := client.EnqueueContext(t.Context(), asynq.NewTask("type", nil), append(options, asynq.Queue(queue), asynq.TaskID(id))...)
		require.NoError(t, err)
	}
	enqueue("pending")
	enqueue("scheduled", asynq.ProcessIn(time.Hour))
	enqueue("grouped", asynq.Group("g"))
	enqueue("archived")
	require.NoError(t, inspector.ArchiveTask(queue, "archived"))
	require.NoError(t, inspector.PauseQueue(queue))

	assert.Equal(t, []string{"pending"}, rdb.LRange(t.Context(), schema.Pending(queue), 0, -1).Val())
	assert.Equal(t, []string{"scheduled"}, rdb.ZRange(t.Context(), schema.Scheduled(queue), 0, -1).Val())
	assert.Equal(t, []string{"g"}, rdb.SMembers(t.Context(), schema.Groups(queue)).Val())
	assert.Equal(t, []string{"grouped"}, rdb.ZRange(t.Context(), schema.GroupPrefix(queue)+"g", 0, -1).Val())
	assert.Equal(t, []string{"archived"}, rdb.ZRange(t.Context(), schema.Archived(queue), 0, -1).Val())
	assert.EqualValues(t, 1, rdb.Exists(t.Context(), schema.Paused(queue)).Val())
	assert.Equal(t, "archived", rdb.HGet(t.Context(), schema.Task(queue, "archived"), schema.FieldState).Val())
	assert.NotEmpty(t, rdb.HGet(t.Context(), schema.Task(queue, "pending"), schema.FieldMessage).Val())
	counts, err := redis.NewScript(schema.CountLua).Run(t.Context(), rdb,
		append(schema.DepthKeys(queue), schema.Archived(queue), schema.Processed(queue), schema.Failed(queue)),
		schema.GroupPrefix(queue), schema.TaskPrefix(queue)).Slice()
	require.NoError(t, err)
	assert.Equal(t, []any{int64(3), int64(1), int64(0)}, counts[:3])
}

// TestKeysOfWorkers compares the keys of attempts with those that an asynq worker writes.
func TestKeysOfWorkers(t *testing.T) {
	const queue = "q"
	rdb := testkit.Redis(t).Client(t)
	active, release := make(chan struct{}), make(chan struct{})
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Queues: map[string]int{queue: 1}, TaskCheckInterval: 10 * time.Millisecond, LogLevel: asynq.FatalLevel,
	})
	require.NoError(t, server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		close(active)
		<-release
		return errors.New("failed")
	})))
	defer server.Shutdown()
	_, err := asynq.NewClientFromRedisClient(rdb).EnqueueContext(t.Context(), asynq.NewTask("type", nil), asynq.Queue(queue), asynq.TaskID("id"))
	require.NoError(t, err)
	<-active
	assert.Equal(t, []string{"id"}, rdb.LRange(t.Context(), schema.Active(queue), 0, -1).Val())
	until := rdb.ZScore(t.Context(), schema.Lease(queue), "id").Val()
	assert.WithinDuration(t, time.Now().Add(schema.LeaseDuration), time.Unix(int64(until), 0), 2*time.Second)
	require.Eventually(t, func() bool { return rdb.ZScore(t.Context(), schema.Lease(queue), "id").Val() > until },
		schema.HeartbeatInterval+2*time.Second, 5*time.Millisecond, "the lease is extended")
	close(release)
	require.Eventually(t, func() bool { return rdb.ZCard(t.Context(), schema.Retry(queue)).Val() == 1 }, 10*time.Second, 5*time.Millisecond)
	assert.Equal(t, "1", rdb.Get(t.Context(), schema.Processed(queue)).Val())
	assert.Equal(t, "1", rdb.Get(t.Context(), schema.Failed(queue)).Val())
}
