package stack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// readTail is how long output may still be read after its process ended: a pipe stays open while a grandchild has it.
const readTail = 500 * time.Millisecond

// child is one run of a process.
type child struct {
	cmd     *exec.Cmd
	started time.Time
	exited  chan struct{} // closed when the process has ended
	readers sync.WaitGroup
	pipes   []*os.File // the ends that are read
}

// exit is how a run ended.
type exit struct {
	state *os.ProcessState // nil when the process could not even be started
	err   error            // why it could not
	lived time.Duration
}

// startChild starts p. When ctx ends the child gets SIGTERM, and SIGKILL when it has not ended a grace later. The
// caller must call wait.
func startChild(ctx context.Context, l *launcher, p Process, environ []string, grace time.Duration, out *output) (*child, error) {
	cmd := exec.CommandContext(ctx, p.Path, p.Args...) //nolint:gosec // G204: the table of processes is the program's own
	cmd.Dir = p.Dir
	cmd.Env = slices.Concat(environ, p.Env)
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace

	c := &child{cmd: cmd, exited: make(chan struct{})}
	stdout, stderr, err := c.openPipes()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	c.started = time.Now()
	err = l.start(cmd)
	closeAll(stdout, stderr) // the child has its own
	if err != nil {
		closeAll(c.pipes...)
		return nil, err
	}
	for _, pipe := range c.pipes {
		c.readers.Go(func() { out.copy(pipe) })
	}
	return c, nil
}

// openPipes returns the ends that the process writes to. They are files rather than writers, so that waiting for the
// process doesn't wait for whoever else has them.
func (c *child) openPipes() (stdout, stderr *os.File, err error) {
	outRead, stdout, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("open pipe: %w", err)
	}
	errRead, stderr, err := os.Pipe()
	if err != nil {
		closeAll(outRead, stdout)
		return nil, nil, fmt.Errorf("open pipe: %w", err)
	}
	c.pipes = []*os.File{outRead, errRead}
	return stdout, stderr, nil
}

func closeAll(files ...*os.File) {
	for _, file := range files {
		_ = file.Close() // nothing is lost: what was written is in the pipe
	}
}

// wait returns when the process has ended, what it left in its group has been killed, and its output has been read.
func (c *child) wait() exit {
	_ = c.cmd.Wait() // the state says it all
	lived := time.Since(c.started)
	close(c.exited)
	c.kill()

	read := make(chan struct{})
	go func() {
		defer close(read)
		c.readers.Wait()
	}()
	select {
	case <-read:
	case <-time.After(readTail):
	}
	closeAll(c.pipes...)
	<-read
	return exit{state: c.cmd.ProcessState, lived: lived}
}

// kill ends the process's whole group at once.
func (c *child) kill() {
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // ESRCH when the group is gone
}

// killOn kills the process when the channel is closed, until it has ended.
func (c *child) killOn(killed <-chan struct{}) {
	select {
	case <-killed:
		c.kill()
	case <-c.exited:
	}
}

// clean says whether the process ended as one that was asked to: with status 0, or by the SIGTERM it got.
func (e exit) clean() bool {
	if e.state == nil {
		return false
	}
	status, ok := e.state.Sys().(syscall.WaitStatus)
	return e.state.Success() || ok && status.Signaled() && status.Signal() == syscall.SIGTERM
}

// String is such as "exit status 3 after 1.2s" or "signal: killed after 4m0s".
func (e exit) String() string {
	if e.state == nil {
		return fmt.Sprintf("could not start: %v", e.err)
	}
	return fmt.Sprintf("%v after %v", e.state, rounded(e.lived))
}

// rounded makes a duration short enough for a person.
func rounded(d time.Duration) time.Duration {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond)
	case d < time.Minute:
		return d.Round(100 * time.Millisecond)
	default:
		return d.Round(time.Second)
	}
}
