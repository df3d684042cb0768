// Package replicas checks what two replicas of the API must share, wherever they run.
package replicas

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/card"
	"deals.example/internal/queue"
	"deals.example/internal/testkit"
)

// Pair is two replicas of the API with their Redis. No worker may process enrichment jobs meanwhile.
type Pair struct {
	First, Second *testkit.Client
	Redis         redis.UniversalClient
}

// threshold is the default of ENRICHMENT_QUEUE_THRESHOLD.
const threshold = 1000

// ShareState checks that both replicas know the purchases, the room in the queue, and the refreshes of either.
func (p Pair) ShareState(t *testing.T) {
	t.Helper()
	t.Run("idempotency", p.testIdempotency)
	t.Run("refreshes", p.testRefreshes)
	t.Run("admission", p.testAdmission)
}

// testIdempotency: whichever replica they reach, purchases with the same key are one purchase.
func (p Pair) testIdempotency(t *testing.T) {
	key := http.Header{"Idempotency-Key": {t.Name()}}
	answers := p.concurrently(t, 40, "/api/purchase", `{"dealId":"d-00001","userId":"u-1"}`, key)
	for _, answer := range answers {
		assert.Equal(t, http.StatusAccepted, answer.Status, answer.Body)
		assert.Equal(t, purchaseOf(t, answers[0]), purchaseOf(t, answer))
	}
	for _, answer := range p.concurrently(t, 2, "/api/purchase", `{"dealId":"d-00002","userId":"u-1"}`, key) {
		assert.Equal(t, http.StatusConflict, answer.Status, answer.Body)
	}
}

func purchaseOf(t *testing.T, answer testkit.Answer) string {
	t.Helper()
	var body struct{ PurchaseID string }
	require.NoError(t, json.Unmarshal([]byte(answer.Body), &body), answer.Body)
	return body.PurchaseID
}

// testRefreshes: a deal that one replica has had refreshed is not refreshed by the other within the cooldown.
func (p Pair) testRefreshes(t *testing.T) {
	const deals = 10
	_, err := card.NewStore(p.Redis, card.Config{}).Clear(t.Context())
	require.NoError(t, err)
	path := fmt.Sprintf("/api/deals?city=rome&limit=%d", deals)
	assert.Equal(t, deals, refreshed(t, p.First.Get(t, path)))
	assert.Zero(t, refreshed(t, p.Second.Get(t, path)))
}

func refreshed(t *testing.T, list testkit.Answer) int {
	t.Helper()
	var body struct {
		Meta struct{ ReadModel struct{ RefreshEnqueued int } }
	}
	require.NoError(t, json.Unmarshal([]byte(list.Body), &body), list.Body)
	return body.Meta.ReadModel.RefreshEnqueued
}

// testAdmission: however batches are spread over the replicas, they are admitted until the queue has the threshold, and not beyond.
func (p Pair) testAdmission(t *testing.T) {
	const batch = 100
	client, err := queue.NewClient(p.Redis, queue.Deps{})
	require.NoError(t, err)
	before, err := client.Depth(t.Context(), queue.Enrichment)
	require.NoError(t, err)
	admitted := 0
	for _, answer := range p.concurrently(t, 2*threshold/batch, "/api/enrichment-jobs", fmt.Sprintf(`{"count":%d}`, batch), nil) {
		if answer.Status == http.StatusAccepted {
			admitted++
		} else {
			assert.Equal(t, http.StatusTooManyRequests, answer.Status, answer.Body)
		}
	}
	assert.Equal(t, (threshold-before+batch-1)/batch, admitted, "batches of %d after %d jobs", batch, before)
}

// concurrently sends so many requests, one half to each replica.
func (p Pair) concurrently(t *testing.T, count int, path, body string, header http.Header) []testkit.Answer {
	t.Helper()
	answers := make([]testkit.Answer, count)
	var sending sync.WaitGroup
	for i := range count {
		sending.Go(func() {
			replica := p.First
			if i%2 == 1 {
				replica = p.Second
			}
			answers[i] = replica.Do(t, http.MethodPost, path, body, header)
		})
	}
	sending.Wait()
	return answers
}
