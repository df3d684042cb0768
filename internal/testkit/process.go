package testkit

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readyWithin bounds the start of a process: generous, since tests share their machine.
const readyWithin = 20 * time.Second

// Main is for TestMain of a package that tests the program itself: it builds the program, with the race detector when the
// tests have it, hands its path to run, and cleans up after it. It returns the exit code of run, or 1 when the program can't be built.
func Main(run func(program string) int) int {
	dir, err := os.MkdirTemp("", "deals-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program, err := build(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run(program)
}

func build(dir string) (string, error) {
	binary := filepath.Join(dir, "deals")
	args := []string{"build", "-o", binary}
	if raceDetector {
		args = append(args, "-race")
	}
	command := exec.CommandContext(context.Background(), "go", append(args, "deals.example/cmd/deals")...) //nolint:gosec // G204: our own arguments
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, output)
	}
	return binary, nil
}

// Process is one component as a real process. Its methods are not for concurrent use, except Output and Exited.
type Process struct {
	Name string
	URL  string // of its HTTP server

	binary  string
	environ []string
	output  tail
	command *exec.Cmd
	exited  chan struct{}
}

// Start runs a component of the program on a free port, waits until it is ready, and kills it when the test ends. The environment
// of the process is PATH and what is given, each as NAME=value.
func Start(tb testing.TB, binary, component string, environ ...string) *Process {
	tb.Helper()
	port := FreePort(tb)
	return StartOn(tb, binary, component, port, environ...)
}

// StartOn is Start on a port of the caller's choice, for processes that must know each other's address before they start.
func StartOn(tb testing.TB, binary, component string, port int, environ ...string) *Process {
	tb.Helper()
	p := &Process{
		Name: component, URL: "http://127.0.0.1:" + strconv.Itoa(port), binary: binary,
		environ: append([]string{"PATH=" + os.Getenv("PATH"), "PORT=" + strconv.Itoa(port), "DRAIN_GRACE=300ms"}, environ...),
	}
	tb.Cleanup(func() {
		p.Kill(tb)
		if tb.Failed() {
			tb.Logf("last output of %s:\n%s", component, p.Output())
		}
	})
	p.Restart(tb)
	return p
}

// Restart starts the process again, on the same port and with the same environment, killing it first if it runs.
func (p *Process) Restart(tb testing.TB) {
	tb.Helper()
	p.Kill(tb)
	// The context of a test ends before its clean-ups run; Kill ends the process, not the context.
	p.command = exec.CommandContext(context.WithoutCancel(tb.Context()), p.binary, "run", p.Name) //nolint:gosec // G204: our own program
	p.command.Env, p.command.Stdout, p.command.Stderr = p.environ, &p.output, &p.output
	p.command.WaitDelay = time.Second
	require.NoError(tb, p.command.Start())
	exited := make(chan struct{})
	p.exited = exited
	go func(command *exec.Cmd) {
		_ = command.Wait() // how it ended is asked for by Wait
		close(exited)
	}(p.command)
	p.awaitStart(tb)
}

// awaitStart waits until the process answers, or has ended.
func (p *Process) awaitStart(tb testing.TB) {
	tb.Helper()
	client := &http.Client{Timeout: time.Second}
	require.Eventually(tb, func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return answers(tb.Context(), client, p.URL+"/healthz")
		}
	}, readyWithin, 10*time.Millisecond, "%s did not start; its output:\n%s", p.Name, &p.output)
	select {
	case <-p.exited:
		require.Fail(tb, p.Name+" ended instead of starting", p.Output())
	default:
	}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode == http.StatusOK
}

// Kill ends the process with SIGKILL and waits until it is gone. Killing one that does not run does nothing.
func (p *Process) Kill(tb testing.TB) {
	tb.Helper()
	if p.command == nil {
		return
	}
	_ = p.command.Process.Kill() // it may be gone
	<-p.exited
}

// Signal sends a signal and does not wait.
func (p *Process) Signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	require.NoError(tb, p.command.Process.Signal(signal))
}

// Wait waits until the process has ended by itself and returns its exit code, -1 when a signal ended it.
func (p *Process) Wait(tb testing.TB, within time.Duration) int {
	tb.Helper()
	select {
	case <-p.exited:
	case <-time.After(within):
		require.Fail(tb, fmt.Sprintf("%s still runs after %s", p.Name, within), p.Output())
	}
	return p.command.ProcessState.ExitCode()
}

// PID is the process's id.
func (p *Process) PID() int { return p.command.Process.Pid }

// Output is the last of what the process wrote.
func (p *Process) Output() string { return p.output.String() }

// tail keeps the last of what is written to it. It may be used concurrently.
type tail struct {
	mu   sync.Mutex
	last bytes.Buffer
}

const tailSize = 64 << 10 // bytes

func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last.Write(text)
	if over := t.last.Len() - tailSize; over > 0 {
		t.last.Next(over)
	}
	return len(text), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last.String()
}
