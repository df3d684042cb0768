package domain_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/domain"
	"deals.example/internal/orca"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/internal/upstream"
	"deals.example/lab/control"
)

// service answers GET /price in a tenth of a second, one request at a time, and lets one wait.
func service(t *testing.T) *testkit.Instance {
	t.Helper()
	component := app.Define(app.Info{Name: "price-service", Defaults: domain.Faults("100ms", "100ms", "0")},
		func(_ context.Context, rt *app.Runtime, cfg domain.Behavior) error {
			router, err := domain.Router(rt, cfg)
			if err != nil {
				return err
			}
			router.GET("/price", func(c *gin.Context) { c.String(http.StatusOK, "12.50") })
			return nil
		})
	return testkit.Run(t, component, map[string]string{"CAPACITY": "1", "CAPACITY_QUEUE": "1"})
}

func TestFullServiceRefuses(t *testing.T) {
	price := service(t)
	answers := make([]testkit.Answer, 5)
	var asking sync.WaitGroup
	for i := range answers {
		asking.Go(func() { answers[i] = price.Get(t, "/price") })
	}
	asking.Wait()
	statuses := map[int]int{}
	for _, answer := range answers {
		statuses[answer.Status]++
		load, reported := orca.Get(answer.Header)
		assert.True(t, reported)
		assert.Positive(t, load)
		if answer.Status == http.StatusServiceUnavailable {
			assert.Contains(t, answer.Body, `"code":"overloaded"`)
			assert.Equal(t, "1", answer.Header.Get("Retry-After"))
		}
	}
	assert.Equal(t, map[int]int{http.StatusOK: 2, http.StatusServiceUnavailable: 3}, statuses)
	assert.Contains(t, price.Get(t, "/metrics").Body,
		`domain_capacity_turned_away_total{criticality="default",discipline="fifo",reason="full",service="price-service"} 3`)
}

// TestQueueIsSwitched: the control governs the queue, and what happens in it is counted under the discipline in force.
func TestQueueIsSwitched(t *testing.T) {
	price := service(t)
	switched := price.Do(t, http.MethodPut, control.Path, `{"control":"queue","option":"unbounded"}`, http.Header{"Content-Type": {"application/json"}})
	require.Equal(t, http.StatusOK, switched.Status, switched.Body)
	var asking sync.WaitGroup
	for range 5 {
		asking.Go(func() { assert.Equal(t, http.StatusOK, price.Get(t, "/price").Status) })
	}
	asking.Wait()
	metrics := price.Get(t, "/metrics").Body
	assert.Contains(t, metrics, `domain_capacity_wait_seconds_count{discipline="unbounded",service="price-service"} 5`)
	assert.Contains(t, metrics, `deals_control_info{component="price-service",control="queue",option="unbounded"} 1`)
	assert.Contains(t, price.Get(t, "/admin/capacity").Body, `"discipline":"unbounded"`)
}

func TestCapacityIsChangedWhileItRuns(t *testing.T) {
	price := service(t)
	put := func(body string) testkit.Answer {
		return price.Do(t, http.MethodPut, "/admin/capacity", body, http.Header{"Content-Type": {"application/json"}})
	}
	changed := put(`{"capacity":50,"discipline":"lifo-codel","forSeconds":60}`)
	require.Equal(t, http.StatusOK, changed.Status, changed.Body)
	for _, want := range []string{`"capacity":50`, `"queue":1,`, `"discipline":"lifo-codel"`, `"abandoned":"drop"`, `"forSeconds":60`, `"busy":0`} {
		assert.Contains(t, changed.Body, want)
	}
	for body, field := range map[string]string{
		`{"capacity":0}`: "capacity", `{"discipline":"stack"}`: "discipline", `{"slowdown":0.5}`: "slowdown", `{"slowAbove":2}`: "slowAbove",
		`{"abandoned":"maybe"}`: "abandoned", `{"queue":-1}`: "queue", `{"forSeconds":-1}`: "forSeconds", `{"slots":3}`: "slots",
	} {
		answer := put(body)
		assert.Equal(t, http.StatusBadRequest, answer.Status, body)
		assert.Contains(t, answer.Body, field, body)
	}
	assert.Contains(t, price.Get(t, "/admin/capacity").Body, `"capacity":50`, "a refused change changes nothing")
}

// TestWhoKnowsTheDeadline: callers wait a fifth of the time that an answer takes. A service that is told so stops working when they leave,
// and one that is not told finishes the work for nobody.
func TestWhoKnowsTheDeadline(t *testing.T) {
	var cfg upstream.Config
	require.NoError(t, settings.Load(map[string]string{"UPSTREAM_RETRY_RATIO": "0"}, &cfg))
	for local, work := range map[bool]string{false: "cut", true: "finished"} {
		price := service(t)
		pool, err := upstream.NewPool(cfg, upstream.Deps{})
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		client, err := pool.Client("price-service", price.URL)
		require.NoError(t, err)
		require.NoError(t, pool.Switch(func(p *upstream.Policies) { p.LocalDeadlines = local }))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		require.Error(t, client.Get(ctx, "/price", nil, new(any)))
		cancel()
		wasted := `domain_capacity_wasted_total{service="price-service",work="` + work + `"} 1`
		assert.Eventually(t, func() bool { return strings.Contains(price.Get(t, "/metrics").Body, wasted) }, 20*time.Second, 10*time.Millisecond, wasted)
	}
}
