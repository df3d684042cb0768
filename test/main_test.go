// Package test tests the whole platform: real processes, a real Redis, real signals.
package test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// program is the path of the program under test, built once for the package.
var program string //nolint:gochecknoglobals // set by TestMain before any test runs

func TestMain(m *testing.M) {
	os.Exit(testkit.Main(func(built string) int { //nolint:forbidigo // where a test binary ends
		program = built
		return m.Run()
	}))
}

// quiet returns settings without randomness: upstreams answer at once and never fail.
func quiet() []string {
	return []string{"FAULT_LATENCY_MIN=1ms", "FAULT_LATENCY_MAX=2ms", "FAULT_RATE=0", "READ_MODEL_WARM_UP=false"}
}

// answer is the response to a call.
type answer struct {
	status int
	body   []byte
	took   time.Duration
}

func (a answer) into(t *testing.T, dst any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, dst), "%s", a.body)
}

// list is the body of GET /api/deals, with the fields that tests use.
type list struct {
	Deals    []map[string]any `json:"deals"`
	Warnings []string         `json:"warnings"`
	Meta     struct {
		ReadModel struct{ Hits, Stale, Misses, LiveFallback, RefreshEnqueued int }
	} `json:"meta"`
}

func client() *http.Client {
	return &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}

// call makes one request; body is sent as JSON unless it is nil. It returns an error only when the connection fails.
func call(ctx context.Context, c *http.Client, method, url string, body any) (answer, error) {
	var reader io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	start := time.Now()
	response, err := c.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, body: text, took: time.Since(start)}, err
}

func get(t *testing.T, url string) answer {
	t.Helper()
	got, err := call(t.Context(), client(), http.MethodGet, url, nil)
	require.NoError(t, err)
	return got
}

func send(t *testing.T, method, url string, body any) answer {
	t.Helper()
	got, err := call(t.Context(), client(), method, url, body)
	require.NoError(t, err)
	return got
}
