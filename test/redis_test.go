package test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
	"deals.example/internal/testkit"
)

func TestRedisKilledAndBack(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	api := platform.URL(t, "experience-api")
	require.Equal(t, http.StatusOK, get(t, api+"/api/deals?limit=5").status)
	accepted := send(t, http.MethodPost, api+"/api/enrichment-jobs", map[string]any{"count": 300})
	require.Equal(t, http.StatusAccepted, accepted.status, "%s", accepted.body)
	before := depth(t, platform)
	require.GreaterOrEqual(t, before, 300)

	platform.Redis.Kill(t)
	listed := get(t, api+"/api/deals?limit=5")
	require.Equal(t, http.StatusOK, listed.status, "%s", listed.body)
	assert.Contains(t, string(listed.body), "redis unavailable")
	assert.Contains(t, string(listed.body), `"title"`)
	assertRefused(t, api+"/api/purchase", map[string]any{"dealId": "d-00001"})
	assertRefused(t, api+"/api/enrichment-jobs", map[string]any{"count": 10})
	assert.Equal(t, http.StatusServiceUnavailable, get(t, api+"/readyz").status)
	assert.Equal(t, http.StatusOK, get(t, api+"/healthz").status)

	platform.Redis.Restart(t)
	require.Eventually(t, func() bool { return get(t, api+"/readyz").status == http.StatusOK }, 10*time.Second, 50*time.Millisecond)
	assert.Equal(t, before, depth(t, platform), "jobs that were accepted before")
	platform.Start(t, []string{"enrichment-worker"}, "FAULT_ENRICHMENT_RATE=0")
	require.Eventually(t, func() bool { return depth(t, platform) == 0 }, 60*time.Second, 100*time.Millisecond)
	assert.NotContains(t, string(get(t, api+"/api/deals?limit=5").body), "redis unavailable")
}

func assertRefused(t *testing.T, url string, body any) {
	t.Helper()
	got := send(t, http.MethodPost, url, body)
	assert.Equal(t, http.StatusServiceUnavailable, got.status, "%s", got.body)
	assert.Contains(t, string(got.body), `"code":"queue_unavailable"`)
}

// depth returns the depth of the enrichment queue.
func depth(t *testing.T, platform *testkit.Platform) int {
	t.Helper()
	jobs, err := queue.NewClient(platform.Redis.Client(t), queue.Deps{})
	require.NoError(t, err)
	n, err := jobs.Depth(t.Context(), queue.Enrichment)
	require.NoError(t, err)
	return n
}

// TestRedisDiesInTheMiddleOfABatch checks that no more jobs are reported as enqueued than Redis has.
func TestRedisDiesInTheMiddleOfABatch(t *testing.T) {
	t.Parallel()
	platform := serving(t, "REQUEST_TIMEOUT=20s")
	api := platform.URL(t, "experience-api")
	answered := make(chan answer, 1)
	go func() {
		got, _ := call(t.Context(), client(), http.MethodPost, api+"/api/enrichment-jobs", map[string]any{"count": 10000})
		answered <- got
	}()
	require.Eventually(t, func() bool { return depth(t, platform) > 100 }, 10*time.Second, time.Millisecond)
	platform.Redis.Kill(t)
	got := <-answered
	require.Equal(t, http.StatusAccepted, got.status, "%s", got.body)
	var body struct {
		Enqueued int
		Warnings []string
	}
	got.into(t, &body)
	assert.NotEmpty(t, body.Warnings)
	assert.Less(t, body.Enqueued, 10000)

	platform.Redis.Restart(t)
	held := depth(t, platform)
	assert.GreaterOrEqual(t, held, body.Enqueued)
	assert.LessOrEqual(t, held-body.Enqueued, 32, "no more answers lost than were on the way at once")
}
