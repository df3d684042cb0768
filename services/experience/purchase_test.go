package experience_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/problem"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
)

const purchasePath = "/api/purchase"

// pending returns the number of pending jobs in a queue.
func (a *api) pending(t *testing.T, name string) int {
	t.Helper()
	return int(a.redis.Client(t).LLen(t.Context(), schema.Pending(name)).Val())
}

// buy sends a purchase with an Idempotency-Key, "" for none.
func (a *api) buy(t *testing.T, key, body string) testkit.Answer {
	t.Helper()
	header := http.Header{}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return a.Do(t, http.MethodPost, purchasePath, body, header)
}

func TestAcceptedPurchaseHasAJob(t *testing.T) {
	a := newAPI(t, nil)
	answer := a.buy(t, "", `{"dealId":"d-00008","userId":"u-1","quantity":3}`)
	require.Equal(t, http.StatusAccepted, answer.Status, answer.Body)
	id := bodyOf(t, answer).PurchaseID
	state, err := queue.JobState(t.Context(), a.redis.Client(t), queue.Critical, id)
	require.NoError(t, err)
	assert.Equal(t, queue.StatePending, state)
	assert.Equal(t, "pending", bodyOf(t, a.Get(t, "/api/purchase/"+id)).Status)
}

func TestConcurrentRequestsWithOneKeyAreOnePurchase(t *testing.T) {
	a := newAPI(t, nil)
	answers := make([]testkit.Answer, 50)
	var buying sync.WaitGroup
	for i := range answers {
		buying.Go(func() { answers[i] = a.buy(t, "once", `{"dealId":"d-00008"}`) })
	}
	buying.Wait()
	first := bodyOf(t, answers[0])
	require.NotEmpty(t, first.PurchaseID)
	for _, answer := range append(answers, a.buy(t, "once", ` { "quantity": 1, "dealId": "d-00008" } `)) {
		assert.Equal(t, http.StatusAccepted, answer.Status)
		assert.Equal(t, first.PurchaseID, bodyOf(t, answer).PurchaseID)
		assert.Equal(t, first.UserID, bodyOf(t, answer).UserID, "also the generated user")
	}
	assert.Equal(t, 1, a.pending(t, queue.Critical))
}

func TestStock(t *testing.T) {
	a := newAPI(t, nil)
	tests := map[string]struct {
		deal     string
		quantity int
		status   int
	}{
		"plenty":             {"d-00008", 10, http.StatusAccepted},   // 104
		"just enough":        {"d-00010", 10, http.StatusAccepted},   // 10
		"not enough":         {"d-00056", 10, http.StatusConflict},   // 8
		"enough of the same": {"d-00056", 8, http.StatusAccepted},    //
		"reserve":            {"d-00037", 1, http.StatusConflict},    // 1: not available
		"nothing left":       {"d-00120", 1, http.StatusConflict},    // 0
		"no such deal":       {"d-00221", 1, http.StatusNotFound},    //
		"too many":           {"d-00008", 11, http.StatusBadRequest}, //
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := a.buy(t, "", fmt.Sprintf(`{"dealId":%q,"quantity":%d}`, tc.deal, tc.quantity))
			assert.Equal(t, tc.status, answer.Status, answer.Body)
			if tc.status == http.StatusConflict {
				assert.Equal(t, problem.CodeOutOfStock, bodyOf(t, answer).Code)
			}
		})
	}
}

func TestBatches(t *testing.T) {
	a := newAPI(t, map[string]string{"ENRICHMENT_QUEUE_THRESHOLD": "1500"})
	answer := a.Post(t, "/api/enrichment-jobs", `{}`)
	require.Equal(t, http.StatusAccepted, answer.Status, answer.Body)
	assert.Equal(t, 1000, bodyOf(t, answer).Enqueued)
	assert.Equal(t, 1000, a.pending(t, queue.Enrichment))
	answer = a.Post(t, "/api/enrichment-jobs", `{"count":10000,"city":"Rome"}`)
	assert.Equal(t, 10_000, bodyOf(t, answer).Enqueued, "a batch is admitted while the depth is under the threshold")
	assert.Equal(t, 11_000, a.pending(t, queue.Enrichment))

	refused := a.Post(t, "/api/enrichment-jobs", `{"count":1}`)
	assert.Equal(t, http.StatusTooManyRequests, refused.Status)
	assert.Equal(t, problem.CodeQueueOverloaded, bodyOf(t, refused).Code)
	assert.Equal(t, 11_000, bodyOf(t, refused).QueueDepth)
	assert.Equal(t, 1500, bodyOf(t, refused).Threshold)
	assert.NotEmpty(t, refused.Header.Get("Retry-After"))
	assert.Contains(t, a.Get(t, "/metrics").Body, `experience_queue_rejections_total{queue="enrichment-jobs"} 1`)
}

func TestConcurrentBatchesRespectTheThreshold(t *testing.T) {
	a := newAPI(t, map[string]string{"ENRICHMENT_QUEUE_THRESHOLD": "10"})
	statuses := make([]int, 30)
	var sending sync.WaitGroup
	for i := range statuses {
		sending.Go(func() { statuses[i] = a.Post(t, "/api/enrichment-jobs", `{"count":50}`).Status })
	}
	sending.Wait()
	accepted := 0
	for _, status := range statuses {
		if status == http.StatusAccepted {
			accepted++
			continue
		}
		assert.Equal(t, http.StatusTooManyRequests, status)
	}
	assert.Equal(t, 1, accepted)
	assert.Equal(t, 50, a.pending(t, queue.Enrichment))
}

func TestFailedBatchReleasesItsReservation(t *testing.T) {
	a := newAPI(t, map[string]string{"ENRICHMENT_QUEUE_THRESHOLD": "10"})
	a.upstreams.breaks("deals", unavailable)
	assert.Equal(t, http.StatusBadGateway, a.Post(t, "/api/enrichment-jobs", `{"count":50}`).Status)
	a.upstreams.breaks("deals", nil)
	assert.Equal(t, http.StatusAccepted, a.Post(t, "/api/enrichment-jobs", `{"count":50}`).Status, "the reservation was released")
}

func TestBatchRepeatsTheDealsOfTheCity(t *testing.T) {
	a := newAPI(t, nil)
	a.Post(t, "/api/enrichment-jobs", `{"count":40,"city":"madrid"}`)
	client := a.redis.Client(t)
	deals := map[string]int{}
	for _, id := range client.LRange(t.Context(), schema.Pending(queue.Enrichment), 0, -1).Val() {
		task := client.HGet(t.Context(), schema.Task(queue.Enrichment, id), schema.FieldMessage).Val()
		_, after, _ := strings.Cut(task, `{"dealId":"`)
		deals[after[:len("d-00000")]]++
	}
	assert.Len(t, deals, 32, "every deal of the city")
	assert.Equal(t, 2, deals["d-00002"])
	assert.Equal(t, 1, deals["d-00219"])
}

func TestRepeatedPurchaseIsAcceptedWhenUpstreamsFail(t *testing.T) {
	a := newAPI(t, impatient())
	body := `{"dealId":"d-00008"}`
	first := bodyOf(t, a.buy(t, "key", body))
	require.NotEmpty(t, first.PurchaseID)
	a.upstreams.breaks("deals", unavailable)
	a.upstreams.breaks("inventory", unavailable)

	again := a.buy(t, "key", body)
	assert.Equal(t, http.StatusAccepted, again.Status, again.Body)
	assert.Equal(t, first.PurchaseID, bodyOf(t, again).PurchaseID)
	assert.Equal(t, http.StatusConflict, a.buy(t, "key", `{"dealId":"d-00001"}`).Status)
	assert.Equal(t, http.StatusBadGateway, a.buy(t, "other", body).Status)
}
