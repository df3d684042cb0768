package probe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/services/slodashboard/probe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestProbes probes an API whose lists are good and whose details fail.
func TestProbes(t *testing.T) {
	requests := make(chan *http.Request, 100)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		if r.URL.Path != "/api/deals" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer api.Close()
	registry := prometheus.NewRegistry()
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- probe.New(probe.Config{Interval: 10 * time.Millisecond}, api.URL, registry).Run(ctx) }()
	for range 3 { // the third is of the second round, so the first has been counted
		r := <-requests
		assert.Equal(t, probe.UserAgent, r.UserAgent())
		assert.True(t, strings.HasPrefix(r.Header.Get("X-Correlation-Id"), "probe-"), r.Header)
		assert.Contains(t, []string{"/api/deals", "/api/deals/d-00001"}, r.URL.Path)
	}
	end()
	require.NoError(t, <-ended)
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP probe_success 1 if the last probe was answered with 200 in time, else 0.
# TYPE probe_success gauge
probe_success{route="/api/deals"} 1
probe_success{route="/api/deals/:id"} 0
`), "probe_success"))
	count, err := testutil.GatherAndCount(registry, "probe_duration_seconds", "probe_requests_total")
	require.NoError(t, err)
	assert.Equal(t, 4, count)
}

func TestProbesTurnedOff(t *testing.T) {
	require.NoError(t, probe.New(probe.Config{}, "http://127.0.0.1:1", prometheus.NewRegistry()).Run(t.Context()))
}
