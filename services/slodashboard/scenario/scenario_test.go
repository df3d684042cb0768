package scenario_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/testkit"
	"deals.example/k6"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/scenario"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// standIn replaces k6. The name of the script decides: one fails, one completes at once, all others run until SIGINT.
const standIn = `#!/bin/sh
summary() { echo '{"requests":7,"success":6,"failures":1,"rps":3.5,"averageMs":20,"p95Ms":40}' > "$SUMMARY_FILE"; }
trap 'summary; exit 105' INT
touch "$0.ready"
case "$*" in
*chaotic*) echo "cannot reach the target"; exit 1 ;;
*spike*) summary; exit 0 ;;
esac
while :; do sleep 0.02; done
`

// prepare returns a supervisor with the stand-in for k6. change may change its configuration.
func prepare(t *testing.T, change func(*scenario.Config, *scenario.Deps), ready ...*string) *scenario.Supervisor {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "k6")
	for _, name := range ready {
		*name = binary + ".ready"
	}
	require.NoError(t, os.WriteFile(binary, []byte(standIn), 0o700)) //nolint:gosec // G306: it is to be run
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: binary, Dir: t.TempDir(), Target: "http://127.0.0.1:3000"})
	require.NoError(t, err)
	catalog, err := k6.Load()
	require.NoError(t, err)
	cfg := scenario.Config{Limit: 2}
	deps := scenario.Deps{
		Catalog: catalog, Runner: runner, Logger: slog.New(slog.DiscardHandler),
		Ask: func(context.Context, string) (*float64, error) { return nil, nil }, //nolint:nilnil // no value
	}
	if change != nil {
		change(&cfg, &deps)
	}
	s := scenario.New(cfg, deps)
	t.Cleanup(func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) })
	return s
}

// await waits until the last run of a scenario is in a state and returns it.
func await(t *testing.T, s *scenario.Supervisor, id, state string) api.Run {
	t.Helper()
	var run api.Run
	require.Eventually(t, func() bool {
		shown, _ := s.Show(id)
		if shown.Run != nil {
			run = *shown.Run
		}
		return run.State == state
	}, 20*time.Second, 5*time.Millisecond, "%s is not %s", id, state)
	return run
}

func TestStartAndStop(t *testing.T) {
	var ready string
	s := prepare(t, nil, &ready)
	require.NoError(t, s.Start(t.Context(), "normal", new(2.0)))
	require.NoError(t, s.Start(t.Context(), "normal", nil), "as it is")
	shown, _ := s.Show("normal")
	assert.True(t, shown.Active)
	assert.Equal(t, "running", shown.Run.State)
	assert.InDelta(t, 2, shown.Run.Intensity, 0)
	assert.Equal(t, 1, s.List().Running)

	require.Eventually(t, func() bool { _, err := os.Stat(ready); return err == nil }, 20*time.Second, 5*time.Millisecond)
	require.NoError(t, s.Stop(t.Context(), "normal"))
	run := await(t, s, "normal", "ended")
	assert.Equal(t, "stopped", run.Outcome)
	assert.Equal(t, &api.Summary{Requests: 7, Success: 6, Failures: 1, RPS: 3.5, AverageMs: 20, P95Ms: 40}, run.Summary)
	assert.NotNil(t, run.EndedAt)
	assert.Empty(t, run.LastLines)
	require.NoError(t, s.Stop(t.Context(), "normal"), "nothing to stop")

	history := s.Runs()
	require.Len(t, history.Runs, 1)
	require.Len(t, history.Markers, 2)
	assert.Equal(t, "start", history.Markers[0].Kind)
	assert.Equal(t, "stop", history.Markers[1].Kind)
}

func TestToggle(t *testing.T) {
	s := prepare(t, nil)
	require.NoError(t, s.Toggle(t.Context(), "normal", nil))
	await(t, s, "normal", "running")
	require.NoError(t, s.Toggle(t.Context(), "normal", nil))
	await(t, s, "normal", "ended")
	require.NoError(t, s.Toggle(t.Context(), "normal", nil))
	assert.Equal(t, "running", await(t, s, "normal", "running").State)
	assert.Len(t, s.Runs().Runs, 2)
}

func TestDefaultScenarioRestarts(t *testing.T) {
	s := prepare(t, func(_ *scenario.Config, deps *scenario.Deps) {
		deps.Catalog = k6.Catalog{
			{ID: "spike", Default: true, Intensity: k6.Range{Min: 1, Default: 1, Max: 3}, Lasts: model.Duration(time.Nanosecond)},
		}
	})
	require.NoError(t, s.Start(t.Context(), "spike", new(3.0)))
	require.Eventually(t, func() bool { return len(s.Runs().Runs) > 2 }, 20*time.Second, 5*time.Millisecond)
	assert.InDelta(t, 3, s.Runs().Runs[0].Intensity, 0)
}

func TestRunsEnd(t *testing.T) {
	s := prepare(t, nil)
	require.NoError(t, s.Start(t.Context(), "spike", nil))
	assert.Equal(t, "completed", await(t, s, "spike", "ended").Outcome)
	require.NoError(t, s.Start(t.Context(), "chaotic", nil))
	failed := await(t, s, "chaotic", "ended")
	assert.Equal(t, "failed", failed.Outcome)
	assert.Equal(t, []string{"cannot reach the target"}, failed.LastLines)
	assert.NotEmpty(t, failed.Error)
	assert.Nil(t, failed.Summary)
}

func TestStartIsRefused(t *testing.T) {
	s := prepare(t, nil)
	require.ErrorIs(t, s.Start(t.Context(), "other", nil), scenario.ErrUnknown)
	require.ErrorIs(t, s.Start(t.Context(), "../normal", nil), scenario.ErrUnknown)
	require.ErrorIs(t, s.Stop(t.Context(), "other"), scenario.ErrUnknown)
	require.ErrorIs(t, s.Start(t.Context(), "normal", new(1000.0)), scenario.ErrIntensity)
	require.ErrorIs(t, s.Start(t.Context(), "normal", new(-1.0)), scenario.ErrIntensity)

	require.NoError(t, s.Start(t.Context(), "normal", nil))
	require.NoError(t, s.Start(t.Context(), "hash-bad", nil))
	require.ErrorIs(t, s.Start(t.Context(), "hash-good", nil), scenario.ErrLimit)
	require.NoError(t, s.Stop(t.Context(), "hash-bad"))
	await(t, s, "hash-bad", "ended")
	require.NoError(t, s.Start(t.Context(), "hash-good", nil), "there is room again")

	require.NoError(t, s.Close(t.Context()))
	assert.Zero(t, s.List().Running)
	require.ErrorIs(t, s.Start(t.Context(), "normal", nil), scenario.ErrClosed)

	without := prepare(t, func(_ *scenario.Config, deps *scenario.Deps) { deps.Runner, deps.Missing = nil, k6.ErrNoBinary })
	require.ErrorIs(t, without.Start(t.Context(), "normal", nil), k6.ErrNoBinary)
	assert.False(t, without.List().Available)
	assert.NotEmpty(t, without.List().Reason)
}

func TestHistoryIsBounded(t *testing.T) {
	s := prepare(t, nil)
	require.NoError(t, s.Start(t.Context(), "normal", nil))
	for range 105 {
		require.NoError(t, s.Start(t.Context(), "spike", nil))
		await(t, s, "spike", "ended")
	}
	runs := s.Runs().Runs
	assert.LessOrEqual(t, len(runs), 101)
	shown, _ := s.Show("normal")
	assert.True(t, shown.Active, "what runs is not forgotten")
}

func TestAutostart(t *testing.T) {
	s := prepare(t, nil)
	var asked atomic.Int64
	require.NoError(t, s.Autostart(t.Context(), func(context.Context) error {
		if asked.Add(1) < 3 {
			return errors.New("not ready")
		}
		return nil
	}))
	assert.Equal(t, int64(3), asked.Load())
	shown, _ := s.Show("normal")
	assert.True(t, shown.Active)
	assert.Equal(t, 1, s.List().Running)
}

// TestRealK6 runs a real script against a server that counts requests.
func TestRealK6(t *testing.T) {
	binary := testkit.K6(t)
	var lists atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		lists.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ready","dependencies":[],"deals":[{"id":"d-00001"}],"warnings":[],"meta":{"requestId":"x"}}`))
	}))
	t.Cleanup(target.Close)
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: binary, Dir: t.TempDir(), Target: target.URL})
	require.NoError(t, err)
	s := prepare(t, func(_ *scenario.Config, deps *scenario.Deps) { deps.Runner = runner })
	require.NoError(t, s.Start(t.Context(), "high-throughput", nil))
	require.Eventually(t, func() bool { return lists.Load() > 1000 }, 60*time.Second, 20*time.Millisecond)
	require.NoError(t, s.Stop(t.Context(), "high-throughput"))
	require.Eventually(t, func() bool {
		shown, _ := s.Show("high-throughput")
		return shown.Run.State == "ended"
	}, 60*time.Second, 50*time.Millisecond)
	shown, _ := s.Show("high-throughput")
	assert.Equal(t, "stopped", shown.Run.Outcome, "%s %v", shown.Run.Error, shown.Run.LastLines)
	require.NotNil(t, shown.Run.Summary)
	const clients, setup = 200, 10 // k6 does not count the request that each client has in progress when it is stopped
	assert.InDelta(t, lists.Load(), shown.Run.Summary.Requests, clients+setup)
}
