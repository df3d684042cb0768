package k6_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/k6"
)

// The test binary is also a program that runs k6 and is killed: TestMain turns into it when its first argument says so.
const parentArg = "parent"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == parentArg {
		if err := parent(os.Args[2], os.Args[3]); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// parent starts a k6, says which, and waits to be killed.
func parent(binary, dir string) error {
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: binary, Dir: dir, Target: "http://127.0.0.1:1"})
	if err != nil {
		return err
	}
	process, err := runner.Start(context.Background(), k6.Run{Script: "load.ts"})
	if err != nil {
		return err
	}
	fmt.Println(process.Pid())
	<-process.Done()
	return nil
}

// fake is a k6 that does what a shell script says.
func fake(t *testing.T, script string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "k6")
	require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o700)) //nolint:gosec // G306: it is to be run
	return file
}

// start runs a k6 that does what a shell script says.
func start(t *testing.T, script string, run k6.Run) *k6.Process {
	t.Helper()
	runner, err := k6.NewRunner(k6.RunnerConfig{
		Binary: fake(t, script), Dir: t.TempDir(), Target: "http://127.0.0.1:3000",
		PrometheusURL: "http://127.0.0.1:9090", RedisURL: "redis://127.0.0.1:6379/0",
	})
	require.NoError(t, err)
	if run.Script == "" {
		run.Script = "load.ts"
	}
	process, err := runner.Start(t.Context(), run)
	require.NoError(t, err)
	return process
}

func ended(t *testing.T, process *k6.Process) k6.Result {
	t.Helper()
	select {
	case <-process.Done():
	case <-time.After(20 * time.Second):
		require.Fail(t, "k6 still runs")
	}
	return process.Result()
}

const untilInterrupted = `trap 'echo stopping; exit 105' INT
echo running
while :; do sleep 0.02; done
`

func TestWhatK6IsGiven(t *testing.T) {
	t.Setenv("K6_VUS", "1000000")
	var output bytes.Buffer
	result := ended(t, start(t, `pwd; ls; echo "$@"; env`, k6.Run{
		Script: "scenarios/spike.ts", Scenario: "spike", Duration: 90 * time.Second, Intensity: 0.5, Env: map[string]string{"HASHES": "3"}, Output: &output,
	}))
	require.NoError(t, result.Err)
	assert.Contains(t, output.String(), "load.ts\nscenarios\n", "the scripts are in its folder")
	assert.Contains(t, output.String(), "--tag scenario=spike --out experimental-prometheus-rw scenarios/spike.ts\n")
	for _, setting := range []string{
		"TARGET=http://127.0.0.1:3000", "REDIS_URL=redis://127.0.0.1:6379/0", "DURATION=1m30s", "INTENSITY=0.5", "HASHES=3",
		"K6_PROMETHEUS_RW_SERVER_URL=http://127.0.0.1:9090/api/v1/write", "K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM=true",
	} {
		assert.Contains(t, output.String(), setting+"\n")
	}
	assert.NotContains(t, output.String(), "K6_VUS", "the environment is the run's alone")
}

func TestResults(t *testing.T) {
	tests := map[string]struct {
		script string
		want   k6.Result
		err    string
	}{
		"done": {
			`echo '{"requests":5,"success":4,"failures":1,"rps":2.5,"averageMs":1.5,"p95Ms":3}' > "$SUMMARY_FILE"`,
			k6.Result{Summary: &k6.Summary{Requests: 5, Success: 4, Failures: 1, RPS: 2.5, AverageMs: 1.5, P95Ms: 3}},
			"",
		},
		"thresholds":      {`echo slow; exit 99`, k6.Result{ExitCode: 99, ThresholdsFailed: true, LastLines: []string{"slow"}}, ""},
		"bad setting":     {`echo 'Error: MODE is "x"'; printf '\tat read (settings.ts)\n\n'; exit 107`, k6.Result{ExitCode: 107, LastLines: []string{`Error: MODE is "x"`, "\tat read (settings.ts)"}}, `k6: exit status 107: Error: MODE is "x"`},
		"silent":          {`exit 1`, k6.Result{ExitCode: 1}, "k6: exit status 1: it said nothing"},
		"killed":          {`kill -9 $$`, k6.Result{ExitCode: -1}, "k6: signal: killed: it said nothing"},
		"broken summary":  {`echo '{' > "$SUMMARY_FILE"`, k6.Result{}, ""},
		"stopped by hand": {`exit 105`, k6.Result{ExitCode: 105, Interrupted: true}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ended(t, start(t, test.script, k6.Run{}))
			if test.err != "" {
				require.EqualError(t, got.Err, test.err)
			} else {
				require.NoError(t, got.Err)
			}
			assert.False(t, got.Ended.Before(got.Started))
			got.Err, got.CPU, got.Started, got.Ended = nil, 0, time.Time{}, time.Time{}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestLastLinesAreBounded(t *testing.T) {
	result := ended(t, start(t, `i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); done; head -c 40000 /dev/zero | tr '\0' x`, k6.Run{}))
	assert.LessOrEqual(t, len(result.LastLines), 20)
	for _, line := range result.LastLines {
		assert.Less(t, len(line), 600)
	}
}

// announced is closed by the first thing that k6 says.
type announced chan struct{}

func (a announced) Write(text []byte) (int, error) {
	select {
	case <-a:
	default:
		close(a)
	}
	return len(text), nil
}

func TestStop(t *testing.T) {
	running := announced(make(chan struct{}))
	process := start(t, untilInterrupted, k6.Run{Output: running})
	<-running
	assert.Nil(t, process.Result().LastLines, "it still runs")
	result, err := process.Stop(t.Context())
	require.NoError(t, err)
	require.NoError(t, result.Err)
	assert.True(t, result.Interrupted)
	assert.Equal(t, []string{"running", "stopping"}, result.LastLines)
	again, err := process.Stop(t.Context())
	require.NoError(t, err)
	assert.Equal(t, result, again)
}

func TestStopAtOnce(t *testing.T) {
	result, err := start(t, untilInterrupted, k6.Run{}).Stop(t.Context())
	require.NoError(t, err)
	require.NoError(t, result.Err)
	assert.True(t, result.Interrupted)
}

func TestEndOfContextStops(t *testing.T) {
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: fake(t, untilInterrupted), Dir: t.TempDir(), Target: "http://127.0.0.1:1"})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	process, err := runner.Start(ctx, k6.Run{Script: "load.ts"})
	require.NoError(t, err)
	cancel()
	assert.True(t, ended(t, process).Interrupted)
}

func TestK6ThatDoesNotStopIsKilled(t *testing.T) {
	running := announced(make(chan struct{}))
	process := start(t, `trap '' INT; echo stubborn; sleep 1000`, k6.Run{Output: running})
	<-running
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	result, err := process.Stop(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, -1, result.ExitCode)
	assert.True(t, result.Interrupted)
}

func TestNothingOutlivesK6(t *testing.T) {
	result := ended(t, start(t, `sleep 1000 >/dev/null 2>&1 & echo $!`, k6.Run{}))
	require.Len(t, result.LastLines, 1)
	awaitGone(t, result.LastLines[0])
}

func TestK6EndsWithItsParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ties a process to its parent")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), self, parentArg, fake(t, `trap '' INT TERM; sleep 1000`), t.TempDir()) //nolint:gosec // G204: this very binary
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	pid, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, command.Process.Kill())
	_ = command.Wait() // killed
	awaitGone(t, strings.TrimSpace(pid))
}

func awaitGone(t *testing.T, pid string) {
	t.Helper()
	number, err := strconv.Atoi(pid)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		text, err := os.ReadFile("/proc/" + pid + "/stat") //nolint:gosec // G304: a number
		return syscall.Kill(number, 0) != nil || err == nil && strings.Contains(string(text), ") Z ")
	}, 10*time.Second, 10*time.Millisecond, "process %s still runs", pid)
}

func TestANewRunnerRemovesWhatAKilledOneLeft(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "run-1", "deep"), 0o700))
	_, err := k6.NewRunner(k6.RunnerConfig{Binary: fake(t, ""), Dir: dir, Target: "http://127.0.0.1:3000"})
	require.NoError(t, err)
	assert.NoDirExists(t, filepath.Join(dir, "run-1"))
}

func TestWrongConfigurations(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	good := k6.RunnerConfig{Binary: fake(t, ""), Dir: t.TempDir(), Target: "http://127.0.0.1:3000"}

	none := good
	none.Binary = ""
	_, err := k6.NewRunner(none)
	require.ErrorIs(t, err, k6.ErrNoBinary)
	none.Binary = filepath.Join(t.TempDir(), "k6")
	_, err = k6.NewRunner(none)
	require.ErrorIs(t, err, k6.ErrNoBinary)

	for _, target := range []string{"", "127.0.0.1:3000", "ftp://127.0.0.1", "http://"} {
		wrong := good
		wrong.Target = target
		_, err = k6.NewRunner(wrong)
		require.ErrorContains(t, err, "want a URL such as http://127.0.0.1:3000", target)
	}

	runner, err := k6.NewRunner(good)
	require.NoError(t, err)
	for message, run := range map[string]k6.Run{
		`unknown script ""`:                 {},
		`unknown script "scenarios/no.ts"`:  {Script: "scenarios/no.ts"},
		`unknown script "../../etc/passwd"`: {Script: "../../etc/passwd"},
		"got duration -1s":                  {Script: "load.ts", Duration: -time.Second},
		"and intensity -1":                  {Script: "load.ts", Intensity: -1},
	} {
		_, err := runner.Start(t.Context(), run)
		require.ErrorContains(t, err, message)
	}
}

func TestARunnerRunsSeveralAtOnce(t *testing.T) {
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: fake(t, `echo "{\"requests\":$N}" > "$SUMMARY_FILE"`), Dir: t.TempDir(), Target: "http://127.0.0.1:1"})
	require.NoError(t, err)
	var running []*k6.Process
	for n := range 5 {
		process, err := runner.Start(t.Context(), k6.Run{Script: "load.ts", Env: map[string]string{"N": strconv.Itoa(n)}})
		require.NoError(t, err)
		running = append(running, process)
	}
	for n, process := range running {
		assert.Equal(t, &k6.Summary{Requests: n}, ended(t, process).Summary)
	}
}
