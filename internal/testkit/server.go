package testkit

import (
	"context"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serverProcess is a third-party server, such as Prometheus, of a test.
type serverProcess struct {
	binary, dir, ready string
	arguments          []string

	client  *http.Client
	output  tail
	process *exec.Cmd
	exited  chan struct{}
}

// findServer returns the path of a server in bin/ or on PATH. The test fails if there is none.
func findServer(tb testing.TB, name string) string {
	tb.Helper()
	return findBuilt(tb, name, name)
}

// Promtool returns the path of promtool. The test fails if it is neither in bin/ nor on PATH.
func Promtool(tb testing.TB) string {
	tb.Helper()
	return findBuilt(tb, "promtool", "prometheus")
}

// findBuilt returns the path of a program that a target of make builds in bin/.
func findBuilt(tb testing.TB, name, target string) string {
	tb.Helper()
	binary, err := exec.LookPath(filepath.Join(moduleRoot(tb), "bin", name))
	if err != nil {
		binary, err = exec.LookPath(name)
	}
	if err != nil {
		tb.Fatalf("%s is neither in bin/ nor on PATH: make bin/%s builds it", name, target)
	}
	return binary
}

// newServerClient returns a client of a server.
func newServerClient() *http.Client { return &http.Client{Timeout: 10 * time.Second} }

// startServer runs a server in dir until the test ends. It returns when the URL ready is answered with 200.
func startServer(tb testing.TB, binary, dir, ready string, arguments ...string) *serverProcess {
	tb.Helper()
	s := &serverProcess{binary: binary, dir: dir, ready: ready, arguments: arguments, client: newServerClient()}
	s.start(tb)
	tb.Cleanup(func() {
		s.kill()
		s.client.CloseIdleConnections()
		if tb.Failed() {
			tb.Logf("last output of %s:\n%s", filepath.Base(binary), &s.output)
		}
	})
	return s
}

// Kill ends the server with SIGKILL and waits for its end. It is a no-op if the server has ended.
func (s *serverProcess) Kill(testing.TB) { s.kill() }

// Restart kills the server if it runs and starts it with the same data.
func (s *serverProcess) Restart(tb testing.TB) {
	tb.Helper()
	s.kill()
	s.start(tb)
}

func (s *serverProcess) kill() {
	_ = s.process.Process.Kill() // it may have ended
	<-s.exited
}

func (s *serverProcess) start(tb testing.TB) {
	tb.Helper()
	// The context of a test ends before its cleanups; a cleanup ends the process.
	process := exec.CommandContext(context.WithoutCancel(tb.Context()), s.binary, s.arguments...) //nolint:gosec // G204: our own arguments
	process.Dir, process.Stdout, process.Stderr = s.dir, &s.output, &s.output
	require.NoError(tb, process.Start())
	exited := make(chan struct{})
	go func() {
		_ = process.Wait() // killed
		close(exited)
	}()
	s.process, s.exited = process, exited
	require.Eventually(tb, func() bool { return answers(tb.Context(), s.client, s.ready) },
		readyWithin, 20*time.Millisecond, "%s did not start; its output:\n%s", filepath.Base(s.binary), &s.output)
}
