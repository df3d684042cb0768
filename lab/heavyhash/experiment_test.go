package heavyhash_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/flame"
	"deals.example/internal/testkit"
	"deals.example/k6"
	"deals.example/lab/heavyhash"
)

// TestMain makes the test binary a k6 of its own when it is called as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "run" {
		os.Exit(standIn()) //nolint:forbidigo // where this process ends
	}
	goleak.VerifyTestMain(m)
}

// standIn runs until it is interrupted and leaves the summary that its test asked for.
func standIn() int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	env := os.Getenv //nolint:forbidigo // this process is a k6, whose settings are there
	<-signals
	if err := os.WriteFile(env("SUMMARY_FILE"), []byte(`{"requests":300,"rps":100,"p50Ms":5,"p95Ms":10,"p99Ms":20}`), 0o600); err != nil { //nolint:gosec // G703: the test's own
		return 1
	}
	return 105 // as k6 says of being interrupted
}

// api stands in for the experience API: what it serves changes with each CPU profile that is asked for.
type api struct {
	*httptest.Server
	component string
	profiles  atomic.Int64
	hold      time.Duration // of a CPU profile
	scheduler [2][3]uint64  // of each side: how many more waits were up to 1 ms, 10 ms, 100 ms
	taken     []*profile.Profile
	counts    sync.Mutex
	buckets   [3]uint64
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{
		component: "experience-api", hold: 1500 * time.Millisecond,
		scheduler: [2][3]uint64{{0, 0, 100}, {100, 100, 100}},
		taken: []*profile.Profile{
			testkit.CPUProfile(time.Second, testkit.Stacks{"serve;handleHashBad;hash": 2}), testkit.CPUProfile(time.Second, testkit.Stacks{"work;hash": 1, "serve;list": 1}),
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", a.metrics)
	mux.HandleFunc("/debug/pprof/profile", a.profile)
	mux.HandleFunc("/debug/pprof/goroutine", func(w http.ResponseWriter, _ *http.Request) {
		p := testkit.CPUProfile(0, testkit.Stacks{"net/http.(*conn).serve;deals.example/hash.Digest;crypto/sha512.block": 8, "runtime.main": 1})
		_ = p.Write(w) // the client may be gone
	})
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

func (a *api) metrics(w http.ResponseWriter, _ *http.Request) {
	a.counts.Lock()
	defer a.counts.Unlock()
	fmt.Fprintf(w, `# TYPE target_info gauge
target_info{service_name=%q} 1
# TYPE go_goroutines gauge
go_goroutines 50
# TYPE go_sched_goroutines_runnable_goroutines gauge
go_sched_goroutines_runnable_goroutines 7
# TYPE go_threads gauge
go_threads 9
# TYPE go_sched_latencies_seconds histogram
go_sched_latencies_seconds_bucket{le="0.001"} %d
go_sched_latencies_seconds_bucket{le="0.01"} %d
go_sched_latencies_seconds_bucket{le="0.1"} %d
go_sched_latencies_seconds_bucket{le="+Inf"} %d
go_sched_latencies_seconds_sum 1
go_sched_latencies_seconds_count %d
`, a.component, a.buckets[0], a.buckets[1], a.buckets[2], a.buckets[2], a.buckets[2])
}

func (a *api) profile(w http.ResponseWriter, r *http.Request) {
	side := int(a.profiles.Add(1)-1) % 2
	select {
	case <-time.After(a.hold):
	case <-r.Context().Done():
		return
	}
	a.counts.Lock()
	for i := range a.buckets {
		a.buckets[i] += a.scheduler[side][i]
	}
	a.counts.Unlock()
	_ = a.taken[side].Write(w) // the client may be gone
}

func (a *api) runner(t *testing.T, binary string) *k6.Runner {
	t.Helper()
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: binary, Dir: t.TempDir(), Target: a.URL})
	require.NoError(t, err)
	return runner
}

// config is one whose parts are all as short as can be.
func (a *api) config(t *testing.T) heavyhash.Config {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return heavyhash.Config{
		Target: a.URL, Runner: a.runner(t, self), Duration: time.Second, Lists: 20, Hashes: 8, WarmUp: 10 * time.Millisecond, Lead: 200 * time.Millisecond,
		Dir: filepath.Join(t.TempDir(), "flame", "report"),
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var told []string
	report, err := heavyhash.Run(t.Context(), a.config(t), func(step heavyhash.Step) {
		if step.Elapsed == 0 {
			told = append(told, strconv.Itoa(step.Number)+" of "+strconv.Itoa(step.Of)+": "+step.Name)
		}
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"1 of 4: warm up", "2 of 4: hash-bad", "3 of 4: hash-good", "4 of 4: write the report"}, told)

	rows := map[string]flame.Row{}
	for _, row := range report.Rows {
		rows[row.ID] = row
	}
	// All 100 waits of the bad side were between 10 and 100 ms, and of the good side up to 1 ms; histogram_quantile interpolates.
	assert.InDelta(t, 99.1, rows["schedulerP99"].Base, 1e-9)
	assert.InDelta(t, 0.99, rows["schedulerP99"].Compare, 1e-9)
	assert.Equal(t, [2]float64{20, 20}, [2]float64{rows["listP99"].Base, rows["listP99"].Compare})
	assert.Equal(t, [2]float64{50, 50}, [2]float64{rows["goroutines"].Base, rows["goroutines"].Compare})
	assert.InDelta(t, 2, rows["cpu"].Base, 1e-9, "2 s of CPU time in 1 s")
	assert.Equal(t, []flame.Count{
		{Name: "deals.example/hash.Digest", Base: 800, Compare: 800}, {Name: "runtime.main", Base: 100, Compare: 100},
	}, report.Goroutines)
	assert.Contains(t, report.Meaning, "The lists show no clear difference: the p99 latency of 100 lists per second was 20 ms with hash-bad and 20 ms with hash-good.")
	assert.Contains(t, report.Meaning, "a runnable goroutine waited up to 99.1 ms for a processor with hash-bad and 0.99 ms with hash-good")
	assert.Equal(t, []string{
		flame.BaseGoroutinesFile, flame.BaseFile, flame.CompareGoroutinesFile, flame.CompareFile, flame.DiffFile,
	}, report.Files)
	assert.FileExists(t, filepath.Join(report.Dir, flame.PageFile))
}

func TestRunLinksToPyroscopeWhenItIsThere(t *testing.T) {
	t.Parallel()
	pyroscope := httptest.NewServer(http.NotFoundHandler())
	defer pyroscope.Close()
	a := newAPI(t)
	cfg := a.config(t)
	cfg.PyroscopeURL = pyroscope.URL + "/"
	report, err := heavyhash.Run(t.Context(), cfg, nil)
	require.NoError(t, err)
	require.NotNil(t, report.Pyroscope)
	assert.Contains(t, report.Pyroscope.View, pyroscope.URL+"/comparison-diff?")
	assert.Contains(t, report.Pyroscope.Data, pyroscope.URL+"/pyroscope/render-diff?")
	assert.Regexp(t, `leftFrom=\d{13}&leftQuery=process_cpu`, report.Pyroscope.View)
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.hold = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg := a.config(t)
	_, err := heavyhash.Run(ctx, cfg, func(step heavyhash.Step) {
		if step.Goroutines > 0 { // in the middle of the first profile
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.NoDirExists(t, filepath.Dir(cfg.Dir))
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*api, *heavyhash.Config)
		want   error
		says   string
	}{
		"a target that is none": {func(_ *api, c *heavyhash.Config) { c.Target = "localhost" }, heavyhash.ErrConfig, `target: got "localhost", want a URL such as`},
		"a target that is down": {func(a *api, _ *heavyhash.Config) { a.Close() }, nil, "connection refused"},
		"another component":     {func(a *api, _ *heavyhash.Config) { a.component = "deal-service" }, heavyhash.ErrConfig, `target: got "deal-service" at `},
		"no k6":                 {func(_ *api, c *heavyhash.Config) { c.Runner = nil }, heavyhash.ErrConfig, "runner is missing"},
		"no time":               {func(_ *api, c *heavyhash.Config) { c.Duration = 0 }, heavyhash.ErrConfig, "duration: got 0s, want 1s to 1m0s in whole seconds"},
		"half a second":         {func(_ *api, c *heavyhash.Config) { c.Duration += time.Second / 2 }, heavyhash.ErrConfig, "duration: got 1.5s"},
		"nobody":                {func(_ *api, c *heavyhash.Config) { c.Lists, c.Hashes = 0, -1 }, heavyhash.ErrConfig, "lists: got 0, want 1 to 2000\nhashes: got -1"},
		"crowds":                {func(_ *api, c *heavyhash.Config) { c.Hashes = math.MaxInt }, heavyhash.ErrConfig, "hashes: got 9223372036854775807"},
		"a place that is taken": {func(_ *api, c *heavyhash.Config) { c.Dir = "load.go" }, flame.ErrExists, "load.go already exists"},
		"no such place":         {func(_ *api, c *heavyhash.Config) { c.Dir = "/proc/none/report" }, nil, "mkdir /proc"},
		"a target that is idle": {func(a *api, _ *heavyhash.Config) { a.taken[0] = testkit.CPUProfile(time.Second, nil) }, flame.ErrEmpty, "hash-bad: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			cfg := a.config(t)
			test.change(a, &cfg)
			_, err := heavyhash.Run(t.Context(), cfg, nil)
			require.Error(t, err)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func TestRunEndsWithItsLoad(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	cfg := a.config(t)
	cfg.Runner, cfg.WarmUp = a.runner(t, "false"), time.Minute
	_, err := heavyhash.Run(t.Context(), cfg, nil)
	assert.ErrorContains(t, err, "load deals: k6 ended before it was stopped (exit code 1)")
}
