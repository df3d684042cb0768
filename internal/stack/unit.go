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

// maxStartFailures is how many times in a row a process may end before it was ever ready: after that the start has failed.
const maxStartFailures = 3

// unit is one process under supervision, over all its runs.
type unit struct {
	Process
	lifecycle

	needs  []*unit
	output *output
	stop   context.CancelFunc // asks supervise to stop the process

	ready    chan struct{}         // closed when the process is ready for the first time
	missed   chan struct{}         // closed when the start goes on without it, which is optional
	ended    chan struct{}         // closed when supervise has returned, and the process with it
	pid      atomic.Int64          // of the present run
	waiting  atomic.Pointer[error] // why the present run is not ready yet; nil before the first try
	missOnce sync.Once
	heldExit atomic.Pointer[error] // how the last run that was held down went wrong
	unclean  error                 // how the stop went wrong; to be read once ended is closed
}

// external says whether the process is run by somebody else, and only waited for.
func (u *unit) external() bool { return u.Path == "" }

func (u *unit) isReady() bool { return isClosed(u.ready) }

// isMissed says that the start went on without it, and that it has not come since.
func (u *unit) isMissed() bool { return isClosed(u.missed) && !u.isReady() }

// outlivedBy says that u is to end before the other is stopped.
func (u *unit) outlivedBy(other *unit) bool {
	return slices.Contains(u.needs, other) || other.Last && !u.Last
}

// missing says what the process waits for, for a person.
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

// supervisor is what the units of one run of a stack share.
type supervisor struct {
	cfg     Config
	console *console
	killed  <-chan struct{} // closed when everything is to end at once
	failed  chan error      // why the start fails; one place for each unit
}

// supervise keeps u's process running, but while it is held down, until ctx ends, then stops it.
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
		s.noteDeath(u, ended, fmt.Sprintf("; starting it again in %v", rest))
		u.set(Restarting)
		pause(run, rest)
	}
}

// awaitNeeds returns false when ctx ended before all that u needs was ready.
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

// runOnce starts the process once, and returns when it has ended.
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

// awaitReady probes u until it is ready or ctx ends. It fails the start when that takes too long, but goes on.
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

// notStarted reports why u didn't start, which ends the start unless u is optional. Only the first reasons count, so it never blocks.
func (s *supervisor) notStarted(u *unit, err error) {
	if u.Optional {
		u.missOnce.Do(func() {
			s.console.say("going on without %s: %v", u.Name, err)
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
	s.console.say("%s ended: %s%s", u.Name, ended, then)
	u.output.showLast()
}

// noteStop reports a stop. It returns how it went wrong.
func (s *supervisor) noteStop(u *unit, ended exit) error {
	switch {
	case ended.process == nil, isClosed(s.killed): // it had not been started again, or nobody asks how it ended
		return nil
	case ended.clean():
		s.console.say("%s stopped", u.Name)
		return nil
	case ended.process.EndedBy(syscall.SIGKILL):
		s.console.say("%s was killed: it did not end within %v of SIGTERM", u.Name, s.grace(u))
		return fmt.Errorf("%s was killed: it did not end within %v of SIGTERM", u.Name, s.grace(u))
	default:
		s.noteDeath(u, ended, ", when asked to stop")
		return fmt.Errorf("%s: %s, asked to stop", u.Name, ended)
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
