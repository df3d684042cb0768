package k6_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
	"deals.example/k6"
)

// platform answers as the experience API does, and counts the calls.
type platform struct {
	*httptest.Server

	mu    sync.Mutex
	calls map[string]int
	began chan struct{} // closed by the first call
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{calls: map[string]int{}, began: make(chan struct{})}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{"warnings": []string{}, "meta": map[string]any{}}
	status := http.StatusOK
	switch r.URL.Path {
	case "/readyz":
		body["status"], body["dependencies"] = "ready", []any{}
	case "/api/purchase":
		status, body["purchaseId"] = http.StatusAccepted, "p-1"
	case "/api/enrichment-jobs":
		status, body["enqueued"] = http.StatusAccepted, 1
	}
	if r.URL.Path != "/readyz" {
		p.count(r.URL.Path)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

func (p *platform) count(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) == 0 {
		close(p.began)
	}
	p.calls[path]++
}

// total is how many calls came, and to how many paths.
func (p *platform) total() (calls, paths int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.calls {
		calls += n
	}
	return calls, len(p.calls)
}

func runAgainst(t *testing.T, target string, run k6.Run) *k6.Process {
	t.Helper()
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: testkit.K6(t), Dir: t.TempDir(), Target: target})
	require.NoError(t, err)
	process, err := runner.Start(t.Context(), run)
	require.NoError(t, err)
	return process
}

func TestEveryScenarioRuns(t *testing.T) {
	catalog, err := k6.Load()
	require.NoError(t, err)
	for _, scenario := range catalog {
		t.Run(scenario.ID, func(t *testing.T) {
			t.Parallel()
			target := newPlatform(t)
			result := ended(t, runAgainst(t, target.URL, k6.Run{
				Script: scenario.Script(), Scenario: scenario.ID, Duration: 4 * time.Second, Intensity: scenario.Intensity.Min,
			}))
			require.NoError(t, result.Err)
			require.NotNil(t, result.Summary)
			calls, _ := target.total()
			assert.Positive(t, calls)
			assert.Equal(t, calls, result.Summary.Requests, "%v", result.LastLines)
			assert.Zero(t, result.Summary.Failures)
			assert.InDelta(t, calls, result.Summary.RPS*4, float64(calls))
		})
	}
}

func TestEveryModeRuns(t *testing.T) {
	for mode, paths := range map[string]int{"deals": 1, "enqueue": 1, "hash-bad": 1, "hash-good": 1, "mixed": 4} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			target := newPlatform(t)
			result := ended(t, runAgainst(t, target.URL, k6.Run{
				Script: "load.ts", Duration: time.Second, Env: map[string]string{"MODE": mode, "CONCURRENCY": "2"},
			}))
			require.NoError(t, result.Err)
			require.NotNil(t, result.Summary)
			_, got := target.total()
			assert.Equal(t, paths, got)
			assert.Equal(t, result.Summary.Requests, result.Summary.Success)
		})
	}
}

func TestBadSettingsEndARunBeforeItBegins(t *testing.T) {
	tests := map[string]struct{ name, value, want string }{
		"intensity":          {"INTENSITY", "much", `INTENSITY: got "much", want a number from 0.1 to 10`},
		"absurd intensity":   {"INTENSITY", "1e9", `INTENSITY: got "1e9", want a number from 0.1 to 10`},
		"duration":           {"DURATION", "long", `DURATION: got "long", want a time such as 30s or 1m30s`},
		"no duration":        {"DURATION", "0s", `DURATION: got "0s", want `},
		"mode":               {"MODE", "ugly", `MODE: got "ugly", want one of mixed, deals, details, enqueue, hash-bad, hash-good`},
		"no rate":            {"RATE", "0", `RATE: got "0", want a whole number from 1 to 10000`},
		"no concurrency":     {"CONCURRENCY", "0", `CONCURRENCY: got "0", want a whole number from 1 to 10000`},
		"absurd concurrency": {"CONCURRENCY", "1000000", `CONCURRENCY: got "1000000", want `},
		"half a user":        {"CONCURRENCY", "1.5", `CONCURRENCY: got "1.5", want `},
		"Redis":              {"REDIS_URL", "localhost", `REDIS_URL: got "localhost", want a URL such as redis://127.0.0.1:6379/0`},
		"target":             {"TARGET", "localhost:3000", `TARGET: got "localhost:3000", want a URL such as http://127.0.0.1:3000`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := ended(t, runAgainst(t, "http://127.0.0.1:1", k6.Run{Script: "load.ts", Env: map[string]string{test.name: test.value}}))
			require.ErrorContains(t, result.Err, test.want)
			assert.Nil(t, result.Summary)
		})
	}
}

func TestARunWithoutAPlatformEndsWithinSeconds(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	for target, want := range map[string]string{
		"http://127.0.0.1:1": "nothing answers at http://127.0.0.1:1: ",
		other.URL:            other.URL + " is not the experience API: GET /readyz answers 404 Not Found",
	} {
		result := ended(t, runAgainst(t, target, k6.Run{Script: "load.ts", Duration: time.Hour}))
		require.ErrorContains(t, result.Err, want)
		assert.Less(t, result.Ended.Sub(result.Started), 15*time.Second)
	}
}

func TestRedisThatIsNotThereEndsARun(t *testing.T) {
	target := newPlatform(t)
	result := ended(t, runAgainst(t, target.URL, k6.Run{Script: "scenarios/spike.ts", Env: map[string]string{"REDIS_URL": "redis://127.0.0.1:1/0"}}))
	require.ErrorContains(t, result.Err, "redis://127.0.0.1:1/0: find deal cards: dial tcp 127.0.0.1:1: connect: connection refused")
}

func TestAnInterruptedRunSaysWhatItDid(t *testing.T) {
	target := newPlatform(t)
	process := runAgainst(t, target.URL, k6.Run{Script: "load.ts", Env: map[string]string{"MODE": "deals"}})
	select {
	case <-target.began:
	case <-process.Done():
	}
	result, err := process.Stop(t.Context())
	require.NoError(t, err)
	require.NoError(t, result.Err)
	assert.True(t, result.Interrupted)
	require.NotNil(t, result.Summary)
	assert.Contains(t, result.LastLines, "failures            0")
}

func TestAPlatformThatDiesUnderLoadEndsNoRun(t *testing.T) {
	target := newPlatform(t)
	process := runAgainst(t, target.URL, k6.Run{Script: "load.ts", Duration: 3 * time.Second, Env: map[string]string{"MODE": "deals", "CONCURRENCY": "2"}})
	<-target.began
	target.CloseClientConnections()
	target.Close()
	result := ended(t, process)
	require.NoError(t, result.Err)
	assert.True(t, result.ThresholdsFailed)
	require.NotNil(t, result.Summary)
	assert.Positive(t, result.Summary.Failures)
	assert.Less(t, result.Summary.Failures, 100, "users take a breath")
}
