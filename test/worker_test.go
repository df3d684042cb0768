package test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/purchase"
	"deals.example/internal/testkit"
)

const purchases = 500

// TestWorkerKilledInTheMiddle checks that a killed worker loses no purchase and sends no receipt twice. Its jobs run again when their
// leases have expired.
func TestWorkerKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	platform.Start(t, []string{"critical-worker"}, "FAULT_FRAUD_RATE=0", "FAULT_ANALYTICS_RATE=0", "FAULT_RECEIPT_RATE=0")
	ids := buy(t, platform, purchases)
	store, err := purchase.NewStore(platform.Redis.Client(t))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return receipts(t, store) >= 50 }, 30*time.Second, 5*time.Millisecond)

	worker := platform.Process("critical-worker")
	worker.Kill(t)
	assert.Less(t, receipts(t, store), purchases, "the worker was not in the middle")
	worker.Restart(t)

	require.Eventually(t, func() bool { return receipts(t, store) >= purchases }, 4*time.Minute, 200*time.Millisecond)
	for _, id := range ids {
		require.Eventually(t, func() bool {
			status, err := store.Status(t.Context(), id)
			return err == nil && status.Progress == purchase.Completed
		}, 30*time.Second, 50*time.Millisecond, id)
	}
	assertEachOnce(t, store, ids)
}

// buy makes concurrent purchases through the API and returns their IDs.
func buy(t *testing.T, platform *testkit.Platform, count int) []string {
	t.Helper()
	ids := make([]string, count)
	url, c := platform.URL(t, "experience-api")+"/api/purchase", client()
	var buyers sync.WaitGroup
	for first := range 10 {
		buyers.Go(func() {
			for i := first; i < count; i += 10 {
				got, err := call(t.Context(), c, http.MethodPost, url, map[string]any{"dealId": "d-00001", "userId": fmt.Sprint("u-", i)})
				if err != nil || got.status != http.StatusAccepted {
					t.Errorf("purchase %d: %v %d %s", i, err, got.status, got.body)
					return
				}
				var body struct{ PurchaseID string }
				got.into(t, &body)
				ids[i] = body.PurchaseID
			}
		})
	}
	buyers.Wait()
	return ids
}

func receipts(t *testing.T, store *purchase.Store) int {
	t.Helper()
	sent, err := store.Receipts(t.Context(), 10*purchases)
	require.NoError(t, err)
	return len(sent)
}

func assertEachOnce(t *testing.T, store *purchase.Store, ids []string) {
	t.Helper()
	sent, err := store.Receipts(t.Context(), 10*purchases)
	require.NoError(t, err)
	times := map[string]int{}
	for _, receipt := range sent {
		times[receipt.PurchaseID]++
	}
	for _, id := range ids {
		assert.Equal(t, 1, times[id], "receipts of %s", id)
	}
	assert.Len(t, times, len(ids))
}
