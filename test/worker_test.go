package test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/purchase"
	"deals.example/internal/purchase/purchasetest"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
)

const purchases = 500

// backWithin is the promised time until the jobs of a dead worker have run again.
const backWithin = 15 * time.Second

// TestWorkerKilledInTheMiddle kills a worker five times while it processes purchases. None is lost, sends two receipts or loses an attempt.
func TestWorkerKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	worker := s.platform.Process("critical-worker")
	for round := range 5 {
		s.buyUntilMiddle(t)
		worker.Kill(t)
		killed := time.Now()
		jobs := s.active(t)
		assert.NotEmpty(t, jobs, "the worker was not in the middle")
		<-time.After(time.Second) // until deals up starts it again
		worker.Restart(t)
		s.awaitCompleted(t, jobs, killed.Add(backWithin))
		t.Logf("round %d: %d jobs were back after %s", round+1, len(jobs), time.Since(killed).Round(10*time.Millisecond))
	}
	s.awaitCompleted(t, s.ids, time.Now().Add(time.Minute))
	s.assertEachOnce(t)
}

// TestWorkerSuspendedInTheMiddle suspends one of two workers. The other does its jobs, which the first finishes again when it wakes up.
func TestWorkerSuspendedInTheMiddle(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	worker := s.platform.Process("critical-worker")
	s.buyUntilMiddle(t)
	worker.Signal(t, syscall.SIGSTOP)
	suspended := time.Now()
	jobs := s.active(t)
	assert.NotEmpty(t, jobs, "the worker was not in the middle")
	s.platform.StartReplica(t, "critical-worker", noFaults()...)
	s.awaitCompleted(t, jobs, suspended.Add(backWithin))

	worker.Signal(t, syscall.SIGCONT)
	s.awaitCompleted(t, s.ids, time.Now().Add(time.Minute))
	require.Eventually(t, func() bool {
		got, err := call(t.Context(), client(), http.MethodGet, worker.URL+"/metrics", nil)
		return err == nil && strings.Contains(string(got.body), `worker_jobs_in_flight{queue="critical-jobs"} 0`)
	}, 30*time.Second, 50*time.Millisecond, "the jobs end in the worker that wakes up")
	s.assertEachOnce(t)
}

// shop is a platform with a critical worker whose steps do not fail, and the purchases made there.
type shop struct {
	platform *testkit.Platform
	rdb      *redis.Client
	store    *purchase.Store
	ids      []string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{platform: serving(t)}
	s.platform.Start(t, []string{"critical-worker"}, noFaults()...)
	s.rdb = s.platform.Redis.Client(t)
	var err error
	s.store, err = purchase.NewStore(s.rdb)
	require.NoError(t, err)
	return s
}

func noFaults() []string {
	return []string{"FAULT_FRAUD_RATE=0", "FAULT_ANALYTICS_RATE=0", "FAULT_RECEIPT_RATE=0"}
}

// buyUntilMiddle makes purchases and returns when the worker has completed some of them.
func (s *shop) buyUntilMiddle(t *testing.T) {
	t.Helper()
	before := receipts(t, s.store)
	s.ids = append(s.ids, buy(t, s.platform, purchases)...)
	require.Eventually(t, func() bool { return receipts(t, s.store) >= before+50 }, 30*time.Second, 5*time.Millisecond)
}

// active returns the ids of the active jobs.
func (s *shop) active(t *testing.T) []string {
	t.Helper()
	ids, err := s.rdb.LRange(t.Context(), schema.Active(queue.Critical), 0, -1).Result()
	require.NoError(t, err)
	return ids
}

// awaitCompleted requires that the purchases are completed before the deadline.
func (s *shop) awaitCompleted(t *testing.T, ids []string, deadline time.Time) {
	t.Helper()
	for _, id := range ids {
		for {
			state, err := queue.JobState(t.Context(), s.rdb, queue.Critical, id)
			require.NoError(t, err)
			if state == queue.StateCompleted {
				break
			}
			require.True(t, time.Now().Before(deadline), "purchase %s is %s", id, state)
			<-time.After(20 * time.Millisecond)
		}
	}
}

// assertEachOnce checks that each purchase has one receipt and has lost no attempt.
func (s *shop) assertEachOnce(t *testing.T) {
	t.Helper()
	assertEachOnce(t, s.store, s.ids)
	inspector := asynq.NewInspectorFromRedisClient(s.rdb)
	for _, id := range s.ids {
		job, err := inspector.GetTaskInfo(queue.Critical, id)
		require.NoError(t, err)
		assert.Zero(t, job.Retried, "attempts that %s has lost", id)
	}
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

// receipts returns how many there are, of all purchases.
func receipts(t *testing.T, store *purchase.Store) (all int) {
	t.Helper()
	for _, count := range purchasetest.Receipts(t, store) {
		all += count
	}
	return all
}

func assertEachOnce(t *testing.T, store *purchase.Store, ids []string) {
	t.Helper()
	times := purchasetest.Receipts(t, store)
	for _, id := range ids {
		assert.Equal(t, 1, times[id], "receipts of %s", id)
	}
	assert.Len(t, times, len(ids))
}
