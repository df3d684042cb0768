package scenario

import (
	"time"

	"deals.example/k6"
	"deals.example/services/slodashboard/api"
)

// Outcomes of a run.
const (
	outcomeStopped   = "stopped"
	outcomeCompleted = "completed"
	outcomeFailed    = "failed"
)

// run is one run of a scenario. The supervisor's mutex guards it.
type run struct {
	id        int
	scenario  k6.Scenario
	intensity float64
	process   *k6.Process
	started   time.Time
	stopping  bool // Stop was called
	checks    []check
	recorded  chan struct{} // closed once the end is recorded

	ended   time.Time // zero while running
	outcome string
	result  k6.Result
}

func newRun(id int, scenario k6.Scenario, intensity float64, process *k6.Process) *run {
	r := &run{id: id, scenario: scenario, intensity: intensity, process: process, started: time.Now(), recorded: make(chan struct{})}
	for _, expectation := range scenario.Expectations {
		r.checks = append(r.checks, check{expectation: expectation, state: pending})
	}
	return r
}

func (r *run) running() bool { return r.ended.IsZero() }

func (r *run) end(result k6.Result) {
	r.result, r.ended = result, result.Ended
	bySignal := r.stopping && result.ExitCode == -1 // it had no signal handler yet, or did not stop in time
	switch {
	case result.Err != nil && !bySignal:
		r.outcome = outcomeFailed
	case r.stopping:
		r.outcome = outcomeStopped
	default:
		r.outcome = outcomeCompleted
	}
}

// hasLasted reports whether the run ended because its duration was over.
func (r *run) hasLasted() bool {
	return r.outcome == outcomeCompleted && r.result.Ended.Sub(r.result.Started) >= time.Duration(r.scenario.Lasts)
}

// watched reports whether the run's expectations are still checked.
func (r *run) watched(now time.Time) bool {
	if r.running() {
		return true
	}
	for _, c := range r.checks {
		if c.recovering(r, now) {
			return true
		}
	}
	return false
}

func (r *run) describe(now time.Time) *api.Run {
	described := &api.Run{
		ID: r.id, Scenario: r.scenario.ID, State: "running", Outcome: r.outcome, Intensity: r.intensity, StartedAt: r.started,
		ElapsedSec: now.Sub(r.started).Seconds(), LastLines: []string{}, Checks: []api.Check{}, ThresholdsFailed: r.result.ThresholdsFailed,
	}
	for _, c := range r.checks {
		described.Checks = append(described.Checks, c.describe())
	}
	if r.running() {
		if r.stopping {
			described.State = "stopping"
		}
		return described
	}
	described.State, described.EndedAt, described.ElapsedSec = "ended", &r.ended, r.ended.Sub(r.started).Seconds()
	if r.outcome == outcomeFailed {
		described.Error, described.LastLines = r.result.Err.Error(), append(described.LastLines, r.result.LastLines...)
	}
	if summary := r.result.Summary; summary != nil {
		described.Summary = new(api.Summary(*summary))
	}
	return described
}
