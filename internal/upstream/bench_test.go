package upstream_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"deals.example/internal/limiter"
	"deals.example/internal/upstream"
)

// BenchmarkGet shows what the policies, metrics and spans cost over a plain http.Client, on the wire and without one.
func BenchmarkGet(b *testing.B) {
	server := httptest.NewServer(write(http.StatusOK, priceJSON))
	defer server.Close()
	none := wire(healthy)

	for _, limit := range []limiter.Kind{limiter.Adaptive, limiter.None} {
		b.Run("wire/upstream/"+string(limit), func(b *testing.B) { benchmarkUpstream(b, nil, server.URL, limit) })
	}
	b.Run("wire/plain", func(b *testing.B) {
		transport := upstream.NewTransport(30)
		defer transport.CloseIdleConnections()
		benchmarkPlain(b, transport, server.URL)
	})
	b.Run("no-wire/upstream", func(b *testing.B) { benchmarkUpstream(b, none, anyURL, limiter.Adaptive) })
	b.Run("no-wire/plain", func(b *testing.B) { benchmarkPlain(b, none, anyURL) })
}

func benchmarkUpstream(b *testing.B, transport http.RoundTripper, baseURL string, limit limiter.Kind) {
	b.Helper()
	client := newClient(b, defaults(b, func(c *upstream.Config) { c.Limit = limit }), upstream.Deps{Registry: prometheus.NewRegistry(), Transport: transport}, baseURL)
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, get(b.Context(), client))
	}
}

func benchmarkPlain(b *testing.B, transport http.RoundTripper, baseURL string) {
	b.Helper()
	client := &http.Client{Transport: transport}
	b.ReportAllocs()
	for b.Loop() {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, baseURL+"/price/d-00001", http.NoBody)
		require.NoError(b, err)
		response, err := client.Do(request)
		require.NoError(b, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(b, err)
		require.NoError(b, response.Body.Close())
		require.NoError(b, json.Unmarshal(body, &price{}))
	}
}
