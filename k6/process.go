package k6

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"deals.example/internal/process"
)

// Bounds of Result.LastLines.
const (
	maxLines = 20
	maxLine  = 500 // bytes
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
	NotSent  int `json:"notSent"`  // not sent when they were due, because every client still waited for an answer
	// RefusedPct is how many in a hundred answers were a 429.
	RefusedPct float64 `json:"refusedPct"`
	RPS        float64 `json:"rps"`       // requests a second
	AverageMs  float64 `json:"averageMs"` // latency
	P50Ms      float64 `json:"p50Ms"`
	P95Ms      float64 `json:"p95Ms"`
	P99Ms      float64 `json:"p99Ms"`
}

// Process is a running k6. It may be used concurrently.
type Process struct {
	child         *process.Process
	cancel        context.CancelFunc
	tail          *process.Tail
	work, summary string // folder of the run, and the file in it
	done          chan struct{}
	result        Result // once done is closed
}

// start starts k6 in dir. Its output goes to out, which may be nil.
func start(ctx context.Context, cfg process.Config, out io.Writer, work, summary string) (*Process, error) {
	ctx, cancel := context.WithCancel(ctx)
	p := &Process{cancel: cancel, tail: process.NewTail(maxLines), work: work, summary: summary, done: make(chan struct{})}
	cfg.Stop, cfg.Grace, cfg.ParentDeath = syscall.SIGINT, grace, syscall.SIGKILL
	cfg.Output = func(r io.Reader) {
		process.ReadLines(r, func(line []byte) {
			p.tail.Add(line)
			if out != nil {
				_, _ = fmt.Fprintf(out, "%s\n", line) // k6 must not end because nobody listens
			}
		})
	}
	var err error
	if p.child, err = process.Start(ctx, cfg); err != nil {
		cancel()
		return nil, err
	}
	go p.await(ctx)
	return p, nil
}

func (p *Process) await(ctx context.Context) {
	defer close(p.done)
	defer p.cancel()
	<-p.child.Done()
	state := p.child.State()
	p.result = Result{
		Started: p.child.Started(), Ended: p.child.Ended(), CPU: state.UserTime() + state.SystemTime(),
		ExitCode: state.ExitCode(), ThresholdsFailed: state.ExitCode() == thresholdsFailed,
		Interrupted: state.ExitCode() == interrupted || ctx.Err() != nil,
		LastLines:   p.lastLines(), Summary: readSummary(p.summary),
	}
	p.result.Err = errors.Join(p.failure(), os.RemoveAll(p.work))
}

// lastLines returns the last lines of the output, the long ones cut.
func (p *Process) lastLines() []string {
	lines := p.tail.Take()
	for i, line := range lines {
		line = strings.ToValidUTF8(line, "")
		if len(line) > maxLine {
			line = strings.ToValidUTF8(line[:maxLine], "") + "…"
		}
		lines[i] = line
	}
	return lines
}

// failure says why the run is not one.
func (p *Process) failure() error {
	switch p.result.ExitCode {
	case 0, thresholdsFailed, interrupted:
		return nil
	}
	if p.result.Interrupted && p.child.EndedBy(syscall.SIGINT) {
		return nil // stopped before it could handle the signal
	}
	return fmt.Errorf("k6: %v: %s", p.child.State(), complaint(p.result.LastLines))
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
		p.child.Kill()
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
		return Result{Started: p.child.Started()}
	}
}

// Pid returns the process id of k6.
func (p *Process) Pid() int { return p.child.Pid() }
