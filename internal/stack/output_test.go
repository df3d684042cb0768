package stack_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/stack"
	"deals.example/internal/testkit"
)

// talker returns a process whose last line is "done".
func talker(name, script string) stack.Process { return shell(name, script+"\necho done; sleep 60") }

func TestConsole(t *testing.T) {
	t.Parallel()
	const (
		own    = `{"time":"2026-01-02T03:04:05.678Z","level":"INFO","msg":"listening","service":"p","address":":1","text":"a b"}`
		access = `{"time":"2026-01-02T03:04:05.678Z","level":"INFO","msg":"request","trace_id":"t","status":200}`
		warn   = `{"level":"WARN","msg":"slow request","trace_id":"t","correlation_id":"c","status":200,"nested":{"a":[1]}}`
	)
	for name, test := range map[string]struct {
		line  string
		cfg   stack.Config
		quiet bool
		want  string // after the prefix; empty if nothing is printed
	}{
		"record of the process":        {line: own, want: `\d\d:04:05\.678 INFO  listening address=:1 text="a b"`},
		"record of a request":          {line: access},
		"record of a request, verbose": {line: access, cfg: stack.Config{Verbose: true}, want: `\S+ INFO  request status=200`},
		"warning":                      {line: warn, want: `WARN  slow request status=200 nested={"a":\[1\]}`},
		"warning, raw":                 {line: warn, cfg: stack.Config{Raw: true}, want: regexp.QuoteMeta(warn)},
		"record of a request, raw":     {line: access, cfg: stack.Config{Raw: true}},
		"quiet process":                {line: warn, quiet: true},
		"quiet process, verbose":       {line: "boo", quiet: true, cfg: stack.Config{Verbose: true}, want: "boo"},
		"plain line":                   {line: "panic: boo", want: "panic: boo"},
		"JSON that is not a record":    {line: `{"a":1}`, want: `{"a":1}`},
		"invalid JSON":                 {line: `{"level":"INFO","msg":`, want: `{"level":"INFO","msg":`},
		"coloured level": {
			line: warn, cfg: stack.Config{Color: true}, want: "\x1b\\[33mWARN \x1b\\[0m slow request .*",
		},
		"control characters": {
			line: "{\"level\":\"ERROR\",\"msg\":\"a\\u001b[2Jb\",\"k\":\"\\r\\n\"}", want: "ERROR a\uFFFD\\[2Jb k=\"  \"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.cfg.StateDir = t.TempDir()
			p := talker("p", "printf '%s\\n' '"+test.line+"'")
			p.Quiet = test.quiet
			test.cfg.Processes = []stack.Process{p}
			s := start(t, test.cfg)
			require.Eventually(t, func() bool {
				return strings.HasSuffix(logOf(test.cfg.StateDir, "p"), "done\n")
			}, 20*time.Second, 5*time.Millisecond)
			s.stop()
			require.NoError(t, s.wait(t))

			printed := regexp.MustCompile(`(?m)^(?:\x1b\[\d+m)?p  \| (?:\x1b\[0m)?(.*)$`).FindAllStringSubmatch(s.out.String(), -1)
			if test.want == "" {
				for _, line := range printed {
					assert.Equal(t, "done", line[1])
				}
				return
			}
			require.NotEmpty(t, printed, s.out)
			assert.Regexp(t, "^"+test.want+"$", printed[0][1])
		})
	}
}

func TestLinesAreNotInterleaved(t *testing.T) {
	t.Parallel()
	const lines = 500
	var processes []stack.Process
	for i := range 4 {
		script := fmt.Sprintf("i=0; while [ $i -lt %d ]; do echo %s-$i; echo %s-$i >&2; i=$((i+1)); done",
			lines, strings.Repeat("a", 100), strings.Repeat("b", 100))
		processes = append(processes, talker(fmt.Sprintf("p%d", i), script))
	}
	s := start(t, stack.Config{Processes: processes})
	require.Eventually(t, func() bool { return strings.Count(s.out.String(), "| done\n") == len(processes) },
		20*time.Second, 10*time.Millisecond)
	s.stop()
	require.NoError(t, s.wait(t))

	whole := regexp.MustCompile(`(?m)^p\d \| (a{100}|b{100})-\d+$`)
	assert.Len(t, whole.FindAllString(s.out.String(), -1), len(processes)*lines*2)
}

func TestLongLineIsTruncated(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Config{Processes: []stack.Process{talker("p", "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo after")}})
	s.shows(t, "p  | after\n")
	assert.Regexp(t, `x… \(983616 bytes more\)`, s.out)
	assert.Less(t, len(s.out.String()), 20_000)
}

func TestLastLineWithoutNewlineIsPrinted(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Config{Processes: []stack.Process{shell("p", "printf 'last words'; exit 1")}})
	s.shows(t, "p  | last words\n")
}

func TestLogFilesAreBounded(t *testing.T) {
	t.Parallel()
	const limit = 8 << 20
	dir := t.TempDir()
	p := shell("p", "yes '"+strings.Repeat("x", 8000)+"' | head -n 3000; echo done; sleep 60")
	p.Quiet = true
	start(t, stack.Config{StateDir: dir, Processes: []stack.Process{p}})
	require.Eventually(t, func() bool { return strings.HasSuffix(logOf(dir, "p"), "done\n") },
		30*time.Second, 20*time.Millisecond)
	for _, file := range []string{"p.log", "p.log.1"} {
		info, err := os.Stat(filepath.Join(dir, "logs", file))
		require.NoError(t, err)
		assert.LessOrEqual(t, info.Size(), int64(limit))
	}
}

// stalled is a terminal that blocks until it is released.
type stalled struct{ released chan struct{} }

func (s stalled) Write(p []byte) (int, error) {
	<-s.released
	return len(p), nil
}

func TestBlockedTerminalDoesNotBlockProcesses(t *testing.T) {
	t.Parallel()
	var out testkit.Output
	terminal, dir := stalled{make(chan struct{})}, t.TempDir()
	s, err := stack.New(stack.Config{
		Processes: []stack.Process{talker("p", "yes "+strings.Repeat("x", 1000)+" | head -n 20000")},
		StateDir:  dir, Out: io.MultiWriter(terminal, &out),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	require.Eventually(t, func() bool { return strings.HasSuffix(logOf(dir, "p"), "done\n") },
		30*time.Second, 20*time.Millisecond)

	close(terminal.released)
	cancel()
	require.NoError(t, <-ended)
	assert.Regexp(t, `(?m)^\(\d+ lines dropped: the terminal is too slow\)$`, &out)
}
