// Package comparison runs the flame graph comparison for the dashboard, one at a time, and keeps its last report.
package comparison

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"deals.example/internal/flame"
	"deals.example/lab/heavyhash"
	"deals.example/services/slodashboard/api"
)

// ErrRunning is returned while a comparison is running.
var ErrRunning = errors.New("a comparison is already running")

// Run writes a report to dir, which must not exist, and reports its progress, like heavyhash.Run.
type Run func(ctx context.Context, dir string, progress func(heavyhash.Step)) (flame.Report, error)

// Job is the comparison. It may be used concurrently.
type Job struct {
	dir     string
	run     Run
	running sync.WaitGroup

	mu     sync.Mutex
	cancel context.CancelFunc // of the running comparison, else nil
	number int                // of the reports
	state  api.Flame
	report *flame.Report
}

// New returns a job that keeps its reports in dir. It removes reports that a killed process left there.
func New(dir string, run Run) *Job {
	left, _ := filepath.Glob(filepath.Join(dir, "report-*")) // the pattern is valid
	for _, report := range left {
		_ = os.RemoveAll(report) // if this fails, the next report names what is in its way
	}
	return &Job{dir: dir, run: run, state: api.Flame{State: "idle"}}
}

// Start starts a comparison, which outlives ctx. It returns ErrRunning while another one is running.
func (j *Job) Start(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.cancel != nil {
		return ErrRunning
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	j.cancel = cancel
	j.number++
	j.state = api.Flame{State: "running", StartedAt: new(time.Now())}
	dir := filepath.Join(j.dir, "report-"+strconv.Itoa(j.number))
	j.running.Go(func() {
		defer cancel()
		report, err := j.run(ctx, dir, j.progress)
		j.finish(report, err)
	})
	return nil
}

func (j *Job) progress(step heavyhash.Step) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state.Step = &api.FlameStep{
		Number: step.Number, Of: step.Of, Name: step.Name, ElapsedSec: step.Elapsed.Seconds(), TakesSec: step.Takes.Seconds(),
		Goroutines: step.Goroutines, Runnable: step.Runnable,
	}
}

func (j *Job) finish(report flame.Report, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cancel, j.state.Step, j.state.EndedAt = nil, nil, new(time.Now())
	if err != nil {
		j.state.State, j.state.Error = "failed", err.Error()
		return
	}
	if j.report != nil {
		_ = os.RemoveAll(j.report.Dir) // only the last report is kept; a leftover folder does no harm
	}
	j.state.State, j.report = "done", &report
}

// Close cancels the running comparison and waits for its end.
func (j *Job) Close() {
	j.mu.Lock()
	if j.cancel != nil {
		j.cancel()
	}
	j.mu.Unlock()
	j.running.Wait()
}

// State returns the state of the job. under is the path of the report's files, with a slash at its end.
func (j *Job) State(under string) api.Flame {
	j.mu.Lock()
	defer j.mu.Unlock()
	state := j.state
	if j.report != nil {
		state.Report = describe(*j.report, under)
	}
	return state
}

func describe(report flame.Report, under string) *api.FlameReport {
	described := &api.FlameReport{
		MadeAt: report.Created, Title: report.Title, Meaning: report.Meaning, URL: under + flame.PageFile,
		Files: []api.FlameFile{}, Rows: []api.FlameRow{},
	}
	for _, name := range report.Files {
		described.Files = append(described.Files, api.FlameFile{Name: name, URL: under + name})
	}
	for _, row := range report.Rows {
		described.Rows = append(described.Rows, api.FlameRow{
			ID: row.ID, Label: row.Label, Unit: row.Unit, Bad: row.Base, Good: row.Compare, Better: string(row.Better),
		})
	}
	return described
}

// File returns the path of a file of the last report and the Content-Security-Policy to serve it with. It returns an error for a name that
// is not part of the report, so no other file is ever opened.
func (j *Job) File(name string) (path, policy string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.report == nil {
		return "", "", errors.New("there is no report yet")
	}
	for _, known := range append([]string{flame.PageFile, flame.JSONFile}, j.report.Files...) {
		if known == name {
			return filepath.Join(j.report.Dir, known), policyOf(j.report.CSP), nil
		}
	}
	return "", "", fmt.Errorf("the report has no file %q", name)
}

// policyOf allows the inline script and style of the page, and framing by pages of this origin.
func policyOf(inline flame.PageSources) string {
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
		inline.Script, inline.Style)
}
