package upstream_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/upstream"
)

func write(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestGetOverTheWire(t *testing.T) {
	elsewhere, elsewhereCalls := serve(t, write(http.StatusOK, priceJSON))
	tests := map[string]struct {
		handler http.HandlerFunc
		calls   int32
		reason  upstream.Reason // "" when the call succeeds
		status  string          // label of every attempt
	}{
		"200":      {write(200, priceJSON), 1, "", "200"},
		"503":      {write(503, "{}"), 2, upstream.ReasonUnavailable, "503"},
		"500":      {write(500, ""), 2, upstream.ReasonUnavailable, "500"},
		"400":      {write(400, "{}"), 1, upstream.ReasonBadResponse, "400"},
		"429":      {write(429, "{}"), 1, upstream.ReasonBadResponse, "429"},
		"no body":  {write(200, ""), 1, upstream.ReasonBadResponse, "200"},
		"bad JSON": {write(200, `{"dealId":`), 1, upstream.ReasonBadResponse, "200"},
		"other JSON": {
			write(200, `[1,2]`), 1, upstream.ReasonBadResponse, "200",
		},
		// The deadline has passed at the upstream a moment before it passes here.
		"499":  {write(499, "{}"), 2, upstream.ReasonTimeout, "timeout"},
		"slow": {hang, 2, upstream.ReasonTimeout, "timeout"},
		"body hangs": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"dealId":`)
			_ = http.NewResponseController(w).Flush()
			hang(w, r)
		}, 2, upstream.ReasonTimeout, "timeout"},
		"body is cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"dealId":`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, 2, upstream.ReasonConnection, "connection"},
		"connection breaks": {func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, 2, upstream.ReasonConnection, "connection"},
		"body too large, announced": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(2<<20))
		}, 1, upstream.ReasonBadResponse, "200"},
		"body too large, chunked": {func(w http.ResponseWriter, _ *http.Request) {
			for range 40 {
				_, _ = io.WriteString(w, strings.Repeat(" ", 64<<10))
			}
		}, 1, upstream.ReasonBadResponse, "200"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+"/price/d-00001", http.StatusFound)
		}, 1, upstream.ReasonBadResponse, "302"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			baseURL, calls := serve(t, tc.handler)
			reg := prometheus.NewRegistry()
			client := newClient(t, defaults(t, func(c *upstream.Config) { c.Timeout = 150 * time.Millisecond }), upstream.Deps{Registry: reg}, baseURL)

			var got price
			err := client.Get(t.Context(), "/price/d-00001", nil, &got)

			if tc.reason == "" {
				require.NoError(t, err)
				assert.Equal(t, "d-00001", got.DealID)
			} else {
				var failure *upstream.Failure
				require.ErrorAs(t, err, &failure)
				assert.Equal(t, tc.reason, failure.Reason)
				assert.InDelta(t, 1, value(t, reg, "experience_upstream_failures_total", map[string]string{"reason": string(tc.reason)}), 0)
			}
			assert.Equal(t, tc.calls, calls.Load(), "calls")
			assert.InDelta(t, float64(tc.calls), value(t, reg, "experience_upstream_requests_total", map[string]string{"status": tc.status}), 0)
			assert.InDelta(t, float64(tc.calls-1), value(t, reg, "experience_upstream_retries_total", nil), 0)
		})
	}
	assert.Zero(t, elsewhereCalls.Load(), "a redirect was followed")
}

func TestGetSucceedsOnTheRetry(t *testing.T) {
	failures := 1
	baseURL, calls := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if failures > 0 {
			failures--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, priceJSON)
	})
	reg := prometheus.NewRegistry()
	client := newClient(t, defaults(t), upstream.Deps{Registry: reg}, baseURL)

	var got price
	require.NoError(t, client.Get(t.Context(), "/price/d-00001", nil, &got))
	assert.Equal(t, "d-00001", got.DealID)
	assert.Equal(t, int32(2), calls.Load())
	assert.InDelta(t, 0, value(t, reg, "experience_upstream_failures_total", map[string]string{"reason": "unavailable"}), 0)
}

func TestGetNotFoundIsAnAnswer(t *testing.T) {
	baseURL, calls := serve(t, write(http.StatusNotFound, `{"error":"no deal"}`))
	client := newClient(t, defaults(t), upstream.Deps{}, baseURL)

	var failure *upstream.Failure
	err := client.Get(t.Context(), "/price/d-99999", nil, &price{})
	require.ErrorIs(t, err, upstream.ErrNotFound)
	require.NotErrorAs(t, err, &failure)
	assert.Equal(t, int32(1), calls.Load(), "a 404 was retried")
}

func TestGetConnectionRefused(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	reg := prometheus.NewRegistry()
	client := newClient(t, defaults(t), upstream.Deps{Registry: reg}, server.URL)

	err := client.Get(t.Context(), "/price/d-00001", nil, &price{})
	require.EqualError(t, err, "price-service connection failed", "no address may show")
	assert.InDelta(t, 2, value(t, reg, "experience_upstream_requests_total", map[string]string{"status": "connection"}), 0)
}

func TestGetSendsTheQuery(t *testing.T) {
	var gotPath, gotQuery string
	baseURL, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		gotPath, gotQuery = r.URL.Path, r.URL.RawQuery
		_, _ = io.WriteString(w, `{}`)
	})
	client := newClient(t, defaults(t), upstream.Deps{}, baseURL+"/")
	require.NoError(t, client.Get(t.Context(), "/deals", map[string][]string{"city": {"a&b=c"}, "limit": {"20"}}, &price{}))
	assert.Equal(t, "/deals", gotPath)
	assert.Equal(t, "city=a%26b%3Dc&limit=20", gotQuery)
}

func TestReady(t *testing.T) {
	tests := map[string]struct {
		handler http.HandlerFunc
		want    bool
	}{
		"200":  {write(200, "ok"), true},
		"503":  {write(503, "no"), false},
		"hang": {hang, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			baseURL, calls := serve(t, tc.handler)
			reg := prometheus.NewRegistry()
			client := newClient(t, defaults(t, func(c *upstream.Config) { c.Timeout = 100 * time.Millisecond }), upstream.Deps{Registry: reg}, baseURL)
			err := client.Ready(t.Context())
			assert.Equal(t, tc.want, err == nil, "%v", err)
			assert.Equal(t, int32(1), calls.Load())
			assert.InDelta(t, 0, value(t, reg, "experience_upstream_requests_total", map[string]string{"status": "200"}), 0, "a check is no request")
		})
	}
}

func TestConnectionsAreReused(t *testing.T) {
	connections := map[string]bool{}
	baseURL, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, strings.Repeat("x", 8<<10))
	})
	client := newClient(t, defaults(t), upstream.Deps{}, baseURL)
	for range 20 {
		require.ErrorIs(t, client.Get(t.Context(), "/price/d-00001", nil, &price{}), upstream.ErrNotFound)
	}
	assert.Len(t, connections, 1, "a body was not drained")
}

func TestGetWithAContextThatIsOver(t *testing.T) {
	baseURL, calls := serve(t, write(200, priceJSON))
	client := newClient(t, defaults(t), upstream.Deps{}, baseURL)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var failure *upstream.Failure
	err := client.Get(ctx, "/price/d-00001", nil, &price{})
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, upstream.ReasonCanceled, failure.Reason)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, calls.Load())
}
