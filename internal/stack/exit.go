package stack

import (
	"fmt"
	"syscall"
	"time"

	"deals.example/internal/process"
)

// exit is how a run of a process ended.
type exit struct {
	process *process.Process // nil when it could not be started
	err     error            // why it could not
}

// lived returns how long the process ran.
func (e exit) lived() time.Duration {
	if e.process == nil {
		return 0
	}
	return e.process.Ended().Sub(e.process.Started())
}

// clean reports whether the process ended as one that was asked to: with status 0, or by the SIGTERM it got.
func (e exit) clean() bool {
	return e.process != nil && (e.process.State().Success() || e.process.EndedBy(syscall.SIGTERM))
}

// String is such as "exit status 3 after 1.2s" or "signal: killed after 4m0s".
func (e exit) String() string {
	if e.process == nil {
		return fmt.Sprintf("could not start: %v", e.err)
	}
	return fmt.Sprintf("%v after %v", e.process.State(), rounded(e.lived()))
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
