package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/platform"
	"deals.example/internal/purchase"
	"deals.example/internal/purchase/purchasetest"
	"deals.example/internal/queue"
	"deals.example/internal/redisclient"
	"deals.example/internal/testkit"
)

const (
	listEvery     = 5 * time.Millisecond
	purchaseEvery = 100 * time.Millisecond
	completedIn   = time.Minute
)

// clients ask for lists and buy, all through the service, so that they reach ready replicas only.
type clients struct {
	api   *testkit.Client
	redis redis.UniversalClient

	stop    context.CancelFunc
	running sync.WaitGroup
	lists   atomic.Int64

	mu        sync.Mutex
	purchases []string // those that were accepted
	failures  []string
}

// startClients starts 200 lists and 10 purchases a second.
func startClients(t *testing.T) *clients {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c := &clients{api: testkit.ClientOf(platform.URL(platform.ExperienceAPI)), redis: redisOf(t), stop: stop}
	c.every(ctx, listEvery, c.list)
	c.every(ctx, purchaseEvery, c.buy)
	t.Cleanup(c.end)
	return c
}

func redisOf(t *testing.T) redis.UniversalClient {
	t.Helper()
	options, err := redisclient.Parse(app.DefaultRedisURL)
	require.NoError(t, err)
	client := redisclient.New(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// every calls do in each interval, whether the last call has returned or not.
func (c *clients) every(ctx context.Context, interval time.Duration, do func(context.Context)) {
	c.running.Go(func() {
		for ticker := time.NewTicker(interval); ctx.Err() == nil; <-ticker.C {
			c.running.Go(func() { do(context.WithoutCancel(ctx)) })
		}
	})
}

func (c *clients) list(ctx context.Context) {
	c.lists.Add(1)
	c.request(ctx, http.MethodGet, "/api/deals?city=valencia&limit=5", "", http.StatusOK)
}

func (c *clients) buy(ctx context.Context) {
	answer, is := c.request(ctx, http.MethodPost, "/api/purchase", `{"dealId":"d-00001","userId":"u-1"}`, http.StatusAccepted)
	if !is {
		return
	}
	var body struct{ PurchaseID string }
	_ = json.Unmarshal([]byte(answer.Body), &body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.purchases = append(c.purchases, body.PurchaseID)
}

// request records an answer other than the wanted one as a failure.
func (c *clients) request(ctx context.Context, method, path, body string, wanted int) (testkit.Answer, bool) {
	const within = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answer, err := c.api.Try(ctx, method, path, body, nil)
	if err == nil && answer.Status == wanted {
		return answer, true
	}
	failure := time.Now().Format(time.TimeOnly) + " " + path + ": "
	if err != nil {
		failure += err.Error()
	} else {
		failure += http.StatusText(answer.Status) + " " + answer.Body
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures = append(c.failures, failure)
	return answer, false
}

// end ends the clients when their last requests are answered.
func (c *clients) end() {
	c.stop()
	c.running.Wait()
}

// assertNoneFailed ends the clients. No request of theirs may have failed, and each accepted purchase must be completed, with one receipt.
func (c *clients) assertNoneFailed(t *testing.T) {
	t.Helper()
	c.end()
	assert.Empty(t, c.failures)
	c.assertCompleted(t)
}

// assertCompleted checks that no accepted purchase is lost, and that none has two receipts.
func (c *clients) assertCompleted(t *testing.T) {
	t.Helper()
	t.Logf("%d lists, %d purchases, %d failures", c.lists.Load(), len(c.purchases), len(c.failures))
	deadline := time.Now().Add(completedIn)
	for _, id := range c.purchases {
		for c.state(t, id) != queue.StateCompleted && time.Now().Before(deadline) {
			<-time.After(listEvery)
		}
		require.Equal(t, queue.StateCompleted, c.state(t, id), "purchase %s", id)
	}
	store, err := purchase.NewStore(c.redis)
	require.NoError(t, err)
	receipts := purchasetest.Receipts(t, store)
	for _, id := range c.purchases {
		assert.Equal(t, 1, receipts[id], "receipts of %s", id)
	}
}

func (c *clients) state(t *testing.T, id string) queue.State {
	t.Helper()
	state, err := queue.JobState(t.Context(), c.redis, queue.Critical, id)
	require.NoError(t, err)
	return state
}
