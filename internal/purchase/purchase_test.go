package purchase_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
)

func newStore(t *testing.T) (*purchase.Store, *redis.Client) {
	t.Helper()
	rdb := testkit.Redis(t).Client(t)
	store, err := purchase.NewStore(rdb)
	require.NoError(t, err)
	return store, rdb
}

func newOrder() purchase.Order {
	return purchase.Order{ID: purchase.NewID(), DealID: "d-00001", UserID: "u-1", Quantity: 2}
}

func TestValidID(t *testing.T) {
	tests := map[string]struct {
		id   string
		want bool
	}{
		"new":         {purchase.NewID(), true},
		"fixed":       {"p-6e1f0f6c-0a4b-4c58-9d1e-0f2a3b4c5d6e", true},
		"empty":       {"", false},
		"no prefix":   {"6e1f0f6c-0a4b-4c58-9d1e-0f2a3b4c5d6e", false},
		"upper case":  {"p-6E1F0F6C-0A4B-4C58-9D1E-0F2A3B4C5D6E", false},
		"line break":  {"p-6e1f0f6c-0a4b-4c58-9d1e-0f2a3b4c5d6e\n", false},
		"path":        {"p-../../etc/passwd", false},
		"other text":  {"p-1", false},
		"key pattern": {"p-*", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, purchase.ValidID(tc.id))
		})
	}
}

func TestConcurrentOpensWithOneKeyAreOnePurchase(t *testing.T) {
	store, _ := newStore(t)
	idempotency := purchase.Idempotency{Key: "key with \r\n any {text}", Fingerprint: purchase.Fingerprint("d-00001", "", 2)}
	orders := make([]purchase.Order, 50)
	var callers sync.WaitGroup
	for i := range orders {
		callers.Go(func() {
			order := newOrder()
			order.UserID = fmt.Sprintf("made-up-%d", i)
			opened, err := store.Open(t.Context(), order, idempotency)
			assert.NoError(t, err)
			orders[i] = opened
		})
	}
	callers.Wait()
	for _, order := range orders {
		assert.Equal(t, orders[0], order)
	}
}

func TestOpenDistinguishesBodiesAndKeys(t *testing.T) {
	store, _ := newStore(t)
	fingerprint := purchase.Fingerprint("d-00001", "u-1", 2)
	first, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{Key: "a", Fingerprint: fingerprint})
	require.NoError(t, err)

	again, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{Key: "a", Fingerprint: fingerprint})
	require.NoError(t, err)
	assert.Equal(t, first, again)

	other, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{Key: "b", Fingerprint: fingerprint})
	require.NoError(t, err)
	assert.NotEqual(t, first.ID, other.ID)

	none, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{})
	require.NoError(t, err)
	assert.NotEqual(t, first.ID, none.ID)

	for name, fingerprint := range map[string]string{
		"deal":     purchase.Fingerprint("d-00002", "u-1", 2),
		"user":     purchase.Fingerprint("d-00001", "u-2", 2),
		"no user":  purchase.Fingerprint("d-00001", "", 2),
		"quantity": purchase.Fingerprint("d-00001", "u-1", 3),
	} {
		_, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{Key: "a", Fingerprint: fingerprint})
		require.ErrorIs(t, err, purchase.ErrIdempotencyConflict, name)
	}
}

func TestConcurrentWorkersSendOneReceipt(t *testing.T) {
	store, rdb := newStore(t)
	order, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{})
	require.NoError(t, err)

	// Two workers run the same job side by side, all the way.
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for _, step := range purchase.Steps() {
				if done, err := store.Begin(t.Context(), order.ID, step); assert.NoError(t, err) && !done {
					assert.NoError(t, store.Finish(t.Context(), order.ID, step))
				}
			}
		})
	}
	workers.Wait()

	receipts, err := store.Receipts(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, receipts, 1)
	assert.Equal(t, order.ID, receipts[0].PurchaseID)
	assert.Equal(t, 2, receipts[0].Quantity)
	assert.False(t, receipts[0].SentAt.IsZero())

	done, err := store.Begin(t.Context(), order.ID, purchase.FraudCheck)
	require.NoError(t, err)
	assert.True(t, done)

	left := rdb.TTL(t.Context(), "deals:{critical-jobs}:purchase:"+order.ID).Val()
	assert.InDelta(t, 48, left.Hours(), 0.1, "a completed record goes in 48 h")
}

func TestStatus(t *testing.T) {
	tests := map[string]struct {
		job   queue.State
		steps func(t *testing.T, store *purchase.Store, id string)
		want  purchase.Progress
	}{
		"enqueued":            {queue.StatePending, nothing, purchase.Pending},
		"taken up":            {queue.StateActive, nothing, purchase.Processing},
		"between attempts":    {queue.StateRetry, failedFraudCheck, purchase.Processing},
		"pending once more":   {queue.StatePending, failedFraudCheck, purchase.Processing},
		"dead":                {queue.StateArchived, failedFraudCheck, purchase.Failed},
		"purged":              {queue.StateNone, failedFraudCheck, purchase.Failed},
		"done, not yet asynq": {queue.StateActive, all, purchase.Completed},
		"done":                {queue.StateCompleted, all, purchase.Completed},
		"done long ago":       {queue.StateNone, all, purchase.Completed},
	}
	store, rdb := newStore(t)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			order, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{})
			require.NoError(t, err)
			if tc.job != queue.StateNone {
				require.NoError(t, rdb.HSet(t.Context(), schema.Task(queue.Critical, order.ID), schema.FieldState, string(tc.job)).Err())
			}
			tc.steps(t, store, order.ID)

			status, err := store.Status(t.Context(), order.ID)
			require.NoError(t, err)
			assert.Equal(t, tc.want, status.Progress)
			assert.Equal(t, order.DealID, status.DealID)
			assert.Len(t, status.Steps, 3)
		})
	}
}

func nothing(t *testing.T, _ *purchase.Store, _ string) { t.Helper() }

func failedFraudCheck(t *testing.T, store *purchase.Store, id string) {
	t.Helper()
	_, err := store.Begin(t.Context(), id, purchase.FraudCheck)
	require.NoError(t, err)
	require.NoError(t, store.Fail(t.Context(), id, purchase.FraudCheck, errors.New("card rejected")))
}

func all(t *testing.T, store *purchase.Store, id string) {
	t.Helper()
	for _, step := range purchase.Steps() {
		_, err := store.Begin(t.Context(), id, step)
		require.NoError(t, err)
		require.NoError(t, store.Finish(t.Context(), id, step))
	}
}

func TestStatusOfSteps(t *testing.T) {
	store, _ := newStore(t)
	order, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{})
	require.NoError(t, err)
	failedFraudCheck(t, store, order.ID)

	status, err := store.Status(t.Context(), order.ID)
	require.NoError(t, err)
	fraud := status.Steps[0]
	assert.Equal(t, purchase.OutcomeFailed, fraud.Outcome)
	assert.Equal(t, "card rejected", fraud.LastError)
	assert.Equal(t, 1, fraud.Attempts)
	assert.NotNil(t, fraud.StartedAt)
	assert.Nil(t, fraud.FinishedAt)
	assert.Equal(t, purchase.Step{Name: purchase.AnalyticsEvent, Outcome: purchase.OutcomePending}, status.Steps[1])

	all(t, store, order.ID)
	status, err = store.Status(t.Context(), order.ID)
	require.NoError(t, err)
	assert.Equal(t, 2, status.Steps[0].Attempts)
	assert.Equal(t, purchase.OutcomeCompleted, status.Steps[0].Outcome)
	assert.True(t, status.Steps[0].FinishedAt.After(*fraud.StartedAt))

	require.NoError(t, store.Fail(t.Context(), order.ID, purchase.FraudCheck, errors.New("late")))
	status, err = store.Status(t.Context(), order.ID)
	require.NoError(t, err)
	assert.Equal(t, purchase.OutcomeCompleted, status.Steps[0].Outcome, "a completed step does not change")
}

func TestWithoutRecord(t *testing.T) {
	store, _ := newStore(t)
	id := purchase.NewID()
	_, err := store.Status(t.Context(), id)
	require.ErrorIs(t, err, purchase.ErrNotFound)
	_, err = store.Begin(t.Context(), id, purchase.FraudCheck)
	require.ErrorIs(t, err, purchase.ErrNotFound)
	require.ErrorIs(t, store.Finish(t.Context(), id, purchase.EmailReceipt), purchase.ErrNotFound)
	receipts, err := store.Receipts(t.Context(), 1)
	require.NoError(t, err)
	assert.Empty(t, receipts, "no receipt without a record")
}

func TestRedisUnavailable(t *testing.T) {
	server := testkit.Redis(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	store, err := purchase.NewStore(rdb)
	require.NoError(t, err)
	server.Kill(t)
	_, err = store.Open(t.Context(), newOrder(), purchase.Idempotency{Key: "a"})
	require.ErrorIs(t, err, queue.ErrUnavailable)
	_, err = store.Open(t.Context(), newOrder(), purchase.Idempotency{})
	require.ErrorIs(t, err, queue.ErrUnavailable)
	require.ErrorIs(t, store.Finish(t.Context(), "p", purchase.EmailReceipt), queue.ErrUnavailable)
}

// The platform may run on an embedded Redis: the scripts have to run there too.
func TestOnMiniredis(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	store, err := purchase.NewStore(rdb)
	require.NoError(t, err)
	order, err := store.Open(t.Context(), newOrder(), purchase.Idempotency{Key: "a", Fingerprint: "b"})
	require.NoError(t, err)
	failedFraudCheck(t, store, order.ID)
	all(t, store, order.ID)
	status, err := store.Status(t.Context(), order.ID)
	require.NoError(t, err)
	assert.Equal(t, purchase.Completed, status.Progress)
	receipts, err := store.Receipts(t.Context(), 5)
	require.NoError(t, err)
	assert.Len(t, receipts, 1)
}

func FuzzValidID(f *testing.F) {
	f.Add(purchase.NewID())
	f.Add("p-" + strings.Repeat("0", 36))
	f.Add("")
	f.Fuzz(func(t *testing.T, id string) {
		if !purchase.ValidID(id) {
			return
		}
		assert.Len(t, id, 38)
		assert.Equal(t, id, url.PathEscape(id), "it needs no escaping")
	})
}
