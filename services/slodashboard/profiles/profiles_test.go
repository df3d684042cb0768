package profiles_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/services/slodashboard/profiles"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client returns a client of a server that answers with handle.
func client(t *testing.T, handle http.HandlerFunc) *profiles.Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := profiles.New(server.URL+"/", transport)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// TestBusiestTraces reads an answer of Pyroscope 2.2.1, cut to a few spans. One of them is in two profiles, and one has lost its trace.
func TestBusiestTraces(t *testing.T) {
	recorded, err := os.ReadFile("testdata/heatmap.json")
	require.NoError(t, err)
	var asked atomic.Int64
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		assert.Equal(t, "/querier.v1.QuerierService/SelectHeatmap", r.URL.Path)
		var question struct {
			LabelSelector string
			Start, End    int64
		}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&question))
		assert.Equal(t, `{service_name="experience-api"}`, question.LabelSelector)
		assert.Equal(t, profiles.Window.Milliseconds(), question.End-question.Start)
		_, _ = w.Write(recorded)
	})
	got, err := c.Traces(t.Context(), "experience-api")
	require.NoError(t, err)
	assert.InDelta(t, profiles.Window.Seconds(), got.WindowSec, 0)
	var lines []string
	for _, trace := range got.Traces {
		lines = append(lines, trace.Span+" "+trace.TraceID+" "+trace.SpanID+" "+(time.Duration(trace.CPUMs)*time.Millisecond).String())
		assert.Positive(t, trace.At.Unix())
	}
	assert.Equal(t, []string{
		"POST /api/heavy-hash/bad 5366746aaca94c2d144940a6bea589b9 31fb0e058fbb8762 310ms",
		"POST /api/heavy-hash/bad b039989dfb468c35ad244f95f1bf2e0d 8889cf93b327e12e 290ms",
		"GET /api/deals ba992275d4baaceef787acf30b388d88 a08484ca776c49e3 50ms",
		"GET /api/deals 147f993f96ce0ba690f9cca6834ffcf4 ffd789e266fb1735 10ms",
	}, lines)
	_, err = c.Traces(t.Context(), "experience-api")
	require.NoError(t, err)
	assert.Equal(t, int64(1), asked.Load(), "the answer is kept for a while")
}

func TestNoTraces(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })
	got, err := c.Traces(t.Context(), "price-service")
	require.NoError(t, err)
	assert.NotNil(t, got.Traces)
	assert.Empty(t, got.Traces)
}

func TestUnavailable(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"refused":      {http.StatusBadRequest, `{"code":"invalid_argument"}`, "got status 400, want 200"},
		"not JSON":     {http.StatusOK, "<html>", "decode Pyroscope's answer"},
		"no number":    {http.StatusOK, `{"series":[{"slots":[{"exemplars":[{"value":"much"}]}]}]}`, "invalid syntax"},
		"not complete": {http.StatusOK, `{"series":[`, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			c := client(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			_, err := c.Traces(t.Context(), "price-service")
			require.ErrorIs(t, err, profiles.ErrUnavailable)
			assert.ErrorContains(t, err, test.says)
		})
	}
}
