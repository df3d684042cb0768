package main_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	deals "deals.example/cmd/deals"
	"deals.example/internal/testkit"
)

// TestMain runs the program itself if the first argument is a command: `deals up` starts its own executable for each
// process, which is the test binary here.
func TestMain(m *testing.M) {
	logging.Disable()
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(deals.Run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m)
}

// outcome is the result of a run of the program.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs the program to its end.
func run(t *testing.T, environ []string, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := deals.Run(t.Context(), args, environ, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

// running is a running program.
type running struct {
	stdout, stderr *testkit.Output
	stop           context.CancelFunc
	code           chan int
}

// start runs the program until it is stopped or the test ends.
func start(t *testing.T, environ []string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{stdout: &testkit.Output{}, stderr: &testkit.Output{}, stop: cancel, code: make(chan int, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.code <- deals.Run(ctx, args, environ, strings.NewReader(""), r.stdout, r.stderr)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return r
}

// isUp waits until `deals up` reports that all processes are ready.
func (r *running) isUp(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(r.stdout.String(), "press Ctrl-C to stop") },
		20*time.Second, 10*time.Millisecond, "%s%s", r.stdout, r.stderr)
}

// wait returns the exit code.
func (r *running) wait(t *testing.T) int {
	t.Helper()
	select {
	case code := <-r.code:
		return code
	case <-time.After(20 * time.Second):
		require.Fail(t, "the program does not end", r.stdout.String())
		return -1
	}
}
