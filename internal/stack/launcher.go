package stack

import (
	"os/exec"
	"runtime"
)

// launcher starts every child from one OS thread that lives as long as the launcher. Linux sends the signal that ties a
// child to its parent when the parent's *thread* ends, so a child must not be started on a thread that may end earlier.
type launcher struct {
	requests chan request
	done     chan struct{}
}

type request struct {
	cmd    *exec.Cmd
	answer chan<- error
}

func newLauncher() *launcher {
	l := &launcher{requests: make(chan request), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for r := range l.requests {
			r.answer <- r.cmd.Start()
		}
	}()
	return l
}

// start is cmd.Start on the launcher's thread. It may be called concurrently, but not after close.
func (l *launcher) start(cmd *exec.Cmd) error {
	answer := make(chan error, 1)
	l.requests <- request{cmd: cmd, answer: answer}
	return <-answer
}

// close ends the thread's service; all children must have ended.
func (l *launcher) close() {
	close(l.requests)
	<-l.done
}
