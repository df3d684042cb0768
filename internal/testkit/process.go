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

// readyWithin is the maximum time until a process is ready. It is long because tests share the machine.
const readyWithin = 20 * time.Second

// Main is for TestMain of packages that test the built program. It builds the program, with the race detector if the test has it, calls run
// with its path, and deletes it. It returns the exit code of run, or 1 if the build fails.
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
	args = append(args, "deals.example/cmd/deals")
	command := exec.CommandContext(context.Background(), "go", args...) //nolint:gosec // G204: our own arguments
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, output)
	}
	return binary, nil
}

// Process is a component that runs as a process. Only Output is safe for concurrent use.
type Process struct {
	Name string
	URL  string // of its HTTP server

	binary  string
	environ []string
	output  tail
	command *exec.Cmd
	exited  chan struct{}
}

// Start starts a component on a free port and waits until it is ready. It is killed when the test ends. Its environment is PATH, PORT,
// DRAIN_GRACE and environ, each NAME=value.
func Start(tb testing.TB, binary, component string, environ ...string) *Process {
	tb.Helper()
	port := FreePort(tb)
	return StartOn(tb, binary, component, port, environ...)
}

// StartOn is like Start with a given port, for processes that need each other's addresses.
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

// Restart kills the process if it runs and starts it with the same port and environment.
func (p *Process) Restart(tb testing.TB) {
	tb.Helper()
	p.Kill(tb)
	// The context of a test ends before its cleanups; Kill ends the process.
	p.command = exec.CommandContext(context.WithoutCancel(tb.Context()), p.binary, "run", p.Name) //nolint:gosec // G204: our own program
	p.command.Env, p.command.Stdout, p.command.Stderr = p.environ, &p.output, &p.output
	p.command.WaitDelay = time.Second
	require.NoError(tb, p.command.Start())
	exited := make(chan struct{})
	p.exited = exited
	go func(command *exec.Cmd) {
		_ = command.Wait() // Wait returns the exit code
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

// Kill ends the process with SIGKILL and waits for its end. It is a no-op if the process does not run.
func (p *Process) Kill(tb testing.TB) {
	tb.Helper()
	if p.command == nil {
		return
	}
	_ = p.command.Process.Kill() // it may have ended
	<-p.exited
}

// Signal sends a signal and does not wait.
func (p *Process) Signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	require.NoError(tb, p.command.Process.Signal(signal))
}

// Wait waits until the process ends and returns its exit code, -1 if a signal ended it.
func (p *Process) Wait(tb testing.TB, within time.Duration) int {
	tb.Helper()
	select {
	case <-p.exited:
	case <-time.After(within):
		require.Fail(tb, fmt.Sprintf("%s still runs after %s", p.Name, within), p.Output())
	}
	return p.command.ProcessState.ExitCode()
}

// PID returns the process id.
func (p *Process) PID() int { return p.command.Process.Pid }

// Output returns the last 64 KiB of output.
func (p *Process) Output() string { return p.output.String() }

// tail keeps the last tailSize bytes written to it. It is safe for concurrent use.
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
