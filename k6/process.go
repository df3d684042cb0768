package k6

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// grace is how long k6 may take to end its users, run its teardown and write its summary once it was asked to stop.
const grace = 30 * time.Second

// Exit codes of k6 that have a meaning here (go.k6.io/k6/errext/exitcodes).
const (
	thresholdsFailed = 99
	interrupted      = 105
)

// Result is how a run ended. Times and Summary are of what was done until then.
type Result struct {
	ExitCode         int           // -1 when a signal ended k6
	Err              error         // why the run is not one; nil when it ended by itself or was stopped, whether thresholds held or not
	ThresholdsFailed bool          // what the script promises did not hold
	Interrupted      bool          // stopped before its end
	Summary          *Summary      // nil when k6 came to none
	LastLines        []string      // of what k6 wrote, at most 20
	CPU              time.Duration // of all processors
	Started, Ended   time.Time
}

// Summary is what a run comes to.
type Summary struct {
	Requests int `json:"requests"` // sent
	Success  int `json:"success"`  // answered as the platform should: 2xx, and 409 and 429 where they belong
	Failures int `json:"failures"` // all others
	// RefusedPct is how many in a hundred answers were a 429.
	RefusedPct float64 `json:"refusedPct"`
	RPS        float64 `json:"rps"`       // requests a second
	AverageMs  float64 `json:"averageMs"` // latency
	P50Ms      float64 `json:"p50Ms"`
	P95Ms      float64 `json:"p95Ms"`
	P99Ms      float64 `json:"p99Ms"`
}

// Process is a k6 that runs. It may be used concurrently.
type Process struct {
	cmd           *exec.Cmd
	cancel        context.CancelFunc
	output        *tail
	work, summary string // folder of the run, and the file in it
	done          chan struct{}
	result        Result // once done is closed
}

func newProcess(cmd *exec.Cmd, cancel context.CancelFunc, output io.Writer) *Process {
	p := &Process{cmd: cmd, cancel: cancel, output: &tail{next: output}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = grace
	return p
}

// start starts the process and leaves a goroutine that waits for its end.
func (p *Process) start(ctx context.Context) error {
	started := make(chan error)
	go func() {
		// Linux ends the process when the thread that started it ends: this one stays until the process has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		p.result.Started = time.Now()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.await(ctx)
		}
	}()
	err := <-started
	if err != nil {
		p.cancel()
	}
	return err
}

func (p *Process) await(ctx context.Context) {
	defer close(p.done)
	defer p.cancel()
	_ = p.cmd.Wait() // the state says how it ended
	p.kill()         // whatever it left
	p.result.Ended = time.Now()
	p.result.CPU = p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
	p.result.ExitCode = p.cmd.ProcessState.ExitCode()
	p.result.ThresholdsFailed = p.result.ExitCode == thresholdsFailed
	p.result.Interrupted = p.result.ExitCode == interrupted || ctx.Err() != nil
	p.result.LastLines = p.output.lines()
	p.result.Summary = readSummary(p.summary)
	p.result.Err = errors.Join(p.failure(), os.RemoveAll(p.work))
}

// kill ends k6's whole group at once.
func (p *Process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // ESRCH when the group is gone
}

// failure says why the run is not one.
func (p *Process) failure() error {
	switch p.result.ExitCode {
	case 0, thresholdsFailed, interrupted:
		return nil
	}
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && p.result.Interrupted && status.Signal() == syscall.SIGINT {
		return nil // stopped before it could do so by itself
	}
	return fmt.Errorf("k6: %v: %s", p.cmd.ProcessState, complaint(p.result.LastLines))
}

// complaint is the last of what k6 said, without where in a script that was.
func complaint(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if !strings.HasPrefix(line, "\tat ") {
			return line
		}
	}
	return "it said nothing"
}

// readSummary returns what lib/summary.ts wrote, nil when k6 did not come that far.
func readSummary(file string) *Summary {
	text, err := os.ReadFile(file) //nolint:gosec // G304: of the run's own folder
	if err != nil {
		return nil
	}
	var summary Summary
	if err := json.Unmarshal(text, &summary); err != nil {
		return nil
	}
	return &summary
}

// Stop asks k6 to stop, waits until it has ended and returns how. A k6 that takes longer than half a minute is killed, and so is one that
// still runs when ctx ends: the error says so.
func (p *Process) Stop(ctx context.Context) (Result, error) {
	p.cancel()
	select {
	case <-p.done:
		return p.result, nil
	case <-ctx.Done():
		p.kill()
		<-p.done
		return p.result, fmt.Errorf("k6 was killed while it stopped: %w", ctx.Err())
	}
}

// Done is closed when k6 has ended and its Result is there.
func (p *Process) Done() <-chan struct{} { return p.done }

// Result returns how the run ended; before its end nothing but when it started.
func (p *Process) Result() Result {
	select {
	case <-p.done:
		return p.result
	default:
		return Result{Started: p.result.Started}
	}
}

// Pid is the process id of k6.
func (p *Process) Pid() int { return p.cmd.Process.Pid }
