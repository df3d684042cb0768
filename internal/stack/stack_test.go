package stack_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/stack"
)

func TestStartAndStopOrder(t *testing.T) {
	t.Parallel()
	front := server("front", freeAddress(t), "middle")
	front.URL = "http://front.example"
	s := start(t, stack.Config{Page: "front", Processes: []stack.Process{
		front,
		server("middle", freeAddress(t), "back", "left-out"),
		server("back", freeAddress(t)),
	}})
	s.shows(t, "open http://front.example\n")
	s.shows(t, "press Ctrl-C to stop")
	s.stop()
	require.NoError(t, s.wait(t))

	steps := regexp.MustCompile(`(\w+) (is ready|stopped)`).FindAllString(s.out.String(), -1)
	assert.Equal(t, []string{
		"back is ready", "middle is ready", "front is ready",
		"front stopped", "middle stopped", "back stopped", "all stopped",
	}, steps)
}

func TestLastIsStoppedLast(t *testing.T) {
	t.Parallel()
	observer := server("observer", freeAddress(t))
	observer.Last = true
	s := start(t, stack.Config{Processes: []stack.Process{
		observer, server("front", freeAddress(t), "back"), server("back", freeAddress(t)),
	}})
	s.shows(t, "press Ctrl-C to stop")
	s.stop()
	require.NoError(t, s.wait(t))
	assert.Equal(t, []string{"front stopped", "back stopped", "observer stopped", "all stopped"},
		regexp.MustCompile(`(\w+) stopped`).FindAllString(s.out.String(), -1))
}

func TestIndependentProcessesStartInParallel(t *testing.T) {
	t.Parallel()
	left, right := server("left", freeAddress(t)), server("right", freeAddress(t))
	left.Ready, right.Ready = right.Ready, left.Ready
	s := start(t, stack.Config{Processes: []stack.Process{left, right}})
	s.shows(t, "all 2 ready")
}

func TestPrintsTableOfURLs(t *testing.T) {
	t.Parallel()
	front := server("front", freeAddress(t))
	front.Summary = "the API"
	s := start(t, stack.Config{Processes: []stack.Process{front, shell("quiet-one", "sleep 60")}})
	s.shows(t, "press Ctrl-C to stop")
	assert.Regexp(t, `(?m)^  NAME +URL +PID +SUMMARY$`, s.out)
	assert.Regexp(t, `(?m)^  front +http://`+front.Address+` +\d+ +the API$`, s.out)
	assert.Regexp(t, `(?m)^  quiet-one +- +\d+ +$`, s.out)
}

func TestReportsAllPortConflicts(t *testing.T) {
	t.Parallel()
	var taken [2]string
	for i := range taken {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer func() { _ = listener.Close() }()
		taken[i] = listener.Addr().String()
	}
	s := start(t, stack.Config{Processes: []stack.Process{
		server("front", taken[0]), server("free", freeAddress(t)), server("back", taken[1]),
	}})
	err := s.wait(t)

	var ports *stack.PortsTaken
	require.ErrorAs(t, err, &ports)
	require.Len(t, ports.Conflicts, 2)
	require.ErrorContains(t, err, "front cannot bind "+taken[0])
	require.ErrorContains(t, err, "back cannot bind "+taken[1])
	assert.NotContains(t, s.out.String(), "starting")
	if _, err := os.Stat("/proc/self/fd"); err == nil {
		assert.Contains(t, ports.Conflicts[0].Holder, "pid "+strconv.Itoa(os.Getpid())+" ("+os.Args[0])
	}
}

func TestSecondStackReportsTheFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{shell("one", "sleep 60")}})
	first.shows(t, "all 1 ready")

	second := start(t, stack.Config{
		StateDir: dir, Processes: []stack.Process{shell("one", "sleep 60")},
		Prepare: func() error { return errors.New("Prepare must not be called") },
	})
	err := second.wait(t)
	require.ErrorIs(t, err, stack.ErrRunning)
	require.ErrorContains(t, err, "pid "+strconv.Itoa(os.Getpid()))

	first.stop()
	require.NoError(t, first.wait(t))
	third := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{shell("one", "sleep 60")}})
	third.shows(t, "all 1 ready")
}

func TestRestartsAKilledProcess(t *testing.T) {
	t.Parallel()
	back := server("back", freeAddress(t))
	s := start(t, stack.Config{Processes: []stack.Process{back, server("front", freeAddress(t), "back")}})
	s.shows(t, "press Ctrl-C to stop")
	pid, err := strconv.Atoi(regexp.MustCompile(`back +http\S+ +(\d+)`).FindStringSubmatch(s.out.String())[1])
	require.NoError(t, err)

	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	s.shows(t, "back exited: signal: killed after")
	s.shows(t, "back is ready again")
	assert.Regexp(t, `(?m)^back  \|     serving$`, s.out, "its last lines are printed again")
	require.NoError(t, back.Ready(t.Context()))
	s.stop()
	require.NoError(t, s.wait(t))
}

func TestRestartPauseDoublesUpToMax(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Config{
		Processes: []stack.Process{shell("flapping", "exit 3")},
		Restart:   stack.Backoff{First: time.Millisecond, Max: 4 * time.Millisecond, Healthy: time.Hour},
	})
	require.Eventually(t, func() bool { return strings.Count(s.out.String(), "restarting in") >= 4 },
		20*time.Second, 5*time.Millisecond)
	pauses := regexp.MustCompile(`exit status 3 after \S+; restarting in (\S+)`).FindAllStringSubmatch(s.out.String(), 4)
	require.Len(t, pauses, 4)
	assert.Equal(t, []string{"1ms", "2ms", "4ms", "4ms"}, []string{pauses[0][1], pauses[1][1], pauses[2][1], pauses[3][1]})
}

func TestRestartPauseIsResetByAHealthyRun(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Config{
		Processes: []stack.Process{shell("flapping", "exit 3")},
		Restart:   stack.Backoff{First: time.Millisecond, Max: time.Hour, Healthy: time.Nanosecond},
	})
	require.Eventually(t, func() bool { return strings.Count(s.out.String(), "restarting in 1ms") >= 4 },
		20*time.Second, 5*time.Millisecond)
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	neverReady := server("slow", freeAddress(t))
	neverReady.Ready = listens(freeAddress(t))
	dies := shell("broken", "echo DEALS=x: wrong; exit 1")
	dies.Ready = listens(freeAddress(t))
	for name, test := range map[string]struct {
		processes []stack.Process
		timeout   time.Duration
		want      string
	}{
		"never ready": {
			[]stack.Process{neverReady}, time.Second, "slow is not ready after 1s: dial tcp",
		},
		"exits repeatedly": {
			[]stack.Process{dies}, time.Minute, "broken ended 3 times before it was ready: exit status 1",
		},
		"missing program": {
			[]stack.Process{{Name: "gone", Path: "/nonexistent/program", Ready: dies.Ready}},
			time.Minute,
			"gone ended 3 times before it was ready: start failed: fork/exec /nonexistent/program",
		},
		"missing external server": {
			[]stack.Process{{Name: "redis", Ready: dies.Ready}}, 50 * time.Millisecond, "redis is not ready after 50ms",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, stack.Config{Processes: test.processes, ReadyTimeout: test.timeout})
			require.ErrorContains(t, s.wait(t), test.want)
		})
	}
}

func TestContinuesWithoutOptionalProcesses(t *testing.T) {
	t.Parallel()
	neverReady := server("slow", freeAddress(t))
	neverReady.Ready = listens(freeAddress(t))
	dies := shell("broken", "exit 1")
	dies.Ready = neverReady.Ready
	for name, test := range map[string]struct {
		optional stack.Process
		timeout  time.Duration
		want     string
	}{
		"never ready":      {neverReady, time.Second, "continuing without slow: slow is not ready after 1s: dial tcp"},
		"exits repeatedly": {dies, time.Minute, "continuing without broken: broken ended 3 times before it was ready: exit status 1"},
		"missing program": {
			stack.Process{Name: "gone", Path: "/nonexistent/program", Ready: dies.Ready},
			time.Minute, "continuing without gone: gone ended 3 times",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.optional.Optional = true
			front := shell("front", "sleep 60")
			front.Needs = []string{test.optional.Name}
			s := start(t, stack.Config{Processes: []stack.Process{test.optional, front}, ReadyTimeout: test.timeout})
			s.shows(t, "1 of 2 ready")
			assert.Contains(t, s.out.String(), test.want)
			s.stop()
			require.NoError(t, s.wait(t))
		})
	}
}

func TestStopDuringStart(t *testing.T) {
	t.Parallel()
	slow := server("slow", freeAddress(t))
	slow.Ready = listens(freeAddress(t))
	s := start(t, stack.Config{Processes: []stack.Process{slow, server("front", freeAddress(t), "slow")}})
	s.shows(t, "serving")
	s.stop()
	require.NoError(t, s.wait(t))
	assert.NotContains(t, s.out.String(), "front")
}

func TestStubbornProcessIsKilledAfterGrace(t *testing.T) {
	t.Parallel()
	stubborn := server("stubborn", freeAddress(t))
	stubborn.Args[1] = "stubborn"
	s := start(t, stack.Config{Processes: []stack.Process{stubborn}, Grace: 50 * time.Millisecond})
	s.shows(t, "all 1 ready")
	s.stop()
	require.ErrorContains(t, s.wait(t), "stop failed: stubborn was killed: it did not end within 50ms of SIGTERM")
}

func TestProcessThatIsKilledDuringItsGrace(t *testing.T) {
	t.Parallel()
	victim := shell("victim", "trap 'kill -9 $$' TERM; echo armed; while :; do sleep 0.01; done")
	s := start(t, stack.Config{Processes: []stack.Process{victim}, Grace: time.Hour, Verbose: true})
	s.shows(t, "armed")
	s.stop()
	require.ErrorContains(t, s.wait(t), "stop failed: victim: signal: killed after ")
}

func TestStateDirTooLongForASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 100))
	s := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{shell("one", "sleep 60")}})
	require.ErrorContains(t, s.wait(t), "the limit for the Unix socket in it")
	assert.NoDirExists(t, dir)
}

func TestKillDoesNotWait(t *testing.T) {
	t.Parallel()
	stubborn := server("stubborn", freeAddress(t))
	stubborn.Args[1] = "stubborn"
	s := start(t, stack.Config{Processes: []stack.Process{stubborn}, Grace: time.Hour})
	s.shows(t, "all 1 ready")
	s.stop()
	s.shows(t, "stopping")
	s.Kill()
	require.ErrorContains(t, s.wait(t), "stop failed: killed")
}

func TestProcessGroupIsKilled(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Config{Processes: []stack.Process{shell("leaver", "sleep 300 & echo left $!; exit 0")}})
	s.shows(t, "leaver exited")
	left := regexp.MustCompile(`left (\d+)`).FindStringSubmatch(s.out.String())
	require.NotNil(t, left)
	pid, err := strconv.Atoi(left[1])
	require.NoError(t, err)
	require.Eventually(t, func() bool { return gone(pid) }, 10*time.Second, 5*time.Millisecond)
}

func TestProcessesEndWithAKilledStack(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("parent death signals exist on Linux only")
	}
	addresses := []string{freeAddress(t), freeAddress(t), freeAddress(t)}
	args := append([]string{childArg, "stack", t.TempDir()}, addresses...)
	parent := exec.CommandContext(t.Context(), os.Args[0], args...) //nolint:gosec // G204: the test itself
	require.NoError(t, parent.Start())
	for _, address := range addresses {
		require.Eventually(t, func() bool { return listens(address)(t.Context()) == nil }, 20*time.Second, 10*time.Millisecond)
	}
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	for _, address := range addresses {
		require.Eventually(t, func() bool { return listens(address)(t.Context()) != nil }, 20*time.Second, 10*time.Millisecond)
	}
}

func TestLogFilesContainAllOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	talker := shell("talker", `echo '{"level":"DEBUG","msg":"small talk"}'; sleep 60`)
	s := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{talker}})
	require.Eventually(t, func() bool {
		return logOf(dir, "talker") == `{"level":"DEBUG","msg":"small talk"}`+"\n"
	}, 20*time.Second, 5*time.Millisecond)
	assert.NotContains(t, s.out.String(), "small talk")
}

// logOf returns the content of a process's log file.
func logOf(stateDir, name string) string {
	text, err := fs.ReadFile(os.DirFS(stateDir), "logs/"+name+".log")
	if err != nil {
		return ""
	}
	return string(text)
}

// gone reports whether no process, except a zombie, has the id.
func gone(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err != nil && syscall.Kill(pid, 0) != nil || strings.Contains(string(stat), ") Z ")
}

// listens returns a probe that succeeds if address accepts a connection.
func listens(address string) stack.Probe {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}
