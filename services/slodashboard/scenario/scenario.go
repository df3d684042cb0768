// Package scenario runs the scenarios of the lab for the dashboard: each is a k6 of its own that is watched, limited in number and stopped
// with the dashboard, while Prometheus is asked whether what a learner should see is there. What ran is kept in memory only.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"deals.example/internal/settings"
	"deals.example/k6"
)

// Reasons for which a scenario does not start.
var (
	ErrUnknown   = errors.New("no such scenario")
	ErrLimit     = errors.New("the limit of concurrent scenarios is reached")
	ErrStopping  = errors.New("the scenario is still stopping")
	ErrIntensity = errors.New("intensity out of range")
	ErrClosed    = errors.New("the dashboard is shutting down")
)

// Config is the settings of the scenarios.
type Config struct {
	Target    string
	Limit     int
	Autostart bool
	Binary    string
	Dir       string
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.URL(&c.Target, "EXPERIENCE_API_URL", "http://127.0.0.1:3000").Help("experience API that scenarios load")
	s.Int(&c.Limit, "SCENARIO_LIMIT", 4).Between(1, 16).Help("scenarios that may run at once, each a k6 process")
	s.Bool(&c.Autostart, "SCENARIO_AUTOSTART", true).Help("true starts the default scenario once the experience API is ready")
	s.Text(&c.Binary, "K6_BINARY", "").
		Help("k6 with the extension of this platform; empty: the one beside this program, else on PATH")
	s.Text(&c.Dir, "K6_DIR", "").Help("folder for k6's scripts; empty: a temporary one")
}

// Deps is what a Supervisor works with.
type Deps struct {
	Catalog k6.Catalog
	Runner  *k6.Runner // nil: nothing can be started
	Missing error      // why there is no Runner
	// Ask returns the value of a PromQL expression, nil when it has none.
	Ask    func(ctx context.Context, query string) (*float64, error)
	Logger *slog.Logger
}

// Supervisor starts, watches and stops scenarios. It may be used concurrently.
type Supervisor struct {
	cfg   Config
	deps  Deps
	since time.Time

	following sync.WaitGroup // a goroutine for each k6

	mu     sync.Mutex
	closed bool
	lastID int
	runs   []*run // oldest first, those that ended bounded by historyLimit
}

// historyLimit is how many runs are kept.
const historyLimit = 100

// New returns a supervisor of which nothing runs yet.
func New(cfg Config, deps Deps) *Supervisor {
	return &Supervisor{cfg: cfg, deps: deps, since: time.Now()}
}

// Start starts a scenario, which then runs until it is stopped or has lasted its time, whatever becomes of ctx. One that runs already is left as it is. intensity nil is
// the scenario's default.
func (s *Supervisor) Start(ctx context.Context, id string, intensity *float64) error {
	scenario, known := s.deps.Catalog.Find(id)
	if !known {
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	load := scenario.Intensity.Default
	if intensity != nil {
		load = *intensity
	}
	if !scenario.Intensity.Contains(load) {
		return fmt.Errorf("%w: %g", ErrIntensity, load)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if current := s.current(id); current != nil {
		if current.stopping {
			return ErrStopping
		}
		return nil
	}
	if err := s.mayStart(); err != nil {
		return err
	}
	return s.begin(context.WithoutCancel(ctx), scenario, load)
}

// mayStart is called with mu held.
func (s *Supervisor) mayStart() error {
	switch {
	case s.closed:
		return ErrClosed
	case s.deps.Runner == nil:
		return s.deps.Missing
	case s.active() >= s.cfg.Limit:
		return fmt.Errorf("%w: %d", ErrLimit, s.cfg.Limit)
	}
	return nil
}

// begin starts k6, with mu held, so that the limit is one.
func (s *Supervisor) begin(ctx context.Context, scenario k6.Scenario, load float64) error {
	process, err := s.deps.Runner.Start(ctx, k6.Run{
		Script: scenario.Script(), Scenario: scenario.ID, Duration: time.Duration(scenario.Lasts), Intensity: load,
	})
	if err != nil {
		return err
	}
	s.lastID++
	started := newRun(s.lastID, scenario, load, process)
	s.runs = append(s.runs, started)
	s.forget()
	s.following.Go(func() { s.follow(ctx, started) })
	return nil
}

// follow waits for the end of a run and notes it. The default scenario begins anew when its time is over.
func (s *Supervisor) follow(ctx context.Context, r *run) {
	<-r.process.Done()
	result := r.process.Result()
	s.mu.Lock()
	defer s.mu.Unlock()
	r.end(result)
	if r.outcome == outcomeFailed {
		s.deps.Logger.WarnContext(ctx, "scenario failed", "scenario", r.scenario.ID, "error", result.Err)
	}
	if r.scenario.Default && r.hasLasted() && s.mayStart() == nil {
		if err := s.begin(ctx, r.scenario, r.intensity); err != nil {
			s.deps.Logger.WarnContext(ctx, "the default scenario does not begin anew", "scenario", r.scenario.ID, "error", err)
		}
	}
}

// Stop asks a scenario to stop and does not wait for its end. One that does not run is left as it is.
func (s *Supervisor) Stop(ctx context.Context, id string) error {
	if _, known := s.deps.Catalog.Find(id); !known {
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if current := s.current(id); current != nil && !current.stopping {
		s.halt(context.WithoutCancel(ctx), current)
	}
	return nil
}

// halt is called with mu held. A k6 that takes too long is killed by its Process.
func (s *Supervisor) halt(ctx context.Context, r *run) {
	r.stopping = true
	s.following.Go(func() {
		if _, err := r.process.Stop(ctx); err != nil {
			s.deps.Logger.WarnContext(ctx, "scenario did not stop by itself", "scenario", r.scenario.ID, "error", err)
		}
	})
}

// Toggle starts a scenario that does not run and stops one that does.
func (s *Supervisor) Toggle(ctx context.Context, id string, intensity *float64) error {
	s.mu.Lock()
	current := s.current(id)
	s.mu.Unlock()
	if current != nil {
		return s.Stop(ctx, id)
	}
	return s.Start(ctx, id, intensity)
}

// Close stops everything and waits until it has ended; what still runs when ctx ends is killed. Nothing starts any more.
func (s *Supervisor) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	for _, r := range s.runs {
		if r.running() {
			s.halt(ctx, r)
		}
	}
	s.mu.Unlock()
	s.following.Wait()
	return nil
}

// current is the run of a scenario that has not ended, nil when there is none. mu is held.
func (s *Supervisor) current(id string) *run {
	i := slices.IndexFunc(s.runs, func(r *run) bool { return r.scenario.ID == id && r.running() })
	if i < 0 {
		return nil
	}
	return s.runs[i]
}

// active counts what runs. mu is held.
func (s *Supervisor) active() int {
	active := 0
	for _, r := range s.runs {
		if r.running() {
			active++
		}
	}
	return active
}

// forget drops the oldest run that has ended when there are too many. mu is held.
func (s *Supervisor) forget() {
	if len(s.runs) <= historyLimit {
		return
	}
	oldest := slices.IndexFunc(s.runs, func(r *run) bool { return !r.running() })
	if oldest >= 0 {
		s.runs = slices.Delete(s.runs, oldest, oldest+1)
	}
}
