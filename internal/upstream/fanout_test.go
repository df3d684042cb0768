package upstream_test

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/upstream"
)

// crowd knows how many were in it at a time.
type crowd struct {
	mu        sync.Mutex
	now, most int
}

func (c *crowd) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
}

// TestFanOutCap: 200 calls at once over two upstreams, some of which fail and are retried, never more than 30 in flight.
func TestFanOutCap(t *testing.T) {
	var served atomic.Int32
	var load crowd
	baseURL, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		load.enter()
		defer load.leave()
		timer := time.NewTimer(10 * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
		if served.Add(1)%10 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, priceJSON)
	})
	reg := prometheus.NewRegistry()
	pool, err := upstream.NewPool(defaults(t, noBreaker), upstream.Deps{Registry: reg})
	require.NoError(t, err)
	defer pool.Close()
	var calls sync.WaitGroup
	for _, service := range []string{"price-service", "merchant-service"} {
		client, err := pool.Client(service, baseURL)
		require.NoError(t, err)
		for range 100 {
			calls.Go(func() { _ = get(t.Context(), client) })
		}
	}
	calls.Wait()
	assert.LessOrEqual(t, load.most, 30)
	assert.GreaterOrEqual(t, load.most, 25, "the cap was never used")
	assert.GreaterOrEqual(t, served.Load(), int32(200))
	for _, service := range []string{"price-service", "merchant-service"} {
		assert.InDelta(t, 0, value(t, reg, "experience_upstream_in_flight", map[string]string{"service": service}), 0)
	}
}
