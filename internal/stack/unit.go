package stack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"deals.example/internal/process"
)

// maxStartFailures is the number of exits before a process was first ready after which its start has failed.
const maxStartFailures = 3

// unit is a supervised process.
type unit struct {
	Process
	lifecycle

	needs  []*unit
	output *output
	stop   context.CancelFunc // makes supervise stop the process

	ready    chan struct{}         // closed when the process is first ready
	missed   chan struct{}         // closed when the process is optional and did not start
	ended    chan struct{}         // closed when supervise has returned
	pid      atomic.Int64          // of the current run; 0 if there is none
	waiting  atomic.Pointer[error] // last error of the probe in the current run
	missOnce sync.Once
	heldExit atomic.Pointer[error] // error of the last stop by hold
	unclean  error                 // error of the final stop; read it after ended is closed
}

// external reports whether the process is not started by the stack.
func (u *unit) external() bool { return u.Path == "" }

func (u *unit) isReady() bool { return isClosed(u.ready) }

// isMissed reports whether the unit was skipped at the start and has not become ready since.
func (u *unit) isMissed() bool { return isClosed(u.missed) && !u.isReady() }

// outlivedBy reports whether u must end before other is stopped.
func (u *unit) outlivedBy(other *unit) bool {
	return slices.Contains(u.needs, other) || other.Last && !u.Last
}

// missing describes what the process waits for.
func (u *unit) missing() string {
	for _, need := range u.needs {
		if !need.isReady() {
			return "waits for " + need.Name
		}
	}
	if why := u.waiting.Load(); why != nil {
		return (*why).Error()
	}
	return "starting"
}

// supervisor runs units. It is shared by all units of a stack.
type supervisor struct {
	cfg     Config
	console *console
	killed  <-chan struct{} // closed by Kill
	failed  chan error      // reasons of a failed start; buffered for each unit
}

// supervise runs and restarts u until ctx ends, except while it is held, then stops it.
func (s *supervisor) supervise(ctx context.Context, u *unit) {
	defer close(u.ended)
	defer u.set(Stopped)
	if !u.awaitNeeds(ctx) {
		return
	}
	if u.external() {
		s.awaitReady(ctx, u, time.Now())
		return
	}
	var rest time.Duration
	failures := 0
	for {
		run, ok := u.next(ctx)
		if !ok {
			return
		}
		ended := s.runOnce(run, u)
		switch {
		case ctx.Err() != nil:
			u.unclean = s.noteStop(u, ended)
			return
		case run.Err() != nil:
			held := s.noteStop(u, ended)
			u.heldExit.Store(&held)
			rest, failures = 0, 0
			continue
		}
		if failures++; !u.isReady() && failures == maxStartFailures {
			s.noteDeath(u, ended, "")
			s.notStarted(u, fmt.Errorf("%s ended %d times before it was ready: %s", u.Name, failures, ended))
			rest, failures = 0, 0
			u.hold()
			continue
		}
		rest = s.cfg.Restart.next(rest, ended.lived())
		s.noteDeath(u, ended, fmt.Sprintf("; restarting in %v", rest))
		u.set(Restarting)
		pause(run, rest)
	}
}

// awaitNeeds waits for the dependencies of u. It returns false if ctx ended first.
func (u *unit) awaitNeeds(ctx context.Context) bool {
	for _, need := range u.needs {
		select {
		case <-need.ready:
		case <-need.missed:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

// runOnce runs the process once.
func (s *supervisor) runOnce(ctx context.Context, u *unit) exit {
	u.waiting.Store(nil)
	p, err := process.Start(ctx, process.Config{
		Path: u.Path, Args: u.Args, Dir: u.Dir, Env: slices.Concat(s.cfg.Environ, u.Env), Output: u.output.copy,
		Stop: syscall.SIGTERM, Grace: s.grace(u), ParentDeath: syscall.SIGTERM,
	})
	if err != nil {
		return exit{err: err}
	}
	u.pid.Store(int64(p.Pid()))
	defer u.pid.Store(0)

	probing, cancel := context.WithCancel(ctx)
	var probe sync.WaitGroup
	probe.Go(func() { s.awaitReady(probing, u, p.Started()) })
	select {
	case <-p.Done():
	case <-s.killed:
		p.Kill()
		<-p.Done()
	}
	cancel()
	probe.Wait()
	return exit{process: p}
}

// awaitReady probes u until it is ready or ctx ends. After ReadyTimeout it reports a failed start and continues.
func (s *supervisor) awaitReady(ctx context.Context, u *unit, begun time.Time) {
	late := time.AfterFunc(s.cfg.ReadyTimeout, func() {
		if !u.isReady() {
			s.notStarted(u, fmt.Errorf("%s is not ready after %v: %s", u.Name, s.cfg.ReadyTimeout, u.missing()))
		}
	})
	defer late.Stop()
	if !await(ctx, u.Ready, func(err error) { u.waiting.Store(&err) }) {
		return
	}
	defer u.set(Ready)
	if u.isReady() {
		s.console.say("%s is ready again after %v", u.Name, rounded(time.Since(begun)))
		return
	}
	s.console.say("%s is ready after %v", u.Name, rounded(time.Since(begun)))
	close(u.ready)
}

// notStarted reports that u did not start. This fails the start of the stack unless u is optional. It does not block.
func (s *supervisor) notStarted(u *unit, err error) {
	if u.Optional {
		u.missOnce.Do(func() {
			s.console.say("continuing without %s: %v", u.Name, err)
			close(u.missed)
		})
		return
	}
	select {
	case s.failed <- err:
	default:
	}
}

func (s *supervisor) noteDeath(u *unit, ended exit, then string) {
	s.console.say("%s exited: %s%s", u.Name, ended, then)
	u.output.showLast()
}

// noteStop prints the end of a stopped run. It returns an error if it was not clean.
func (s *supervisor) noteStop(u *unit, ended exit) error {
	switch {
	case ended.process == nil, isClosed(s.killed): // not running, or killed on request
		return nil
	case ended.clean():
		s.console.say("%s stopped", u.Name)
		return nil
	case ended.process.Overdue():
		err := fmt.Errorf("%s was killed: it did not end within %v of SIGTERM", u.Name, s.grace(u))
		s.console.say("%v", err)
		return err
	default:
		s.noteDeath(u, ended, ", after SIGTERM")
		return fmt.Errorf("%s: %s, after SIGTERM", u.Name, ended)
	}
}

func (s *supervisor) grace(u *unit) time.Duration { return cmp.Or(u.Grace, s.cfg.Grace) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
