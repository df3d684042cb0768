// Package process starts child processes that end with their parent and leave nothing behind.
//
// Each leads a process group of its own, so a terminal's Ctrl-C reaches only the parent, which decides what to do about
// it. Whatever a process leaves in its group is killed when it ends.
package process

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// drainTimeout bounds how long output is read after the process ended: a grandchild in another group may hold the pipe open.
const drainTimeout = 500 * time.Millisecond

// Config says how to start a process and how to end it.
type Config struct {
	Path string
	Args []string // without the program's name
	Dir  string   // empty: the parent's
	Env  []string // "NAME=value", the whole environment

	// Output reads what the process writes to standard output and standard error. It runs in a goroutine of its own
	// and must read to the end.
	Output func(io.Reader)

	Stop        syscall.Signal // sent when the context ends
	Grace       time.Duration  // from Stop to SIGKILL
	ParentDeath syscall.Signal // sent by the kernel when the parent dies; Linux only
}

// Process is a started process. Its methods may be called concurrently.
type Process struct {
	cmd            *exec.Cmd
	started, ended time.Time
	stopped        time.Time // when cfg.Stop was sent
	done           chan struct{}
}

// Start starts a process. When ctx ends the process gets cfg.Stop, and SIGKILL when it has not ended cfg.Grace later.
func Start(ctx context.Context, cfg Config) (*Process, error) {
	// A file rather than a writer: Wait must not wait for whoever else holds the pipe.
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open pipe: %w", err)
	}
	cmd := exec.CommandContext(ctx, cfg.Path, cfg.Args...) //nolint:gosec // G204: callers name programs of their own
	cmd.Dir, cmd.Env = cfg.Dir, cfg.Env
	cmd.Stdout, cmd.Stderr = write, write
	cmd.SysProcAttr = attributes(cfg.ParentDeath)
	p := &Process{cmd: cmd, started: time.Now(), done: make(chan struct{})}
	cmd.Cancel = func() error {
		p.stopped = time.Now()
		return cmd.Process.Signal(cfg.Stop)
	}
	cmd.WaitDelay = cfg.Grace

	started := make(chan error)
	go func() {
		// Linux sends ParentDeath when the thread that started the process ends, so that thread waits for the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		_ = write.Close() // the process has its own
		started <- err
		if err == nil {
			p.await(read, cfg.Output)
		}
	}()
	if err := <-started; err != nil {
		_ = read.Close()
		return nil, err
	}
	return p, nil
}

func (p *Process) await(read *os.File, output func(io.Reader)) {
	defer close(p.done)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		output(read)
	}()
	_ = p.cmd.Wait() // State says how it ended
	p.ended = time.Now()
	p.killGroup()
	select {
	case <-drained:
	case <-time.After(drainTimeout):
	}
	_ = read.Close()
	<-drained
}

// Kill sends SIGKILL to the process and its group. It does nothing once the process has ended.
func (p *Process) Kill() {
	select {
	case <-p.done:
	default:
		p.killGroup()
	}
}

func (p *Process) killGroup() {
	_ = syscall.Kill(-p.Pid(), syscall.SIGKILL) // ESRCH when the group is gone
}

// Pid returns the process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Started returns the time of the start.
func (p *Process) Started() time.Time { return p.started }

// Done is closed when the process has ended, its group is gone and its output has been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// State returns how the process ended. It must not be called before Done is closed.
func (p *Process) State() *os.ProcessState { return p.cmd.ProcessState }

// Ended returns when the process ended. It must not be called before Done is closed.
func (p *Process) Ended() time.Time { return p.ended }

// Overdue reports whether the process got SIGKILL because it had not ended in time after its stop signal. It must not be called before Done
// is closed.
func (p *Process) Overdue() bool {
	return p.EndedBy(syscall.SIGKILL) && !p.stopped.IsZero() && p.ended.Sub(p.stopped) >= p.cmd.WaitDelay
}

// EndedBy reports whether sig ended the process. It must not be called before Done is closed.
func (p *Process) EndedBy(sig syscall.Signal) bool {
	status, ok := p.State().Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == sig
}
