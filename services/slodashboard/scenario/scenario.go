// Package scenario runs the lab's scenarios for the dashboard. Each scenario is a k6 process. The number of concurrent scenarios is limited,
// and all stop with the dashboard. While a scenario runs, its expectations are checked in Prometheus. The history is kept in memory only.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"deals.example/internal/platform"
	"deals.example/internal/settings"
	"deals.example/k6"
)

// Errors of Supervisor's methods.
var (
	ErrUnknown   = errors.New("no such scenario")
	ErrLimit     = errors.New("the limit of concurrent scenarios is reached")
	ErrStopping  = errors.New("the scenario is still stopping")
	ErrIntensity = errors.New("intensity out of range")
	ErrPaused    = errors.New("scenarios are paused")
	ErrClosed    = errors.New("the dashboard is shutting down")
)

// DirVariable is the setting that names the folder of k6's scripts.
const DirVariable = "K6_DIR"

// Config holds the settings of the scenarios.
type Config struct {
	Target    string
	Limit     int
	Autostart bool
	Binary    string
	Dir       string
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.PartURL(&c.Target, platform.ExperienceAPI).Help("experience API that scenarios load")
	s.Int(&c.Limit, "SCENARIO_LIMIT", 4).Between(1, 16).Help("scenarios that may run at once, each a k6 process")
	s.Bool(&c.Autostart, "SCENARIO_AUTOSTART", true).Help("true starts the default scenario once the experience API is ready")
	s.Text(&c.Binary, "K6_BINARY", "").
		Help("k6 with the extension of this platform; empty: the one beside this program, else on PATH")
	s.Text(&c.Dir, DirVariable, "").Help("folder for k6's scripts; empty: a temporary one")
}

// Deps holds the dependencies of a Supervisor.
type Deps struct {
	Catalog k6.Catalog
	Runner  *k6.Runner // nil: no scenario can be started
	Missing error      // why Runner is nil
	// Ask returns the value of a PromQL expression, or nil if it has none.
	Ask    func(ctx context.Context, query string) (*float64, error)
	Logger *slog.Logger
}

// Supervisor starts, watches and stops scenarios. It may be used concurrently.
type Supervisor struct {
	cfg   Config
	deps  Deps
	since time.Time

	following sync.WaitGroup // one goroutine per k6 process

	mu     sync.Mutex
	closed bool
	paused string // why no scenario may run now; empty: they may
	lastID int
	runs   []*run // oldest first; at most historyLimit
}

// historyLimit is the maximum number of runs in the history.
const historyLimit = 100

// New returns a supervisor without running scenarios.
func New(cfg Config, deps Deps) *Supervisor {
	return &Supervisor{cfg: cfg, deps: deps, since: time.Now()}
}

// Start starts a scenario. It runs until it is stopped or its duration is over; it does not depend on ctx. If it is already running, Start does
// nothing. If intensity is nil, the scenario's default is used.
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

// mayStart returns an error if no scenario can be started. mu must be held.
func (s *Supervisor) mayStart() error {
	switch {
	case s.closed:
		return ErrClosed
	case s.paused != "":
		return fmt.Errorf("%w: %s", ErrPaused, s.paused)
	case s.deps.Runner == nil:
		return s.deps.Missing
	case s.active() >= s.cfg.Limit:
		return fmt.Errorf("%w: %d", ErrLimit, s.cfg.Limit)
	}
	return nil
}

// begin starts k6. mu must be held, so that the limit cannot be exceeded.
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

// follow waits for the end of a run and records it. It restarts the default scenario when its duration is over.
func (s *Supervisor) follow(ctx context.Context, r *run) {
	<-r.process.Done()
	result := r.process.Result()
	s.mu.Lock()
	defer s.mu.Unlock()
	r.end(result)
	close(r.recorded)
	if r.outcome == outcomeFailed {
		s.deps.Logger.WarnContext(ctx, "scenario failed", "scenario", r.scenario.ID, "error", result.Err)
	}
	if r.scenario.Default && r.hasLasted() && s.mayStart() == nil {
		if err := s.begin(ctx, r.scenario, r.intensity); err != nil {
			s.deps.Logger.WarnContext(ctx, "default scenario was not restarted", "scenario", r.scenario.ID, "error", err)
		}
	}
}

// Stop asks a scenario to stop and does not wait for its end. If the scenario is not running, Stop does nothing.
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

// halt stops a run in the background. Process.Stop kills a k6 that does not stop in time. mu must be held.
func (s *Supervisor) halt(ctx context.Context, r *run) {
	r.stopping = true
	s.following.Go(func() {
		if _, err := r.process.Stop(ctx); err != nil {
			s.deps.Logger.WarnContext(ctx, "scenario did not stop in time", "scenario", r.scenario.ID, "error", err)
		}
	})
}

// Toggle stops a running scenario and starts any other.
func (s *Supervisor) Toggle(ctx context.Context, id string, intensity *float64) error {
	s.mu.Lock()
	current := s.current(id)
	s.mu.Unlock()
	if current != nil {
		return s.Stop(ctx, id)
	}
	return s.Start(ctx, id, intensity)
}

// Close stops all scenarios and waits for their end. Those still running when ctx ends are killed. No scenario can be started afterwards.
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

// Pause stops all scenarios, waits for their end, and lets none start until the returned function is called, which starts those that were
// stopped again. It returns ErrPaused if they are paused already. If ctx ends, scenarios are not paused.
func (s *Supervisor) Pause(ctx context.Context, why string) (resume func(context.Context), err error) {
	s.mu.Lock()
	if err := s.mayPause(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.paused = why
	var stopped []*run
	for _, r := range s.runs {
		if r.running() && !r.stopping {
			stopped = append(stopped, r)
			s.halt(context.WithoutCancel(ctx), r)
		}
	}
	s.mu.Unlock()
	resume = func(ctx context.Context) { s.resume(ctx, stopped) }
	for _, r := range stopped {
		select {
		case <-r.recorded:
		case <-ctx.Done():
			resume(context.WithoutCancel(ctx))
			return nil, ctx.Err()
		}
	}
	return resume, nil
}

// mayPause returns an error if scenarios can't be paused. mu must be held.
func (s *Supervisor) mayPause() error {
	switch {
	case s.closed:
		return ErrClosed
	case s.paused != "":
		return fmt.Errorf("%w: %s", ErrPaused, s.paused)
	}
	return nil
}

func (s *Supervisor) resume(ctx context.Context, stopped []*run) {
	s.mu.Lock()
	s.paused = ""
	s.mu.Unlock()
	for _, r := range stopped {
		if err := s.Start(ctx, r.scenario.ID, &r.intensity); err != nil && !errors.Is(err, ErrClosed) {
			s.deps.Logger.WarnContext(ctx, "scenario was not resumed", "scenario", r.scenario.ID, "error", err)
		}
	}
}

// current returns the scenario's active run, or nil. mu must be held.
func (s *Supervisor) current(id string) *run {
	i := slices.IndexFunc(s.runs, func(r *run) bool { return r.scenario.ID == id && r.running() })
	if i < 0 {
		return nil
	}
	return s.runs[i]
}

// active returns the number of active runs. mu must be held.
func (s *Supervisor) active() int {
	active := 0
	for _, r := range s.runs {
		if r.running() {
			active++
		}
	}
	return active
}

// forget drops the oldest ended run if the history is full. mu must be held.
func (s *Supervisor) forget() {
	if len(s.runs) <= historyLimit {
		return
	}
	oldest := slices.IndexFunc(s.runs, func(r *run) bool { return !r.running() })
	if oldest >= 0 {
		s.runs = slices.Delete(s.runs, oldest, oldest+1)
	}
}
