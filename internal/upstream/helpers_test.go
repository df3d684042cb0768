package upstream_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/settings"
	"deals.example/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// price is what the fake upstreams answer with.
type price struct {
	DealID string `json:"dealId"`
}

const priceJSON = `{"dealId":"d-00001"}`

// defaults are the settings of an empty environment, with an attempt's timeout that suits a test.
func defaults(tb testing.TB, change ...func(*upstream.Config)) upstream.Config {
	tb.Helper()
	var cfg upstream.Config
	require.NoError(tb, settings.Load(nil, &cfg))
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

// newClient returns a client of price-service at baseURL in a pool of its own.
func newClient(tb testing.TB, cfg upstream.Config, deps upstream.Deps, baseURL string) *upstream.Client {
	tb.Helper()
	pool, err := upstream.NewPool(cfg, deps)
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	client, err := pool.Client("price-service", baseURL)
	require.NoError(tb, err)
	return client
}

// serve starts a server that counts its calls.
func serve(t *testing.T, handler http.HandlerFunc) (baseURL string, calls *atomic.Int32) {
	t.Helper()
	calls = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// hang answers nothing for as long as the client is there.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// wire is a transport without a network, so that a test can run in a synctest bubble.
type wire func(*http.Request) (*http.Response, error)

func (f wire) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer makes the response of a wire.
func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// after answers when d has passed, unless the request ends before.
func after(r *http.Request, d time.Duration, status int, body string) (*http.Response, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-timer.C:
		return answer(status, body), nil
	}
}

// pass lets time go by in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

// value reads one counter or gauge.
func value(t *testing.T, reg *prometheus.Registry, name string, labels map[string]string) float64 {
	t.Helper()
	m := series(t, reg, name, labels)
	if m.GetCounter() != nil {
		return m.GetCounter().GetValue()
	}
	return m.GetGauge().GetValue()
}

func series(t *testing.T, reg *prometheus.Registry, name string, labels map[string]string) *dto.Metric {
	t.Helper()
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			if matches(m, labels) {
				return m
			}
		}
	}
	require.Failf(t, "no such series", "%s %v", name, labels)
	return nil
}

func matches(m *dto.Metric, labels map[string]string) bool {
	found := 0
	for _, l := range m.GetLabel() {
		if labels[l.GetName()] == l.GetValue() {
			found++
		}
	}
	return found == len(labels)
}
