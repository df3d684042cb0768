// Package experiments runs the lab's experiments for the dashboard, one at a time, and shows their results.
package experiments

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"deals.example/lab/experiment"
	"deals.example/services/slodashboard/api"
)

// ErrUnknown is returned for an experiment that is not in the catalog.
var ErrUnknown = errors.New("no such experiment")

// States of a run.
const (
	running  = "running"
	stopping = "stopping"
	done     = "done"
	stopped  = "stopped"
	failed   = "failed"
)

// Deps holds the dependencies of a Lab.
type Deps struct {
	Catalog experiment.Catalog
	Engine  *experiment.Engine
	Store   *experiment.Store
	Missing error  // why no experiment with a load can run; nil: they can
	Report  string // path under which reports are served, with a slash at its end
}

// Lab runs experiments. It may be used concurrently.
type Lab struct {
	deps    Deps
	running sync.WaitGroup

	mu     sync.Mutex
	cancel context.CancelFunc // of the current run, else nil
	takes  time.Duration      // the current run, about
	replay bool               // the current run leaves the platform alone
	at     experiment.Progress
	run    *api.ExperimentRun               // the current run, else the last one
	known  map[string]api.ExperimentVerdict // of ended runs, whose results don't change; at most maxKnown
}

// maxKnown bounds the verdicts in memory: those of all runs that the store keeps of some dozens of experiments.
const maxKnown = 1000

// New returns a lab that runs nothing.
func New(deps Deps) *Lab { return &Lab{deps: deps, known: map[string]api.ExperimentVerdict{}} }

// Start starts a run, which outlives ctx.
func (l *Lab) Start(ctx context.Context, id string, o experiment.Options) error {
	e, known := l.deps.Catalog.Find(id)
	if !known {
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	if err := l.deps.Engine.Missing(e); err != nil {
		return err
	}
	if err := o.Check(e); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		return fmt.Errorf("%w: %s", experiment.ErrRunning, l.run.Experiment)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l.cancel, l.takes, l.replay, l.at = cancel, o.Takes(e), e.Replay != "", experiment.Progress{}
	l.run = &api.ExperimentRun{Experiment: id, State: running, StartedAt: time.Now()}
	l.running.Go(func() {
		defer cancel()
		result, err := l.deps.Engine.Run(ctx, e, o, l.tell)
		if err == nil {
			err = l.deps.Store.Add(result)
		}
		l.finish(err)
	})
	return nil
}

func (l *Lab) tell(at experiment.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = at
}

func (l *Lab) finish(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel, l.run.EndedAt = nil, new(time.Now())
	switch {
	case err == nil:
		l.run.State = done
	case l.run.State == stopping && errors.Is(err, context.Canceled):
		l.run.State = stopped
	default:
		l.run.State, l.run.Error = failed, err.Error()
	}
}

// Stop asks the current run, if there is one, to stop, and does not wait for its end.
func (l *Lab) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		l.run.State = stopping
		l.cancel()
	}
}

// Close stops the current run and waits until it has put everything back.
func (l *Lab) Close() {
	l.Stop()
	l.running.Wait()
}

// Run returns the current run, else the last one, else nil.
func (l *Lab) Run() *api.ExperimentRun {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run == nil {
		return nil
	}
	run, at := *l.run, l.at
	run.Arm, run.Round, run.Rounds, run.Phase = at.Arm, at.Round, at.Rounds, string(at.Phase)
	run.ElapsedSec, run.LengthSec, run.Disturbed = min(at.Elapsed, at.Length).Seconds(), at.Length.Seconds(), at.Disturbed
	run.Charts = chartsOf(at.Done)
	if l.cancel != nil {
		run.LeftSec = max(l.takes-time.Since(run.StartedAt), 0).Seconds()
		run.Charts = append(run.Charts, describeCharts(at.Arm, at.Round, at.Charts)...)
	}
	return &run
}

// Loading returns the id of the experiment that has the platform for itself now, or "". A replay needs nothing of it.
func (l *Lab) Loading() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel == nil || l.replay {
		return ""
	}
	return l.run.Experiment
}

// List returns the catalog.
func (l *Lab) List() (api.Experiments, error) {
	list := api.Experiments{Available: l.deps.Missing == nil, Run: l.Run(), Experiments: []api.ExperimentCard{}}
	if l.deps.Missing != nil {
		list.Reason = l.deps.Missing.Error()
	}
	for _, e := range l.deps.Catalog {
		verdicts, err := l.verdicts(e.ID, 1)
		if err != nil {
			return list, err
		}
		list.Experiments = append(list.Experiments, card(e, verdicts))
	}
	return list, nil
}

// Show returns an experiment with its last result.
func (l *Lab) Show(id string) (api.ExperimentDetail, error) {
	e, known := l.deps.Catalog.Find(id)
	if !known {
		return api.ExperimentDetail{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	verdicts, err := l.verdicts(id, experiment.KeptRuns)
	if err != nil {
		return api.ExperimentDetail{}, err
	}
	detail := describe(e, verdicts)
	if err := l.deps.Engine.Missing(e); err != nil {
		detail.Missing = err.Error()
	}
	if len(verdicts) > 0 {
		result, err := l.Result(verdicts[0].Run)
		if err != nil {
			return detail, err
		}
		detail.Result = &result
	}
	return detail, nil
}

// Result returns what a run measured.
func (l *Lab) Result(run string) (api.ExperimentResult, error) {
	r, err := l.deps.Store.Get(run)
	if err != nil {
		return api.ExperimentResult{}, err
	}
	return describeResult(r, l.verdict(r)), nil
}

// Report returns the page of a run.
func (l *Lab) Report(run string) ([]byte, error) { return l.deps.Store.Report(run) }

// verdicts returns the verdicts of the latest runs of an experiment, newest first.
func (l *Lab) verdicts(id string, count int) ([]api.ExperimentVerdict, error) {
	runs, err := l.deps.Store.Runs(id)
	verdicts := []api.ExperimentVerdict{}
	for _, run := range runs[:min(count, len(runs))] {
		v, readErr := l.recall(run)
		if readErr != nil {
			return nil, readErr
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, err
}

// recall returns the verdict of a run. It reads the result once.
func (l *Lab) recall(run string) (api.ExperimentVerdict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v, known := l.known[run]; known {
		return v, nil
	}
	r, err := l.deps.Store.Get(run)
	if err != nil {
		return api.ExperimentVerdict{}, err
	}
	if len(l.known) >= maxKnown {
		clear(l.known)
	}
	l.known[run] = l.verdict(r)
	return l.known[run], nil
}

func (l *Lab) verdict(r experiment.Result) api.ExperimentVerdict {
	v := api.ExperimentVerdict{
		Run: r.ID, EndedAt: r.Ended, Repeats: r.Repeats, Quick: r.Quick, Arm: r.Arm, Of: len(r.Verdict.Promises), Report: l.deps.Report + r.ID + ".html",
	}
	for _, checked := range r.Verdict.Promises {
		if checked.Outcome == experiment.Met {
			v.Met++
		}
	}
	return v
}
