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

// Config is what a [Stack] runs, and how.
type Config struct {
	Processes []Process
	StateDir  string   // for the lock and the logs; made when absent
	Environ   []string // "NAME=value", for every process
	Page      string   // name of the process whose URL people open first; may be empty
	Out       io.Writer

	// Prepare writes what the processes read. Run calls it before it starts them, once the state directory and the ports are
	// known to be free, so that it never touches the files of a running stack. It may be nil.
	Prepare func() error

	Color   bool // write ANSI colours
	Verbose bool // print every line of output, rather than warnings, errors and what is about a process itself
	Raw     bool // print log records as they are, rather than shortened

	ReadyTimeout time.Duration // how long one process may take to be ready at the start; 30 s when 0
	Grace        time.Duration // from SIGTERM to SIGKILL; 15 s when 0
	Restart      Backoff
}

// Stack is several processes that run as one thing.
type Stack struct {
	cfg      Config
	console  *console
	killed   chan struct{}
	killOnce sync.Once
}

// New checks the configuration. It starts nothing.
func New(cfg Config) (*Stack, error) {
	if len(cfg.Processes) == 0 {
		return nil, errors.New("no process to run")
	}
	if cfg.StateDir == "" || cfg.Out == nil {
		return nil, errors.New("a state directory and an output are required")
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

// Kill makes Run end all processes at once with SIGKILL. It may be called at any time, from any goroutine.
func (s *Stack) Kill() { s.killOnce.Do(func() { close(s.killed) }) }

// Run starts all processes, keeps them running until ctx ends, and stops them. It is called once.
//
// It returns nil after a clean stop; an error when another stack has the state directory ([ErrRunning]), when ports are
// taken (*[PortsTaken]), when a process doesn't get ready, or when one had to be killed or ended with a failure.
func (s *Stack) Run(ctx context.Context) error {
	logs := s.logDir()
	if err := os.MkdirAll(logs, dirMode); err != nil {
		return fmt.Errorf("make state directory: %w", err)
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

// run has all units supervised from start to stop.
func (s *Stack) run(ctx context.Context, units []*unit) error {
	shared := &supervisor{
		cfg: s.cfg, console: s.console, killed: s.killed,
		failed: make(chan error, len(units)),
	}
	var group sync.WaitGroup
	defer group.Wait()
	for _, u := range units {
		// The end of ctx only begins the stop: each unit is stopped in its turn.
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

// awaitStart returns when all units are ready or, when optional, given up, when another can't be, or when the stack is to stop.
func (s *Stack) awaitStart(ctx context.Context, units []*unit, failed <-chan error) error {
	s.console.say("starting %s; all output is kept in %s", count(len(units), "process", "processes"), s.logDir())
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

// stopAll stops each unit once all that need it have ended, those that are to be last after all others, and all at once when
// the stack is killed.
func (s *Stack) stopAll(units []*unit) error {
	s.console.say("stopping; a second Ctrl-C kills what still runs")
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
		return errors.New("not a clean stop: killed at once")
	}
	unclean := make([]error, len(units))
	for i, u := range units {
		unclean[i] = u.unclean
	}
	if err := errors.Join(unclean...); err != nil {
		return fmt.Errorf("not a clean stop: %w", err)
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

// units makes one unit of each process, with its log open. It returns those it made with an error too.
func (s *Stack) units(logs string) ([]*unit, error) {
	units := make([]*unit, 0, len(s.cfg.Processes))
	byName := make(map[string]*unit, len(s.cfg.Processes))
	for i, p := range s.cfg.Processes {
		log, err := openLog(logs, p.Name, maxLogFile)
		if err != nil {
			return units, err
		}
		u := &unit{Process: p, lifecycle: newLifecycle(), ready: make(chan struct{}), missed: make(chan struct{}), ended: make(chan struct{})}
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
		_ = u.output.log.close() // whoever wrote has ended
	}
}
