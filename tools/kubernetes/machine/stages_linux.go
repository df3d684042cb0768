package machine

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// The stages of a machine, as the first argument of this program.
const (
	enterStage = "machine-enter" // the first process of the machine, until it is in its control groups
	initStage  = "machine-init"  // the same process from then on
	cleanStage = "machine-clean" // outside, waits for the end of the machine
)

// Main runs a stage if the arguments name one, and does not return then.
func Main(args []string) {
	if len(args) < 2 {
		return
	}
	var err error
	switch args[1] {
	case enterStage:
		err = enter(args)
	case initStage:
		err = initialize(args)
	case cleanStage:
		signal.Ignore(unix.SIGHUP, unix.SIGINT, unix.SIGTERM)
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the process that started the machine
		err = clean(args[2], args[3:])
	default:
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, args[1]+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// enter gives the process a namespace of control groups, whose root are those that it is in. As a namespace is that of a thread, the thread
// becomes the whole process.
func enter(args []string) error {
	runtime.LockOSThread()
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return unix.Exec(self, append([]string{args[0], initStage}, args[2:]...), os.Environ())
}

// initialize sets the machine up, runs the command, and reaps all processes until it ends. As this is the first process, the kernel kills the
// others when it ends.
func initialize(args []string) error {
	state, command := args[2], args[4:]
	files, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // who started the machine is gone
	}()
	name := func() error { return unix.Sethostname([]byte("machine")) }
	if err := inOrder(name, func() error { return mountAll(state) }, setUpNetwork); err != nil {
		return err
	}
	child, err := os.StartProcess(command[0], command, &os.ProcAttr{Files: inherited(files)})
	if err != nil {
		return err
	}
	return reap(child.Pid)
}

// inherited returns the files of the command: an empty input, the output, and the given number of others.
func inherited(others int) []*os.File {
	files := []*os.File{nil, os.Stdout, os.Stderr}
	for i := range others {
		files = append(files, os.NewFile(uintptr(len(files)), "file "+strconv.Itoa(i)))
	}
	return files
}

// reap waits for all children until the one with the process id ends.
func reap(pid int) error {
	for {
		var status unix.WaitStatus
		ended, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		case ended == pid && status.ExitStatus() != 0:
			return fmt.Errorf("the command ended with %d", status.ExitStatus())
		case ended == pid:
			return nil
		}
	}
}
