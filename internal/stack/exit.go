package stack

import (
	"fmt"
	"syscall"
	"time"

	"deals.example/internal/process"
)

// exit is the end of a run of a process.
type exit struct {
	process *process.Process // nil if it could not be started
	err     error            // error of the start
}

// lived returns the duration of the run.
func (e exit) lived() time.Duration {
	if e.process == nil {
		return 0
	}
	return e.process.Ended().Sub(e.process.Started())
}

// clean reports whether the process ended with status 0 or by SIGTERM.
func (e exit) clean() bool {
	return e.process != nil && (e.process.State().Success() || e.process.EndedBy(syscall.SIGTERM))
}

// String returns text such as "exit status 3 after 1.2s" or "signal: killed after 4m0s".
func (e exit) String() string {
	if e.process == nil {
		return fmt.Sprintf("start failed: %v", e.err)
	}
	return fmt.Sprintf("%v after %v", e.process.State(), rounded(e.lived()))
}

// rounded rounds a duration for display.
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
