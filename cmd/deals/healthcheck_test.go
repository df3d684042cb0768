package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	ready := answering(t, http.StatusOK, "ready")
	draining := answering(t, http.StatusServiceUnavailable, "not-ready")

	for name, test := range map[string]struct {
		args    []string
		environ []string
		code    int
		says    string
	}{
		"ready, by PORT":       {environ: []string{"PORT=" + ready.Port()}, code: exitOK},
		"ready, by URL":        {args: []string{"--url=" + ready.String() + "/readyz"}, code: exitOK},
		"not ready":            {environ: []string{"PORT=" + draining.Port()}, code: exitFailure, says: "503 Service Unavailable: not-ready"},
		"connection refused":   {environ: []string{"PORT=1"}, code: exitFailure, says: "connection refused"},
		"no port":              {code: exitUsage, says: "set --url or PORT"},
		"invalid URL":          {args: []string{"--url=://"}, code: exitFailure, says: "missing protocol scheme"},
		"unexpected argument":  {args: []string{"queue-ui"}, code: exitUsage, says: "unexpected argument"},
		"port is not a number": {environ: []string{"PORT=a"}, code: exitFailure, says: `invalid port ":a"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := Run(t.Context(), append([]string{"healthcheck"}, test.args...), test.environ, strings.NewReader(""), &stdout, &stderr)
			assert.Equal(t, test.code, code)
			assert.Contains(t, stderr.String(), test.says)
			assert.Empty(t, stdout.String())
		})
	}
}

// answering starts a server with a fixed answer to GET /readyz and returns its URL.
func answering(t *testing.T, status int, body string) *url.URL {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the test checks the response
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	return address
}
