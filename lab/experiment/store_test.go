package experiment_test

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/lab/experiment"
)

// ended returns the result of a run in which the rounds took this long.
func ended(run string) experiment.Result {
	e := retries()
	rounds := measured([]float64{500, 700}, []float64{100, 120})
	for i := range rounds {
		rounds[i].Charts = []experiment.Chart{{Stream: "details", Due: []float64{10, 10}, Good: []float64{10, 5}, Refused: []float64{0, 5}, P95Ms: []float64{500, 700}}}
	}
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return experiment.Result{
		ID: run, Experiment: e, Started: start, Ended: start.Add(time.Minute), Repeats: 2, Seed: 1, Rounds: rounds, Verdict: experiment.Judge(e, "", rounds),
		Machine: experiment.Machine{Processors: 2, System: "linux/amd64", Go: "go1.26", Version: "v1"},
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "experiments")
	store, err := experiment.NewStore(dir)
	require.NoError(t, err)
	runs, err := store.Runs("retries")
	require.NoError(t, err)
	assert.Empty(t, runs)

	first := ended("20260102-030405-retries")
	require.NoError(t, store.Add(first))
	require.NoError(t, store.Add(ended("20260102-030406-other-retries")))
	kept, err := store.Get(first.ID)
	require.NoError(t, err)
	assert.Equal(t, first, kept)
	for i := range experiment.KeptRuns {
		require.NoError(t, store.Add(ended(fmt.Sprintf("20260103-0304%02d-retries", i))))
	}
	runs, err = store.Runs("retries")
	require.NoError(t, err)
	assert.Len(t, runs, experiment.KeptRuns)
	assert.Equal(t, "20260103-030419-retries", runs[0], "the newest first")
	_, err = store.Get(first.ID)
	require.ErrorIs(t, err, experiment.ErrNoRun, "the oldest gave way")
	_, err = store.Report(first.ID)
	require.ErrorIs(t, err, experiment.ErrNoRun)
	_, err = store.Get("20260102-030406-other-retries")
	require.NoError(t, err, "of another experiment")
	left, err := filepath.Glob(filepath.Join(dir, "*.part"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestStoreOpensNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.html"), []byte("x"), 0o600))
	store, err := experiment.NewStore(filepath.Join(dir, "experiments"))
	require.NoError(t, err)
	for _, run := range []string{"", "../secret", "20260102-030405-../../secret", "20260102-030405-", "20260102-030405-retries/.."} {
		_, err := store.Report(run)
		require.ErrorIs(t, err, experiment.ErrNoRun, run)
	}
	_, err = experiment.NewStore(filepath.Join(dir, "secret.html", "below"))
	require.ErrorContains(t, err, "folder of experiments")
}

func TestReport(t *testing.T) {
	t.Parallel()
	store, err := experiment.NewStore(t.TempDir())
	require.NoError(t, err)
	r := ended("20260102-030405-retries")
	r.Experiment.Title = "Retries <script>alert(1)</script>"
	require.NoError(t, store.Add(r))
	text, err := store.Report(r.ID)
	require.NoError(t, err)
	page := string(text)
	for _, part := range []string{
		"Retries &lt;script&gt;", "0 of 1 promises met.", "600 ms (500 ms to 700 ms)", "110 ms (100 ms to 120 ms)", "5.45 times",
		"prices are slow, from 1s for 1s", "experience-api: retry is fixed=3", "details: detail at 10 per second for 2s",
		"2 January 2026, 03:04:05 UTC", "2 processors, linux/amd64, go1.26, version v1", `<polyline class="arm0" points="48.0,`,
	} {
		assert.Contains(t, page, part)
	}
	assert.NotContains(t, page, "<script")
	assert.NotContains(t, page, " style=", "the policy forbids it")
	assert.Contains(t, page, html.EscapeString(experiment.Policy()))
}
