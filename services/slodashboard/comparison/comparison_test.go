package comparison_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/flame"
	"deals.example/lab/heavyhash"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/comparison"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// drive makes empty reports when it is allowed to.
type drive struct {
	let chan error
}

func (d drive) run(ctx context.Context, dir string, progress func(heavyhash.Step)) (flame.Report, error) {
	progress(heavyhash.Step{Number: 2, Of: 4, Name: "hash-bad", Takes: time.Second})
	select {
	case err := <-d.let:
		if err != nil {
			return flame.Report{}, err
		}
	case <-ctx.Done():
		return flame.Report{}, ctx.Err()
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return flame.Report{}, err
	}
	return flame.Report{
		Dir: dir, Title: "bad against good", Files: []string{flame.BaseFile}, Rows: []flame.Row{{ID: "p99", Base: 100, Compare: 3, Better: flame.Lower}},
		CSP: flame.PageSources{Script: "'sha256-a'", Style: "'sha256-b'"},
	}, nil
}

func await(t *testing.T, job *comparison.Job, state string) api.Flame {
	t.Helper()
	require.Eventually(t, func() bool { return job.State("/r/").State == state }, 5*time.Second, time.Millisecond, state)
	return job.State("/r/")
}

func TestOneAtATime(t *testing.T) {
	dir, d := t.TempDir(), drive{make(chan error)}
	job := comparison.New(dir, d.run)
	t.Cleanup(job.Close)
	assert.Equal(t, "idle", job.State("/r/").State)
	_, _, err := job.File(flame.PageFile)
	require.Error(t, err)

	require.NoError(t, job.Start(t.Context()))
	require.ErrorIs(t, job.Start(t.Context()), comparison.ErrRunning)
	require.Eventually(t, func() bool { return job.State("/r/").Step != nil }, 5*time.Second, time.Millisecond)
	assert.Equal(t, api.FlameStep{Number: 2, Of: 4, Name: "hash-bad", TakesSec: 1}, *job.State("/r/").Step)
	d.let <- nil
	done := await(t, job, "done")
	assert.Equal(t, "/r/report.html", done.Report.URL)
	assert.Equal(t, []api.FlameFile{{Name: flame.BaseFile, URL: "/r/" + flame.BaseFile}}, done.Report.Files)
	assert.Equal(t, []api.FlameRow{{ID: "p99", Bad: 100, Good: 3, Better: "lower"}}, done.Report.Rows)

	path, policy, err := job.File(flame.PageFile)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "report-1", flame.PageFile), path)
	assert.Equal(t, "default-src 'none'; script-src 'sha256-a'; style-src 'sha256-b'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'", policy)
	for _, name := range []string{"", "..", "../report-1/report.html", "other.pb.gz", flame.CompareFile} {
		_, _, err := job.File(name)
		require.Error(t, err, name)
	}
}

func TestLastReportIsKept(t *testing.T) {
	dir, d := t.TempDir(), drive{make(chan error)}
	job := comparison.New(dir, d.run)
	t.Cleanup(job.Close)
	for _, outcome := range []error{nil, errors.New("out of luck"), nil} {
		require.NoError(t, job.Start(t.Context()))
		d.let <- outcome
		if outcome == nil {
			await(t, job, "done")
			continue
		}
		failed := await(t, job, "failed")
		assert.Equal(t, "out of luck", failed.Error)
		assert.NotNil(t, failed.Report, "of the one before")
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "folders of earlier reports are left")
	assert.Equal(t, "report-3", entries[0].Name())
}

func TestClose(t *testing.T) {
	job := comparison.New(t.TempDir(), drive{make(chan error)}.run)
	require.NoError(t, job.Start(t.Context()))
	job.Close()
	assert.Equal(t, "failed", job.State("/r/").State)
}
