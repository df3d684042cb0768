package machine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Machine is a running machine.
type Machine struct {
	init    *exec.Cmd
	cleaner *cleaner
	done    chan struct{}
}

// namespaces are those of a machine, but for control groups.
const namespaces = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

// Check returns ErrUnsupported unless a machine can be made: that takes root, control groups of version 1 that can be changed, and namespaces.
func Check() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: it takes root", ErrUnsupported)
	}
	all, err := hierarchies()
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := unix.Access(filepath.Join(groupsRoot, h.folder, h.own), unix.W_OK); err != nil {
			return fmt.Errorf("%w: control groups of %s: %w", ErrUnsupported, h.folder, err)
		}
	}
	trial := exec.Command("true") //nolint:noctx // ends at once
	trial.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces}
	if err := trial.Run(); err != nil {
		return fmt.Errorf("%w: namespaces: %w", ErrUnsupported, err)
	}
	return nil
}

// Start makes a machine and runs the command on it. The command's output is standard error. The caller must stop the machine; if there is an
// error, nothing is left but the state.
func Start(c Config) (*Machine, error) {
	if err := Check(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	groups, err := makeGroups(c.Name)
	if err != nil {
		return nil, fmt.Errorf("make control groups: %w", err)
	}
	cleaner, err := startCleaner(self, c.State, groups)
	if err != nil {
		return nil, errors.Join(err, clean(c.State.Path, groups))
	}
	m := &Machine{cleaner: cleaner, done: make(chan struct{})}
	if err := m.start(self, c, groups); err != nil {
		return nil, errors.Join(fmt.Errorf("start a machine: %w", err), m.Stop())
	}
	return m, nil
}

// start runs the first stage. It waits for a byte, which comes when it is in its control groups, and ends when its input does.
func (m *Machine) start(self string, c Config, groups []string) error {
	args := append([]string{enterStage, c.State.Path, strconv.Itoa(len(c.Files))}, c.Command...)
	m.init = exec.Command(self, args...) //nolint:gosec,noctx // G204: this program; Stop ends it
	m.init.Stdout, m.init.Stderr, m.init.ExtraFiles = os.Stderr, os.Stderr, c.Files
	m.init.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: namespaces,
		Setsid:     true, // so that a Ctrl-C does not reach it
	}
	input, err := m.init.StdinPipe()
	if err == nil {
		err = m.init.Start()
	}
	if err != nil {
		close(m.done)
		return err
	}
	go func() {
		defer close(m.done)
		_ = m.init.Wait()
	}()
	if err := enterGroups(groups, m.init.Process.Pid); err != nil {
		return err
	}
	_, err = input.Write([]byte{'\n'})
	return err
}

// Done is closed when the machine has ended.
func (m *Machine) Done() <-chan struct{} { return m.done }

// Stop ends the machine and returns when nothing of it is left.
func (m *Machine) Stop() error {
	if m.init.Process != nil {
		_ = m.init.Process.Kill()
	}
	<-m.done
	return m.cleaner.finish()
}

// cleaner is a process that outlives this one, if need be, to remove what a machine leaves.
type cleaner struct {
	process *exec.Cmd
	input   io.Closer
}

// startCleaner starts it. It holds the lock of the state from then on.
func startCleaner(self string, state *State, groups []string) (*cleaner, error) {
	defer func() { _ = state.lock.Close() }()
	c := &cleaner{process: exec.Command(self, append([]string{cleanStage, state.Path}, groups...)...)} //nolint:gosec,noctx // G204: this program
	c.process.Stderr, c.process.ExtraFiles = os.Stderr, []*os.File{state.lock}
	c.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	input, err := c.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.input = input
	return c, c.process.Start()
}

func (c *cleaner) finish() error {
	_ = c.input.Close()
	return c.process.Wait()
}
