package critical_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
	"deals.example/workers/critical"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is a Redis with the clients that the API and the command line use.
type shop struct {
	server    *testkit.RedisServer
	rdb       *redis.Client
	purchases *purchase.Store
	jobs      *queue.Client
	dlq       *queue.DLQ
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{server: testkit.Redis(t)}
	s.rdb = s.server.Client(t)
	var err error
	s.purchases, err = purchase.NewStore(s.rdb)
	require.NoError(t, err)
	s.jobs, err = queue.NewClient(s.rdb, queue.Deps{})
	require.NoError(t, err)
	s.dlq, err = queue.NewDLQ(s.rdb)
	require.NoError(t, err)
	return s
}

// worker runs a critical-worker. By default its steps take no time and do not fail; environ overrides this.
func (s *shop) worker(t *testing.T, environ map[string]string) *testkit.Instance {
	t.Helper()
	all := map[string]string{
		"REDIS_URL": s.server.URL, "LOG_LEVEL": "error",
		"FAULT_FRAUD_LATENCY_MIN": "0s", "FAULT_FRAUD_LATENCY_MAX": "0s", "FAULT_FRAUD_RATE": "0",
		"FAULT_ANALYTICS_LATENCY_MIN": "0s", "FAULT_ANALYTICS_LATENCY_MAX": "0s", "FAULT_ANALYTICS_RATE": "0",
		"FAULT_RECEIPT_LATENCY_MIN": "0s", "FAULT_RECEIPT_LATENCY_MAX": "0s", "FAULT_RECEIPT_RATE": "0",
	}
	maps.Copy(all, environ)
	component := app.Define(app.Info{Name: "critical-worker"}, critical.Build)
	return testkit.Run(t, component, all)
}

// buy does what POST /api/purchase does.
func (s *shop) buy(t *testing.T) string {
	t.Helper()
	order := purchase.Order{ID: purchase.NewID(), DealID: "d-00001", UserID: "u-1", Quantity: 1}
	order, err := s.purchases.Open(t.Context(), order, purchase.Idempotency{})
	require.NoError(t, err)
	require.NoError(t, s.jobs.EnqueuePurchase(t.Context(), order.Job()))
	return order.ID
}

func (s *shop) status(t *testing.T, id string) purchase.Status {
	t.Helper()
	status, err := s.purchases.Status(t.Context(), id)
	require.NoError(t, err)
	return status
}

func (s *shop) await(t *testing.T, id string, progress purchase.Progress) {
	t.Helper()
	require.Eventually(t, func() bool { return s.status(t, id).Progress == progress }, 20*time.Second, 10*time.Millisecond, "%s", progress)
}

// receipts counts the receipts of each purchase.
func (s *shop) receipts(t *testing.T) map[string]int {
	t.Helper()
	receipts, err := s.purchases.Receipts(t.Context(), 10_000)
	require.NoError(t, err)
	counts := map[string]int{}
	for _, receipt := range receipts {
		counts[receipt.PurchaseID]++
	}
	return counts
}

func TestPurchaseIsCompleted(t *testing.T) {
	s := newShop(t)
	worker := s.worker(t, nil)
	id := s.buy(t)
	s.await(t, id, purchase.Completed)
	for _, step := range s.status(t, id).Steps {
		assert.Equal(t, purchase.OutcomeCompleted, step.Outcome, step.Name)
		assert.Equal(t, 1, step.Attempts, step.Name)
	}
	assert.Equal(t, map[string]int{id: 1}, s.receipts(t))

	metrics := worker.Get(t, "/metrics").Body
	for _, line := range []string{
		`worker_jobs_total{outcome="completed",queue="critical-jobs"} 1`,
		`worker_step_duration_seconds_count{outcome="completed",queue="critical-jobs",step="fraud-check"} 1`,
		`worker_step_duration_seconds_count{outcome="completed",queue="critical-jobs",step="email-receipt"} 1`,
		`worker_job_end_to_end_seconds_bucket{queue="critical-jobs",le="20"} 1`,
	} {
		assert.Contains(t, metrics, line)
	}
	assert.Equal(t, 200, worker.Get(t, "/readyz").Status)
}

func TestRetryResumesAfterTheLastCompletedStep(t *testing.T) {
	s := newShop(t)
	id := s.buy(t)
	failing := s.worker(t, map[string]string{"FAULT_ANALYTICS_RATE": "1"})
	s.await(t, id, purchase.Failed)
	steps := s.status(t, id).Steps
	assert.Equal(t, 1, steps[0].Attempts, "the fraud check is not repeated")
	assert.Equal(t, purchase.OutcomeCompleted, steps[0].Outcome)
	assert.Equal(t, 4, steps[1].Attempts)
	assert.Equal(t, purchase.OutcomeFailed, steps[1].Outcome)
	assert.Contains(t, steps[1].LastError, "synthetic fault")
	assert.Zero(t, steps[2].Attempts)
	assert.Empty(t, s.receipts(t))
	dead, err := s.dlq.Show(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, purchase.AnalyticsEvent, dead.FailedStep)
	require.NoError(t, failing.Stop())

	s.worker(t, nil)
	require.NoError(t, s.dlq.Replay(t.Context(), id))
	s.await(t, id, purchase.Completed)
	assert.Equal(t, 1, s.status(t, id).Steps[0].Attempts)
	assert.Equal(t, map[string]int{id: 1}, s.receipts(t))
}

func TestTwoWorkersOnOnePurchaseSendOneReceipt(t *testing.T) {
	s := newShop(t)
	slow := map[string]string{"FAULT_RECEIPT_LATENCY_MIN": "400ms", "FAULT_RECEIPT_LATENCY_MAX": "400ms"}
	s.worker(t, slow)
	s.worker(t, slow)
	ids := make([]string, 10)
	for i := range ids {
		ids[i] = s.buy(t)
	}
	require.Eventually(t, func() bool {
		return s.rdb.LLen(t.Context(), schema.Active(queue.Critical)).Val() == 10
	}, 20*time.Second, 5*time.Millisecond)
	// Enqueues the jobs again, as asynq does when their leases expire.
	for _, id := range ids {
		require.NoError(t, s.rdb.LPush(t.Context(), schema.Pending(queue.Critical), id).Err())
	}
	for _, id := range ids {
		s.await(t, id, purchase.Completed)
	}
	require.Eventually(t, func() bool {
		depth, err := s.jobs.Depth(t.Context(), queue.Critical)
		return err == nil && depth == 0
	}, 20*time.Second, 10*time.Millisecond, "both workers have finished")
	twice := 0
	for _, id := range ids {
		assert.Equal(t, 1, s.receipts(t)[id])
		if s.status(t, id).Steps[2].Attempts > 1 {
			twice++
		}
	}
	assert.Positive(t, twice, "both workers processed at least one purchase")
}

func TestIdleWorkerReportsAFullRedis(t *testing.T) {
	s := newShop(t)
	worker := s.worker(t, nil)
	assert.Contains(t, worker.Get(t, "/metrics").Body, "\nredis_full_errors_total 0\n")
	require.NoError(t, s.rdb.ConfigSet(t.Context(), "maxmemory", "1").Err())
	worker.Await(t, "/metrics", func(a testkit.Answer) bool { return !strings.Contains(a.Body, "\nredis_full_errors_total 0\n") })
	require.NoError(t, s.rdb.ConfigSet(t.Context(), "maxmemory", "0").Err())
	s.await(t, s.buy(t), purchase.Completed)
}

func TestPurchaseWithoutARecordIsArchived(t *testing.T) {
	s := newShop(t)
	s.worker(t, nil)
	id := purchase.NewID()
	require.NoError(t, s.jobs.EnqueuePurchase(t.Context(), queue.PurchaseJob{PurchaseID: id, DealID: "d-00001", Quantity: 1}))
	require.Eventually(t, func() bool {
		dead, err := s.dlq.Show(t.Context(), id)
		return err == nil && dead.Attempts == 1
	}, 20*time.Second, 10*time.Millisecond, "it is archived without a retry")
	assert.Empty(t, s.receipts(t))
}

func TestStoppedWorkerFinishesItsJobs(t *testing.T) {
	s := newShop(t)
	slow := map[string]string{"FAULT_FRAUD_LATENCY_MIN": "50ms", "FAULT_FRAUD_LATENCY_MAX": "150ms", "CRITICAL_WORKER_CONCURRENCY": "5"}
	ids := make([]string, 40)
	for i := range ids {
		ids[i] = s.buy(t)
	}
	first := s.worker(t, slow)
	require.Eventually(t, func() bool { return len(s.receipts(t)) > 5 }, 20*time.Second, 5*time.Millisecond)
	require.NoError(t, first.Stop())
	assert.Zero(t, s.rdb.LLen(t.Context(), schema.Active(queue.Critical)).Val(), "no job is active")
	assert.Less(t, len(s.receipts(t)), len(ids))

	s.worker(t, slow)
	for _, id := range ids {
		s.await(t, id, purchase.Completed)
		for _, step := range s.status(t, id).Steps {
			assert.Equal(t, 1, step.Attempts, "a stop costs no attempt")
		}
	}
	assert.Len(t, s.receipts(t), len(ids))
}

func TestInvalidSettings(t *testing.T) {
	component := app.Define(app.Info{Name: "critical-worker"}, critical.Build)
	tests := map[string]struct {
		environ map[string]string
		want    string
	}{
		"rate above 1":      {map[string]string{"FAULT_FRAUD_RATE": "1.5"}, "FAULT_FRAUD_RATE"},
		"concurrency 0":     {map[string]string{"CRITICAL_WORKER_CONCURRENCY": "0"}, "CRITICAL_WORKER_CONCURRENCY"},
		"min above max":     {map[string]string{"FAULT_RECEIPT_LATENCY_MIN": "2s"}, "FAULT_RECEIPT_LATENCY_MIN"},
		"Redis URL invalid": {map[string]string{"REDIS_URL": "127.0.0.1"}, "REDIS_URL"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.environ["PORT"] = "0"
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			require.ErrorContains(t, component.Run(ctx, tc.environ), tc.want)
		})
	}
}
