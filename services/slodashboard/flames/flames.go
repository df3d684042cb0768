// Package flames runs the flame graph comparison for the dashboard, one at a time, and keeps the folder of its last report.
package flames

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
	"deals.example/services/slodashboard/api"
)

// ErrRunning says that a comparison runs already.
var ErrRunning = errors.New("a comparison runs already")

// Drive makes a report in dir, which it makes too, and tells how far it is; flame.Drive does.
type Drive func(ctx context.Context, dir string, progress func(flame.Step)) (flame.Report, error)

// Job is the comparison. It may be used concurrently.
type Job struct {
	dir     string
	drive   Drive
	running sync.WaitGroup

	mu     sync.Mutex
	cancel context.CancelFunc // of the one that runs, else nil
	number int                // of the reports
	state  api.Flame
	report *flame.Report
}

// New returns a job that keeps its reports below dir.
func New(dir string, drive Drive) *Job {
	return &Job{dir: dir, drive: drive, state: api.Flame{State: "idle"}}
}

// Start starts a comparison, which goes on when ctx ends.
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
		report, err := j.drive(ctx, dir, j.progress)
		j.finish(report, err)
	})
	return nil
}

func (j *Job) progress(step flame.Step) {
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
		_ = os.RemoveAll(j.report.Dir) // one is kept; a folder that stays harms nobody
	}
	j.state.State, j.report = "done", &report
}

// Close ends the comparison that runs and waits for its end.
func (j *Job) Close() {
	j.mu.Lock()
	if j.cancel != nil {
		j.cancel()
	}
	j.mu.Unlock()
	j.running.Wait()
}

// State is how the job stands. under is the path that the report's files are served under, with a slash at its end.
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

// File is the path of a file of the last report, and the policy that lets its page be what it is. Names that the report does not have are
// errors: nothing else is ever opened.
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

// policyOf allows the page what is inline in it, by its hashes, and to be framed by ours.
func policyOf(inline flame.PageSources) string {
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
		inline.Script, inline.Style)
}
