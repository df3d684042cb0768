// Package queuetest prepares queues for the tests of other packages.
package queuetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
)

// LastError is the error of the jobs that Bury makes dead.
const LastError = "out of luck"

// Bury enqueues purchases with these ids and lets all their attempts fail, so that they are in the DLQ.
func Bury(t *testing.T, rdb *redis.Client, ids ...string) {
	t.Helper()
	client, err := queue.NewClient(rdb, queue.Deps{})
	require.NoError(t, err)
	dlq, err := queue.NewDLQ(rdb)
	require.NoError(t, err)
	worker, err := queue.NewServer(rdb, queue.ServerConfig{Concurrency: 5}, queue.Deps{},
		func(context.Context, queue.PurchaseJob) error { return errors.New(LastError) })
	require.NoError(t, err)
	require.NoError(t, worker.Start(t.Context()))
	for _, id := range ids {
		require.NoError(t, client.EnqueuePurchase(t.Context(), queue.PurchaseJob{PurchaseID: id, DealID: "d-00001"}))
	}
	require.Eventually(t, func() bool {
		page, err := dlq.List(t.Context(), queue.Critical, queue.Page{})
		return err == nil && page.Total == len(ids)
	}, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, worker.Shutdown(t.Context()))
}
