package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"deals.example/internal/process"
)

const (
	defaultReadyTimeout = 30 * time.Second
	defaultGrace        = 15 * time.Second
	progressInterval    = 2 * time.Second
)

// Config configures a [Stack].
type Config struct {
	Processes []Process
	StateDir  string   // for the lock and the logs; created if missing
	Environ   []string // "NAME=value", for every process
	Page      string   // name of the process whose URL is printed for the user to open; may be empty
	Out       io.Writer

	// Prepare writes files that the processes read. Run calls it before it starts them and after it has the lock, so that Prepare
	// cannot change the files of a running stack. It may be nil.
	Prepare func() error

	Color   bool // write ANSI colours
	Verbose bool // print all output instead of notable lines
	Raw     bool // print log records unchanged instead of shortened

	ReadyTimeout time.Duration // of one process at the start; 0 means 30 s
	Grace        time.Duration // from SIGTERM to SIGKILL; 0 means 15 s
	Restart      Backoff
}

// Stack runs several processes.
type Stack struct {
	cfg      Config
	console  *console
	killed   chan struct{}
	killOnce sync.Once
}

// New returns a stack, or an error if the configuration is invalid. It starts no process.
func New(cfg Config) (*Stack, error) {
	if len(cfg.Processes) == 0 {
		return nil, errors.New("no processes")
	}
	if cfg.StateDir == "" || cfg.Out == nil {
		return nil, errors.New("state directory and output are required")
	}
	if err := validate(cfg.Processes); err != nil {
		return nil, err
	}
	if cfg.ReadyTimeout <= 0 {
		cfg.ReadyTimeout = defaultReadyTimeout
	}
	if cfg.Grace <= 0 {
		cfg.Grace = defaultGrace
	}
	cfg.Restart = cfg.Restart.withDefaults()
	return &Stack{
		cfg:     cfg,
		console: newConsole(cfg.Out, cfg.Color, cfg.Processes),
		killed:  make(chan struct{}),
	}, nil
}

// Kill makes Run end all processes immediately with SIGKILL. It may be called at any time and concurrently.
func (s *Stack) Kill() { s.killOnce.Do(func() { close(s.killed) }) }

// Run starts all processes, restarts those that exit, and stops them when ctx ends. It must be called only once.
//
// The error wraps [ErrRunning] if another stack uses the state directory. It is a *[PortsTaken] if addresses are in use. Run also returns an
// error if a process does not become ready, is killed after its grace period, or fails when stopped.
func (s *Stack) Run(ctx context.Context) error {
	if err := checkSocketPath(s.cfg.StateDir); err != nil {
		return err
	}
	logs := s.logDir()
	if err := os.MkdirAll(logs, dirMode); err != nil {
		return fmt.Errorf("create state directory: %w", err)
	}
	release, err := lock(s.cfg.StateDir)
	if err != nil {
		return err
	}
	defer release()
	if err := checkPorts(ctx, s.cfg.Processes); err != nil {
		return err
	}
	if s.cfg.Prepare != nil {
		if err := s.cfg.Prepare(); err != nil {
			return err
		}
	}
	units, err := s.units(logs)
	defer closeLogs(units)
	if err != nil {
		return err
	}
	go s.console.run()
	defer s.console.close()
	return s.run(ctx, units)
}

func (s *Stack) logDir() string { return filepath.Join(s.cfg.StateDir, "logs") }

// run supervises the units from start to stop.
func (s *Stack) run(ctx context.Context, units []*unit) error {
	shared := &supervisor{
		cfg: s.cfg, console: s.console, killed: s.killed,
		failed: make(chan error, len(units)),
	}
	var group sync.WaitGroup
	defer group.Wait()
	for _, u := range units {
		// The end of ctx must not stop all units at once; stopAll stops them in order.
		unitCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		u.stop = cancel
		group.Go(func() { shared.supervise(unitCtx, u) })
	}

	clients := &control{units: units, console: s.console, readyTimeout: s.cfg.ReadyTimeout}
	closeControl, err := clients.serve(ctx, s.cfg.StateDir)
	if err != nil {
		return errors.Join(err, s.stopAll(units))
	}
	defer closeControl()
	begun := time.Now()
	err = s.awaitStart(ctx, units, shared.failed)
	if err == nil && ctx.Err() == nil {
		s.announce(units, time.Since(begun))
		s.awaitEnd(ctx)
	}
	return errors.Join(err, s.stopAll(units))
}

// awaitStart waits until all units are ready or skipped, or the stack is stopped. It returns the error of a unit that does not start.
func (s *Stack) awaitStart(ctx context.Context, units []*unit, failed <-chan error) error {
	s.console.say("starting %s; log files are in %s", count(len(units), "process", "processes"), s.logDir())
	progress := time.NewTicker(progressInterval)
	defer progress.Stop()
	for _, u := range units {
		for !u.isReady() && !u.isMissed() {
			select {
			case <-u.ready:
			case <-u.missed:
			case err := <-failed:
				return err
			case <-s.killed:
				return nil
			case <-ctx.Done():
				return nil
			case <-progress.C:
				s.sayMissing(units)
			}
		}
	}
	return nil
}

func (s *Stack) awaitEnd(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.killed:
	}
}

// stopAll stops each unit after the units that depend on it, and Last units after all others. If the stack is killed it does not wait.
func (s *Stack) stopAll(units []*unit) error {
	s.console.say("stopping; press Ctrl-C again to kill the remaining processes")
	var group sync.WaitGroup
	for _, u := range units {
		group.Go(func() {
			s.awaitDependents(u, units)
			u.stop()
			<-u.ended
		})
	}
	group.Wait()

	if isClosed(s.killed) {
		return errors.New("stop failed: killed")
	}
	unclean := make([]error, len(units))
	for i, u := range units {
		unclean[i] = u.unclean
	}
	if err := errors.Join(unclean...); err != nil {
		return fmt.Errorf("stop failed: %w", err)
	}
	s.console.say("all stopped")
	return nil
}

func (s *Stack) awaitDependents(u *unit, units []*unit) {
	for _, other := range units {
		if !other.outlivedBy(u) {
			continue
		}
		select {
		case <-other.ended:
		case <-s.killed:
		}
	}
}

// units returns a unit with an open log file for each process. With an error it returns those created so far.
func (s *Stack) units(logs string) ([]*unit, error) {
	units := make([]*unit, 0, len(s.cfg.Processes))
	byName := make(map[string]*unit, len(s.cfg.Processes))
	for i, p := range s.cfg.Processes {
		log, err := openLog(logs, p.Name, maxLogFile)
		if err != nil {
			return units, err
		}
		u := &unit{
			Process: p, lifecycle: newLifecycle(), ready: make(chan struct{}), missed: make(chan struct{}), ended: make(chan struct{}),
		}
		u.output = &output{
			name: p.Name, color: nameColor(i), console: s.console, log: log,
			quiet: p.Quiet, verbose: s.cfg.Verbose, raw: s.cfg.Raw, last: process.NewTail(lastLines),
		}
		units = append(units, u)
		byName[p.Name] = u
	}
	for _, u := range units {
		for _, name := range u.Needs {
			if need := byName[name]; need != nil {
				u.needs = append(u.needs, need)
			}
		}
	}
	return units, nil
}

func closeLogs(units []*unit) {
	for _, u := range units {
		_ = u.output.log.close() // all writers have ended
	}
}
