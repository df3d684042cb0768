package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deals.example/internal/platform"
	"deals.example/internal/strict"
	"deals.example/k6"
	"deals.example/lab/control"
	"deals.example/lab/replay"
)

// Bounds of Options.Repeats.
const (
	DefaultRepeats = 3
	MaxRepeats     = 10
)

// quickly is by how much the times of a quick run are shorter.
const quickly = 2

// Errors of Engine.Run.
var (
	ErrRunning = errors.New("an experiment is running")
	ErrOptions = errors.New("invalid option")
	ErrUnready = errors.New("the platform can't run experiments")
)

// Deps holds the dependencies of an Engine.
type Deps struct {
	Admin   Admin
	Runner  *k6.Runner
	Missing error // why Runner is nil
	// Promtool evaluates the alerts of replays.
	Promtool   *replay.Promtool
	NoPromtool error // why Promtool is nil
	// Ask returns the value of a PromQL expression at a time, or nil if it has none.
	Ask func(ctx context.Context, query string, at time.Time) (*float64, error)
	// Pause stops all other load, and returns a function that resumes it.
	Pause    func(ctx context.Context, why string) (resume func(context.Context), err error)
	Dir      string // for timelines; must exist
	Version  string // of this program
	Logger   *slog.Logger
	Registry prometheus.Registerer // of the engine's metrics; optional
}

// Options say how to run an experiment.
type Options struct {
	Repeats int    // rounds; default DefaultRepeats; a replay has one
	Arm     string // only this one; empty: all
	Quick   bool   // times are halved, except in a replay
	Seed    int    // of what the requests ask for; default 1
	Bounds  Bounds // in place of those of the experiment, also of a quick run
}

// Phase is what a run does.
type Phase string

// Phases of a round, in their order.
const (
	Settling  Phase = "settling"  // waits for empty queues and closed breakers
	Preparing Phase = "preparing" // fills or empties the read model, and starts k6
	Loading   Phase = "loading"
	Measuring Phase = "measuring" // waits for Prometheus, and computes the measures
	Replaying Phase = "replaying" // the only one of a replay
)

// Progress is where a run is.
type Progress struct {
	Arm       string        `json:"arm"`
	Round     int           `json:"round"` // from 1
	Rounds    int           `json:"rounds"`
	Phase     Phase         `json:"phase"`
	Started   time.Time     `json:"-"`         // of the load
	Elapsed   time.Duration `json:"-"`         // of the load
	Length    time.Duration `json:"-"`         // of the load
	Disturbed string        `json:"disturbed"` // what disturbs the platform now
	Charts    []Chart       `json:"charts"`    // of the current load
	Done      []Round       `json:"done"`
}

// Engine runs experiments, one at a time. It may be used concurrently.
type Engine struct {
	deps    Deps
	metrics *Metrics
	busy    sync.Mutex // held while an experiment runs
}

// New returns an engine.
func New(deps Deps) *Engine {
	n := &Engine{deps: deps, metrics: NewMetrics()}
	if deps.Registry != nil {
		deps.Registry.MustRegister(n.metrics)
	}
	return n
}

// Run runs an experiment and returns its rounds with the verdict. It calls tell about once per second, never concurrently. Whatever ends it, the
// settings are put back; when the process is killed, they are back within the lease of 12 s. If ctx ends, its error is returned.
func (n *Engine) Run(ctx context.Context, e Experiment, o Options, tell func(Progress)) (Result, error) {
	if !n.busy.TryLock() {
		return Result{}, ErrRunning
	}
	defer n.busy.Unlock()
	if err := o.Check(e); err != nil {
		return Result{}, err
	}
	o = o.complete(e)
	if o.Quick {
		e = e.Quick(quickly)
	}
	e = o.Bounds.In(e)
	if err := n.ready(ctx, e); err != nil {
		return Result{}, err
	}
	if e.Replay != "" {
		return n.rounds(ctx, e, o, tell)
	}
	resume, err := n.deps.Pause(ctx, "the experiment "+e.ID+" is running")
	if err != nil {
		return Result{}, err
	}
	defer resume(context.WithoutCancel(ctx))
	defer n.metrics.End()
	return n.rounds(ctx, e, o, func(at Progress) {
		n.metrics.Show(e.ID, at)
		tell(at)
	})
}

// Check returns ErrOptions if the options don't fit the experiment.
func (o Options) Check(e Experiment) error {
	if o.Repeats < 0 || o.Repeats > MaxRepeats {
		return fmt.Errorf("%w: repeats: got %d, want 1 to %d", ErrOptions, o.Repeats, MaxRepeats)
	}
	if _, known := e.Arm(o.Arm); !known && o.Arm != "" {
		return fmt.Errorf("%w: arm: got %q, want %s", ErrOptions, o.Arm, strict.OneOf(armIDs(e)...))
	}
	return o.Bounds.check(e)
}

// complete sets the defaults. A replay can give only one result, so it has one round, with the times of the recording.
func (o Options) complete(e Experiment) Options {
	o.Repeats, o.Seed = cmp.Or(o.Repeats, DefaultRepeats), cmp.Or(o.Seed, 1)
	if e.Replay != "" {
		o.Repeats, o.Quick = 1, false
	}
	return o
}

// Takes returns about how long a run with these options lasts.
func (o Options) Takes(e Experiment) time.Duration {
	o = o.complete(e)
	if o.Quick {
		e = e.Quick(quickly)
	}
	if only, known := e.Arm(o.Arm); known {
		e.Arms = []Arm{only}
	}
	return e.Takes(o.Repeats)
}

func armIDs(e Experiment) []string {
	var ids []string
	for _, arm := range e.Arms {
		ids = append(ids, arm.ID)
	}
	return ids
}

// Missing returns why an experiment can't run: the program that it needs is not there. It returns nil if it is.
func (n *Engine) Missing(e Experiment) error {
	switch {
	case e.Replay != "":
		return n.deps.NoPromtool
	case n.deps.Runner == nil:
		return n.deps.Missing
	}
	return nil
}

// ready returns an error, before anything is changed, if the platform lacks something that the experiment needs.
func (n *Engine) ready(ctx context.Context, e Experiment) error {
	if err := n.Missing(e); err != nil || e.Replay != "" {
		return unready(err)
	}
	if _, err := n.deps.Ask(ctx, "vector(1)", time.Now()); err != nil {
		return fmt.Errorf("%w: Prometheus does not answer: %w", ErrUnready, err)
	}
	for _, component := range e.Affected() {
		if err := n.controlled(ctx, component, e.settings()); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrUnready, component, err)
		}
	}
	return nil
}

func unready(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnready, err)
}

// controlled returns an error unless the component has all controls and options that the settings name.
func (n *Engine) controlled(ctx context.Context, component string, settings []Setting) error {
	var list control.List
	if err := n.deps.Admin.Get(ctx, component, control.Path, &list); err != nil {
		return err
	}
	for _, s := range settings {
		if s.Component != component || s.Control == "" {
			continue
		}
		i := slices.IndexFunc(list.Controls, func(c control.State) bool { return c.Name == s.Control })
		if i < 0 {
			return fmt.Errorf("it has no control %s", s.Control)
		}
		if err := list.Controls[i].Check(s.Option); err != nil {
			return fmt.Errorf("control %s: got %q: %w", s.Control, s.Option, err)
		}
	}
	return nil
}

func (n *Engine) rounds(ctx context.Context, e Experiment, o Options, tell func(Progress)) (Result, error) {
	result := newResult(e, o, n.deps.Version)
	for number := 1; number <= o.Repeats; number++ {
		for _, arm := range e.Arms {
			if o.Arm != "" && arm.ID != o.Arm {
				continue
			}
			at := Progress{Arm: arm.ID, Round: number, Rounds: o.Repeats, Length: e.Length(), Done: result.Rounds}
			run := n.round
			if e.Replay != "" {
				run = n.replay
			}
			round, err := run(ctx, e, arm, o.Seed+number, at, tell)
			if err != nil {
				return Result{}, fmt.Errorf("arm %s, round %d: %w", arm.ID, number, err)
			}
			result.Rounds = append(result.Rounds, round)
		}
	}
	result.Ended = time.Now()
	result.Verdict = Judge(e, o.Arm, result.Rounds)
	return result, nil
}

// sorted returns the keys of a set in order.
func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// scrapes is how long to wait so that Prometheus knows the end of a load.
const scrapes = 2 * platform.ScrapeInterval
