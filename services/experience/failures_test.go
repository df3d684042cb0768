package experience_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/card"
	"deals.example/internal/problem"
	"deals.example/internal/testkit"
)

// impatient returns settings with short timeouts.
func impatient() map[string]string {
	return map[string]string{"UPSTREAM_TIMEOUT": "100ms", "REQUEST_TIMEOUT": "600ms"}
}

func TestFailedPartIsNullAndNamed(t *testing.T) {
	const part, service = "rating", "rating-lb"
	for how, broken := range map[string]struct {
		handler http.HandlerFunc
		warning string
	}{
		"fails":         {unavailable, service + " unavailable"},
		"never answers": {silent, service + " timeout"},
		"answers HTML":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, service + " bad response"},
		"disconnects":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, service + " connection failed"},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, service + " bad response"},
	} {
		t.Run(how, func(t *testing.T) {
			a := newAPI(t, impatient())
			a.upstreams.breaks(part, broken.handler)
			begin := time.Now()
			detail := a.Get(t, "/api/deals/d-00008")
			list := a.Get(t, "/api/deals?limit=3")
			assert.Less(t, time.Since(begin), 3*time.Second)
			for _, answer := range []testkit.Answer{detail, list} {
				assert.Equal(t, http.StatusOK, answer.Status)
				assert.Equal(t, []string{broken.warning}, bodyOf(t, answer).Warnings)
			}
			deal := bodyOf(t, detail).Deal
			assert.Equal(t, []string{part}, deal.Missing)
			assert.Nil(t, deal.Rating)
			assert.NotNil(t, deal.Price)
			metrics := a.Get(t, "/metrics").Body
			assert.Contains(t, metrics, `experience_degraded_responses_total{route="/api/deals"} 1`)
			assert.Contains(t, metrics, `experience_degraded_responses_total{route="/api/deals/:id"} 1`)
		})
	}
}

// TestSlowPart: a detail takes a slow part from the stored card, says so, and stores the part when it arrives.
func TestSlowPart(t *testing.T) {
	a := newAPI(t, map[string]string{"DETAIL_PATIENCE": "50ms"})
	first := bodyOf(t, a.Get(t, "/api/deals/d-00008")).Deal
	a.upstreams.breaks("rating", func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(200 * time.Millisecond) // a service that is slow, not gone
		_, _ = w.Write([]byte(`{"dealId":"d-00008","rating":4.9}`))
	})
	answer := a.Get(t, "/api/deals/d-00008")
	assert.Equal(t, http.StatusOK, answer.Status)
	assert.Contains(t, answer.Body, `"fromReadModel":["rating"]`)
	assert.Equal(t, first.Rating, bodyOf(t, answer).Deal.Rating)
	assert.Empty(t, bodyOf(t, answer).Warnings)
	stored, ctx := card.NewStore(a.redis.Client(t), card.Config{TTL: time.Minute}), t.Context()
	assert.EventuallyWithT(t, func(t *assert.CollectT) {
		found, ok := stored.One(ctx, "d-00008")
		assert.True(t, ok)
		assert.InDelta(t, 4.9, found.Rating.Rating, 0)
	}, 5*time.Second, 20*time.Millisecond)
}

func TestAllPartsFail(t *testing.T) {
	a := newAPI(t, nil)
	for _, part := range []string{"price", "inventory", "rating", "merchant"} {
		a.upstreams.breaks(part, unavailable)
	}
	answer := a.Get(t, "/api/deals/d-00008")
	assert.Equal(t, http.StatusOK, answer.Status)
	assert.Len(t, bodyOf(t, answer).Warnings, 4)
	assert.Empty(t, a.redis.Client(t).Keys(t.Context(), "experience:deal-card:*").Val(), "a card without parts is not worth storing")
}

func TestDealServiceFails(t *testing.T) {
	for how, handler := range map[string]http.HandlerFunc{"fails": unavailable, "never answers": silent} {
		t.Run(how, func(t *testing.T) {
			a := newAPI(t, impatient())
			require.Equal(t, http.StatusOK, a.Get(t, "/api/deals?limit=3").Status)
			a.upstreams.breaks("deals", handler)
			for _, path := range []string{"/api/deals/d-00002", "/api/deals?limit=4"} {
				begin := time.Now()
				answer := a.Get(t, path)
				assert.Less(t, time.Since(begin), 2*time.Second)
				assert.Equal(t, http.StatusBadGateway, answer.Status)
				assert.Equal(t, problem.CodeUpstreamUnavailable, bodyOf(t, answer).Code)
				assert.Contains(t, bodyOf(t, answer).Error, "deal-service")
			}
			for _, path := range []string{"/api/deals/d-00008", "/api/deals?limit=3"} {
				assert.Equal(t, http.StatusOK, a.Get(t, path).Status, "%s: its base data is cached", path)
			}
		})
	}
}

func TestRedisOutage(t *testing.T) {
	a := newAPI(t, nil)
	a.redis.Kill(t)
	list := a.Get(t, "/api/deals")
	assert.Equal(t, http.StatusOK, list.Status)
	assert.Equal(t, []string{"redis unavailable, read model skipped"}, bodyOf(t, list).Warnings)
	assert.Len(t, bodyOf(t, list).Deals, 20)
	assert.Equal(t, 2, bodyOf(t, list).Meta.ReadModel.LiveFallback)

	detail := a.Get(t, "/api/deals/d-00008")
	assert.Equal(t, http.StatusOK, detail.Status)
	assert.Equal(t, []string{"redis unavailable, read model not updated"}, bodyOf(t, detail).Warnings)

	for _, answer := range []testkit.Answer{
		a.Post(t, "/api/purchase", `{"dealId":"d-00008"}`), a.Post(t, "/api/enrichment-jobs", `{"count":1}`),
		a.Get(t, "/api/purchase/p-00000000-0000-0000-0000-000000000000"),
	} {
		assert.Equal(t, http.StatusServiceUnavailable, answer.Status)
		assert.Equal(t, problem.CodeQueueUnavailable, bodyOf(t, answer).Code)
		assert.NotEmpty(t, answer.Header.Get("Retry-After"))
	}

	a.redis.Restart(t)
	a.Await(t, "/api/deals", func(a testkit.Answer) bool { return len(bodyOf(t, a).Warnings) == 0 })
	assert.Equal(t, http.StatusAccepted, a.Post(t, "/api/enrichment-jobs", `{"count":1}`).Status)
	assert.Equal(t, http.StatusAccepted, a.Post(t, "/api/purchase", `{"dealId":"d-00008"}`).Status)
}

func TestRedisNeverAnswers(t *testing.T) {
	environ := impatient()
	environ["REDIS_URL"] = silentRedis(t)
	a := newAPI(t, environ)
	begin := time.Now()
	list := a.Get(t, "/api/deals")
	assert.Equal(t, http.StatusOK, list.Status)
	assert.Equal(t, []string{"redis unavailable, read model skipped"}, bodyOf(t, list).Warnings)
	assert.Equal(t, http.StatusServiceUnavailable, a.Post(t, "/api/enrichment-jobs", `{"count":1}`).Status)
	assert.Less(t, time.Since(begin), 5*time.Second)
}

func TestRedisFull(t *testing.T) {
	a := newAPI(t, nil)
	rdb := a.redis.Client(t)
	require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", "1").Err())
	for _, answer := range []testkit.Answer{a.Post(t, "/api/purchase", `{"dealId":"d-00008"}`), a.Post(t, "/api/enrichment-jobs", `{"count":1}`)} {
		assert.Equal(t, http.StatusServiceUnavailable, answer.Status)
		assert.Equal(t, problem.CodeQueueUnavailable, bodyOf(t, answer).Code)
		assert.Equal(t, "Redis is full and refuses writes; nothing was accepted", bodyOf(t, answer).Error)
	}
	assert.Equal(t, http.StatusOK, a.Get(t, "/api/deals").Status, "lists need no writes")
	ready := a.Await(t, "/readyz", func(a testkit.Answer) bool { return a.Status == http.StatusServiceUnavailable })
	assert.Contains(t, ready.Body, "OOM command not allowed")
	assert.Regexp(t, `(?m)^redis_full_errors_total [1-9]`, a.Get(t, "/metrics").Body)

	require.NoError(t, rdb.ConfigSet(t.Context(), "maxmemory", "0").Err())
	a.Await(t, "/readyz", func(a testkit.Answer) bool { return a.Status == http.StatusOK })
	assert.Equal(t, http.StatusAccepted, a.Post(t, "/api/purchase", `{"dealId":"d-00008"}`).Status)
}

func TestListFillsTheReadModel(t *testing.T) {
	a := newAPI(t, nil)
	cold := bodyOf(t, a.Get(t, "/api/deals?limit=4")).Meta.ReadModel
	assert.Equal(t, 4, cold.Misses)
	assert.Equal(t, 2, cold.LiveFallback)
	assert.Equal(t, 4, cold.RefreshEnqueued)
	a.Await(t, "/api/deals?limit=4", func(a testkit.Answer) bool { return bodyOf(t, a).Meta.ReadModel.Hits == 4 })
	before := len(a.upstreams.called())
	warm := bodyOf(t, a.Get(t, "/api/deals?limit=4"))
	assert.Equal(t, 4, warm.Meta.ReadModel.Hits)
	assert.Zero(t, warm.Meta.ReadModel.RefreshEnqueued, "within the cooldown")
	assert.LessOrEqual(t, len(a.upstreams.called()), before+1, "at most the catalog again")
}

func TestDisconnectedClientsAreNotErrors(t *testing.T) {
	tests := map[string]struct {
		redis              bool // else it is deal-service that never answers
		method, path, body string
	}{
		"list":                   {false, http.MethodGet, "/api/deals", ""},
		"detail":                 {false, http.MethodGet, "/api/deals/d-00008", ""},
		"purchase":               {false, http.MethodPost, "/api/purchase", `{"dealId":"d-00008"}`},
		"purchase, Redis":        {true, http.MethodPost, "/api/purchase", `{"dealId":"d-00008"}`},
		"purchase status, Redis": {true, http.MethodGet, "/api/purchase/p-00000000-0000-0000-0000-000000000000", ""},
		"enrichment":             {false, http.MethodPost, "/api/enrichment-jobs", `{"count":1}`},
		"enrichment, Redis":      {true, http.MethodPost, "/api/enrichment-jobs", `{"count":1}`},
		"hash, the bad way":      {false, http.MethodPost, badPath, `{"rounds":8,"iterations":60000}`},
		"hash, the good way":     {false, http.MethodPost, goodPath, `{"rounds":8,"iterations":60000}`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			environ := map[string]string{}
			if tc.redis {
				environ["REDIS_URL"] = silentRedis(t)
			}
			a := newAPI(t, environ)
			if !tc.redis {
				a.upstreams.breaks("deals", silent)
			}
			ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer leave()
			_, err := a.Try(ctx, tc.method, tc.path, tc.body, nil)
			require.Error(t, err)
			metrics := a.Await(t, "/metrics", func(a testkit.Answer) bool {
				return strings.Contains(a.Body, "experience_http_request_duration_seconds_count{")
			}).Body
			assert.Regexp(t, `(?m)^experience_http_request_duration_seconds_count\{.*status="499"\} 1$`, metrics)
			assert.NotRegexp(t, `(?m)^experience_http_request_errors_total\{`, metrics)
		})
	}
}

// silentRedis returns the URL of a Redis that accepts connections and never answers.
func silentRedis(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return "redis://" + listener.Addr().String() + "/0"
}
