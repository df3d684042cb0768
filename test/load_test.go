package test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/flame"
	"deals.example/internal/testkit"
)

// withK6 returns a command of the program with bin/ as its PATH.
func withK6(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	bin := filepath.Dir(testkit.K6(t))
	command := exec.CommandContext(t.Context(), program, arguments...) //nolint:gosec // G204: our own program
	command.Env = []string{"PATH=" + bin, "TMPDIR=" + t.TempDir()}
	command.WaitDelay = time.Second
	return command
}

// ended runs a command and returns its outcome.
func ended(t *testing.T, command *exec.Cmd) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	command.Stdout, command.Stderr = &out, &err
	_ = command.Run() // its code says how it went
	require.NotNil(t, command.ProcessState, "%s did not start", command)
	return command.ProcessState.ExitCode(), out.String(), err.String()
}

// loaded is the output of `deals load --json` that the tests use.
type loaded struct {
	Mode                                string
	ThresholdsHeld, Interrupted         bool
	Requests, Success, Failures         int
	RPS, AverageMs, P50Ms, P95Ms, P99Ms float64
}

// driven starts a platform and returns the URL of its API. Its hash pool has the usual priority: idle threads get no time while another suite
// takes all processors.
func driven(t *testing.T) string {
	t.Helper()
	withK6(t)
	platform := testkit.NewPlatform(t, program, quiet(), nil)
	platform.Start(t, testkit.Upstreams())
	platform.Start(t, []string{"experience-api", "enrichment-worker", "critical-worker"}, "HASH_POOL_IDLE=false")
	return platform.URL(t, "experience-api")
}

func TestLoadInEachMode(t *testing.T) {
	target := driven(t)
	for _, mode := range []string{"deals", "details", "enqueue", "hash-bad", "hash-good", "mixed"} {
		t.Run(mode, func(t *testing.T) { // one client: with the race detector and another suite beside it, a hash takes seconds
			code, stdout, stderr := ended(t, withK6(t, "load", "--mode="+mode, "--target="+target, "--duration=5s", "--concurrency=1", "--json"))
			require.Equal(t, 0, code, stderr)
			var got loaded
			require.NoError(t, json.Unmarshal([]byte(stdout), &got), stdout)
			assert.Equal(t, mode, got.Mode)
			assert.True(t, got.ThresholdsHeld)
			assert.Positive(t, got.Requests)
			assert.Equal(t, got.Requests, got.Success)
			assert.Zero(t, got.Failures)
			assert.Positive(t, got.RPS)
			assert.LessOrEqual(t, got.P50Ms, got.P95Ms)
			assert.LessOrEqual(t, got.P95Ms, got.P99Ms)
			assert.Regexp(t, `(?m)^ +2s of 5s  \d+ requests, `, stderr)
		})
	}
}

// pretender is a fake platform: it is ready and answers every list with a status.
func pretender(t *testing.T, status int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/api/") {
			w.WriteHeader(status)
		}
		_, _ = w.Write([]byte(`{"status":"ready","dependencies":[],"deals":[],"warnings":[],"meta":{"requestId":"x"}}`)) // the client may be gone
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestLoadSaysThatThresholdsDidNotHold(t *testing.T) {
	t.Parallel()
	target := pretender(t, http.StatusInternalServerError)
	code, stdout, stderr := ended(t, withK6(t, "load", "--mode=deals", "--target="+target, "--duration=1s"))
	assert.Equal(t, 3, code)
	assert.Regexp(t, `(?m)^success +0$`, stdout)
	assert.Regexp(t, `(?m)^failures +[1-9]`, stdout)
	assert.Contains(t, stderr, "k6 thresholds failed")
}

func TestLoadInterrupted(t *testing.T) {
	t.Parallel()
	command := withK6(t, "load", "--mode=deals", "--target="+pretender(t, http.StatusOK), "--duration=10m", "--concurrency=2")
	var stdout bytes.Buffer
	command.Stdout = &stdout
	assert.Equal(t, 130, interrupted(t, command, " requests, "))
	assert.Regexp(t, `(?m)^requests sent +[1-9]`, stdout.String())
}

// interrupted starts a command, interrupts it when it prints a text, and returns its exit code.
func interrupted(t *testing.T, command *exec.Cmd, says string) int {
	t.Helper()
	stderr, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	pressed := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if !pressed && strings.Contains(lines.Text(), says) {
			pressed = true
			require.NoError(t, command.Process.Signal(syscall.SIGINT))
		}
	}
	_ = command.Wait() // its code says how it went
	require.True(t, pressed, "it never printed %q", says)
	return command.ProcessState.ExitCode()
}

func TestFlame(t *testing.T) {
	target := driven(t)
	dir := filepath.Join(t.TempDir(), "flame", "report")
	code, stdout, stderr := ended(t, withK6(t, "flame", "--target="+target, "--duration=3s", "--lists=4", "--hashes=4", "--out="+dir))
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, filepath.Join(dir, flame.PageFile))
	text, err := os.ReadFile(filepath.Join(dir, flame.JSONFile)) //nolint:gosec // in the test's own directory
	require.NoError(t, err)
	var report flame.Report
	require.NoError(t, json.Unmarshal(text, &report))
	for _, row := range report.Rows {
		if row.ID == "listsPerSecond" || row.ID == "listP99" || row.ID == "schedulerP99" || row.ID == "cpu" {
			assert.Positive(t, row.Base, row.ID)
			assert.Positive(t, row.Compare, row.ID)
		}
	}
	require.NotEmpty(t, report.Functions)
	for _, name := range append(report.Files, flame.PageFile) {
		assert.FileExists(t, filepath.Join(dir, name))
	}
}

func TestFlameInterrupted(t *testing.T) {
	target := driven(t)
	dir := filepath.Join(t.TempDir(), "flame", "report")
	command := withK6(t, "flame", "--target="+target, "--duration=1m", "--out="+dir)
	assert.Equal(t, 130, interrupted(t, command, " goroutines, ")) // in the middle of a profile
	assert.NoDirExists(t, filepath.Dir(dir))
}
