package fault_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/fault"
	"deals.example/internal/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is GET /price behind an injector.
type service struct {
	http.Handler

	registry *prometheus.Registry
}

func newService(t *testing.T, cfg fault.Config) service {
	t.Helper()
	gin.SetMode(gin.TestMode)
	registry := prometheus.NewRegistry()
	injector, err := fault.New(cfg, fault.Deps{Service: "price-service", Logger: slog.New(slog.DiscardHandler), Registry: registry})
	require.NoError(t, err)
	router := gin.New()
	injector.Register(router)
	router.GET("/price", misbehave(injector), func(c *gin.Context) { c.String(http.StatusOK, "12.50") })
	return service{router, registry}
}

func (s service) send(ctx context.Context, method, path, contentType, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	request.Header.Set("Content-Type", contentType)
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	return recorder
}

func (s service) get(ctx context.Context, path string) *httptest.ResponseRecorder {
	return s.send(ctx, http.MethodGet, path, "", "")
}

func (s service) change(t *testing.T, body string) {
	t.Helper()
	answer := s.send(t.Context(), http.MethodPut, "/admin/fault", "application/json", body)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
}

// settings returns the fault settings of the service.
func (s service) settings(t *testing.T) map[string]any {
	t.Helper()
	var settings map[string]any
	require.NoError(t, json.Unmarshal(s.get(t.Context(), "/admin/fault").Body.Bytes(), &settings))
	require.Contains(t, settings, "meta")
	delete(settings, "meta")
	return settings
}

// pass lets time go by in a bubble.
func pass(d time.Duration) { <-time.After(d) }

func TestLatencyIsUniform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, fault.Config{LatencyMin: 40 * time.Millisecond, LatencyMax: 320 * time.Millisecond})
		var least, most, sum time.Duration
		const requests = 400
		for i := range requests {
			begin := time.Now()
			assert.Equal(t, "12.50", s.get(t.Context(), "/price").Body.String())
			took := time.Since(begin)
			if i == 0 {
				least = took
			}
			least, most, sum = min(least, took), max(most, took), sum+took
		}
		assert.GreaterOrEqual(t, least, 40*time.Millisecond)
		assert.LessOrEqual(t, most, 320*time.Millisecond)
		assert.InDelta(t, 180, (sum / requests).Milliseconds(), 20)
		assert.Less(t, least, 60*time.Millisecond)
		assert.Greater(t, most, 300*time.Millisecond)
	})
}

func TestSlowRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, fault.Config{LatencyMin: 10 * time.Millisecond, LatencyMax: 20 * time.Millisecond, SlowRate: 0.1, SlowFactor: 10})
		const requests = 1000
		slow := 0
		for range requests {
			begin := time.Now()
			s.get(t.Context(), "/price")
			switch took := time.Since(begin); {
			case took >= 100*time.Millisecond && took <= 200*time.Millisecond:
				slow++
			default:
				assert.LessOrEqual(t, took, 20*time.Millisecond)
			}
		}
		assert.InDelta(t, 0.1, float64(slow)/requests, 0.04)
	})
}

func TestFailureRate(t *testing.T) {
	tests := map[string]struct{ rate, delta float64 }{
		"never": {0, 0}, "always": {1, 0}, "a quarter": {0.25, 0.06},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t, fault.Config{FailureRate: tc.rate})
			failed := 0
			const requests = 2000
			for range requests {
				if answer := s.get(t.Context(), "/price"); answer.Code != http.StatusOK {
					failed++
					require.Equal(t, http.StatusServiceUnavailable, answer.Code)
					require.Contains(t, answer.Body.String(), `"code":"fault_injected"`)
				}
			}
			assert.InDelta(t, tc.rate, float64(failed)/requests, tc.delta)
		})
	}
}

func TestLatencyEndsWhenTheClientDisconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, fault.Config{LatencyMin: time.Minute, LatencyMax: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		assert.NotEqual(t, http.StatusOK, s.get(ctx, "/price").Code)
		assert.Equal(t, time.Second, time.Since(begin))
	})
}

func TestMinimumLatencyAboveMaximum(t *testing.T) {
	_, err := fault.New(fault.Config{LatencyMin: 2, LatencyMax: 1}, fault.Deps{Registry: prometheus.NewRegistry()})
	assert.ErrorContains(t, err, "FAULT_LATENCY_MIN")
}

// blackholed sends requests to a service that does not answer them, in a bubble, and returns when all of them are waiting.
func blackholed(ctx context.Context, s service, requests int) (statuses func() []int) {
	var waiting sync.WaitGroup
	answered := make([]int, requests)
	for i := range requests {
		waiting.Go(func() { answered[i] = s.get(ctx, "/price").Code })
	}
	synctest.Wait()
	return func() []int {
		waiting.Wait()
		return answered
	}
}

func TestChangeEndsBlackhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, fault.Config{Blackhole: true})
		statuses := blackholed(t.Context(), s, 3)
		pass(time.Hour)
		s.change(t, `{"latencyMaxMs":5}`) // still a blackhole
		synctest.Wait()
		s.change(t, `{"blackhole":false}`)
		assert.Equal(t, []int{200, 200, 200}, statuses())
		require.NoError(t, testutil.GatherAndCompare(s.registry, strings.NewReader(`
# HELP domain_fault_injected_total Requests with a synthetic failure or blackhole.
# TYPE domain_fault_injected_total counter
domain_fault_injected_total{kind="blackhole",service="price-service"} 3
domain_fault_injected_total{kind="failure",service="price-service"} 0
`), "domain_fault_injected_total"), "each is counted once")
	})
}

func TestBlackholeEndsWhenTheClientDisconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, fault.Config{Blackhole: true})
		ctx, cancel := context.WithCancel(t.Context())
		statuses := blackholed(ctx, s, 2)
		pass(time.Hour)
		cancel()
		assert.Equal(t, []int{499, 499}, statuses())
	})
}

func TestNoRequestMissesTheEndOfABlackhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, fault.Config{})
		for range 500 {
			s.change(t, `{"blackhole":true}`)
			var sending sync.WaitGroup
			for range 8 {
				sending.Go(func() { s.get(t.Context(), "/price") })
			}
			s.change(t, `{"blackhole":false}`)
			sending.Wait() // a request that missed the end deadlocks the bubble
		}
	})
}

// misbehave is what a domain service does with a request before its handler.
func misbehave(injector *fault.Injector) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := injector.Hold(c.Request.Context())
		if err == nil {
			err = injector.Serve(c.Request.Context(), 1)
		}
		if err != nil {
			problem.Write(c, err)
		}
	}
}
