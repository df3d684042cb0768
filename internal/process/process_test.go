package process_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shell runs a script. Each line of its output goes to lines.
func shell(ctx context.Context, t *testing.T, script string) (p *process.Process, lines <-chan string) {
	t.Helper()
	out := make(chan string, 100)
	p, err := process.Start(ctx, process.Config{
		Path: "/bin/sh", Args: []string{"-c", script}, Env: os.Environ(), //nolint:forbidigo // the shell needs a PATH
		Output: func(r io.Reader) {
			process.ReadLines(r, func(line []byte) { out <- string(line) })
			close(out)
		},
		Stop: syscall.SIGTERM, Grace: 100 * time.Millisecond, ParentDeath: syscall.SIGKILL,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		p.Kill()
		<-p.Done()
	})
	return p, out
}

func TestOutputIsReadToTheEnd(t *testing.T) {
	t.Parallel()
	p, lines := shell(t.Context(), t, "echo one; echo two >&2; printf three; exit 3")
	<-p.Done()
	assert.Equal(t, 3, p.State().ExitCode())
	var all []string
	for line := range lines {
		all = append(all, line)
	}
	assert.Equal(t, []string{"one", "two", "three"}, all, "both streams in order, and a last line without an end")
	assert.False(t, p.Ended().Before(p.Started()))
}

func TestEndOfContextStops(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		want   syscall.Signal
	}{
		"a process that obeys": {"echo up; exec sleep 60", syscall.SIGTERM},
		"a stubborn process":   {"trap '' TERM; echo up; while :; do sleep 1; done", syscall.SIGKILL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p, lines := shell(ctx, t, test.script)
			<-lines
			cancel()
			<-p.Done()
			assert.True(t, p.EndedBy(test.want), p.State())
		})
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	// The child holds the pipe: waiting for its end must not be waiting for the child.
	p, lines := shell(t.Context(), t, "sleep 60 & echo $!")
	pid, err := strconv.Atoi(<-lines)
	require.NoError(t, err)
	<-p.Done()
	require.Eventually(t, func() bool {
		stat, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || strings.Contains(string(stat), ") Z ")
	}, 10*time.Second, 5*time.Millisecond)
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	_, err := process.Start(t.Context(), process.Config{Path: "/nonexistent/program"})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTailKeepsTheLastLines(t *testing.T) {
	t.Parallel()
	tail := process.NewTail(2)
	process.ReadLines(strings.NewReader("a\n\nb\r\n  \nc\n"), tail.Add)
	assert.Equal(t, []string{"b", "c"}, tail.Take())
	assert.Empty(t, tail.Take())
}
