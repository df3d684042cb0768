package ratinglb_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/internal/upstream"
	"deals.example/services/ratinglb"
)

func TestHandlers(t *testing.T) {
	tests := map[string]struct {
		path   string
		reply  behaviour
		status int
		code   string
		target string
	}{
		"a rating":               {"/rating/d-00001", healthy, 200, "", replicaA},
		"unknown deal":           {"/rating/d-99999", unknown, 404, "not_found", replicaA},
		"replica fails":          {"/rating/d-00001", failing, 503, "upstream_unavailable", replicaA},
		"replica redirects":      {"/rating/d-00001", redirecting, 503, "upstream_unavailable", replicaA},
		"not an id":              {"/rating/1", healthy, 404, "not_found", ""},
		"path traversal":         {"/rating/%2e%2e", healthy, 404, "not_found", ""},
		"encoded line break":     {"/rating/d-00001%0d%0aX-Evil:%201", healthy, 404, "not_found", ""},
		"query in the id":        {"/rating/d-00001%3fa=b", healthy, 404, "not_found", ""},
		"very long id":           {"/rating/d-" + strings.Repeat("1", 8000), healthy, 404, "not_found", ""},
		"a rating with a query":  {"/rating/d-00001?target=http://evil.example", healthy, 200, "", replicaA},
		"unknown deal, spelling": {"/rating/D-00001", healthy, 404, "not_found", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(replicaA)
				f.set(replicaA, tc.reply, healthy)
				b, _ := start(t, f, replicaA)
				got := request(t, b, tc.path)
				assert.Equal(t, tc.status, got.Code, got.Body)
				assert.Equal(t, tc.target, got.Header().Get("X-Lb-Target"))
				assert.Equal(t, "application/json; charset=utf-8", got.Header().Get("Content-Type"))
				var body map[string]any
				require.NoError(t, json.Unmarshal(got.Body.Bytes(), &body))
				if tc.code == "" {
					assert.JSONEq(t, ratingJSON, got.Body.String())
				} else {
					assert.Equal(t, tc.code, body["code"])
					assert.Empty(t, got.Header().Get("X-Evil"))
				}
				if tc.target == "" {
					assert.Zero(t, f.times(replicaA), "a bad id reached a replica")
				}
			})
		})
	}
}

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(replicaA, replicaB)
		b, _ := start(t, f, replicaA, replicaB)
		f.set(replicaB, failing, healthy)
		lookups(t, b, 2)
		assert.JSONEq(t, `{"targets":[
			{"target":"http://127.0.0.1:3004","requests":2,"errors":0,"healthy":true,"ejected":false,"lastStatus":200,"lastError":null,"lastUsed":"2000-01-01T00:00:00Z"},
			{"target":"http://127.0.0.1:3006","requests":1,"errors":1,"healthy":true,"ejected":false,"lastStatus":503,"lastError":"status 503","lastUsed":"2000-01-01T00:00:00Z"}
		],"meta":{"requestId":""}}`, request(t, b, "/stats").Body.String())
	})
}

func redirecting(*http.Request) (*http.Response, error) {
	moved := answer(302, "")
	moved.Header.Set("Location", "http://evil.example")
	return moved, nil
}

func request(t *testing.T, b *ratinglb.Balancer, path string) *httptest.ResponseRecorder {
	t.Helper()
	gin.SetMode(gin.TestMode)
	router := gin.New()
	ratinglb.Routes(router, b)
	recorder := httptest.NewRecorder()
	router.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
	return recorder
}

// TestReplicaDiesUnderLoad closes one replica during a load over real connections. No lookup may fail.
func TestReplicaDiesUnderLoad(t *testing.T) {
	one, other := replica(), replica()
	defer one.Close()
	defer other.Close()
	transport := upstream.NewTransport(16)
	defer transport.CloseIdleConnections()
	b, err := ratinglb.New(defaults(t, one.URL, other.URL), upstream.Deps{Transport: transport})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var checks sync.WaitGroup
	defer checks.Wait()
	defer stop()
	checks.Go(func() { _ = b.Run(ctx) })
	require.Eventually(t, func() bool { return b.Stats()[0].Healthy && b.Stats()[1].Healthy }, 2*time.Second, time.Millisecond)

	const clients, each = 8, 200
	var unanswered atomic.Int32
	var load sync.WaitGroup
	for client := range clients {
		load.Go(func() {
			for i := range each {
				if client == 0 && i == each/2 {
					one.CloseClientConnections()
					_ = one.Listener.Close()
				}
				if _, err := b.Rating(ctx, "d-00001"); err != nil {
					unanswered.Add(1)
				}
				_ = b.Stats()
			}
		})
	}
	load.Wait()
	assert.Zero(t, unanswered.Load())
	stats := b.Stats()
	attempts, failed := stats[0].Requests+stats[1].Requests, stats[0].Errors+stats[1].Errors
	assert.Equal(t, uint64(clients*each), attempts-failed)
}

func replica() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, ratingJSON)
	}))
}

// TestComponent runs the component with two replicas and stops both.
func TestComponent(t *testing.T) {
	one, other := replica(), replica()
	defer one.Close()
	defer other.Close()
	lb := testkit.Run(t, app.Define(app.Info{Name: "rating-lb", Metrics: app.DomainMetrics}, ratinglb.Build),
		map[string]string{"LB_TARGETS": one.URL + "," + other.URL})
	lb.Await(t, "/readyz", func(a testkit.Answer) bool { return a.Status == http.StatusOK })
	answer := lb.Get(t, "/rating/d-00001")
	assert.Equal(t, http.StatusOK, answer.Status)
	assert.JSONEq(t, ratingJSON, answer.Body)
	assert.Contains(t, []string{one.URL, other.URL}, answer.Header.Get("X-Lb-Target"))
	assert.Contains(t, lb.Get(t, "/metrics").Body, `rating_lb_target_healthy{target="`+one.URL+`"} 1`)

	one.Close()
	other.Close()
	ready := lb.Await(t, "/readyz", func(a testkit.Answer) bool { return a.Status == http.StatusServiceUnavailable })
	assert.Contains(t, ready.Body, "no replica is healthy")
}
