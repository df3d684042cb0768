package k6

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"deals.example/internal/process"
)

const dirMode = 0o750

// ErrNoBinary says that there is no k6 to run.
var ErrNoBinary = errors.New("k6 is neither beside this program nor on PATH: make build builds it")

// RunnerConfig is what all runs of a Runner have in common.
type RunnerConfig struct {
	Binary        string // the k6 that xk6-deals builds; empty: the one beside this program, else the one on PATH
	Dir           string // a folder for the scripts and what k6 leaves; made when it is not there. Each Runner wants its own
	Target        string // URL of the experience API
	PrometheusURL string // where k6 sends its samples to; empty: nowhere
	RedisURL      string // for scripts that look into queues; empty: they do without
	Logger        *slog.Logger
}

// Runner runs scripts in k6. It may be used concurrently.
type Runner struct {
	cfg     RunnerConfig
	scripts string // folder
}

// Run is one run of a script.
type Run struct {
	Script    string            // "load.ts", or that of a Scenario
	Scenario  string            // the tag scenario of every sample; empty: as the script names itself
	Duration  time.Duration     // 0: until it is stopped
	Intensity float64           // factor of the load; 0: 1
	Env       map[string]string // for the script, beside what its Runner and the fields above say
	Output    io.Writer         // gets what k6 writes, as it comes; may be nil
	Address   string            // host:port for k6's REST API, which knows how far the run is; empty: none
}

// NewRunner finds k6, ErrNoBinary when there is none, and unpacks the scripts.
func NewRunner(cfg RunnerConfig) (*Runner, error) {
	if target, err := url.Parse(cfg.Target); err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("run k6: target is %q; allowed: a URL such as http://127.0.0.1:3000", cfg.Target)
	}
	binary, err := find(cfg.Binary)
	if err != nil {
		return nil, err
	}
	cfg.Binary = binary
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, fmt.Errorf("run k6: %w", err)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	r := &Runner{cfg: cfg, scripts: filepath.Join(cfg.Dir, "scripts")}
	if err := errors.Join(os.RemoveAll(r.scripts), os.MkdirAll(cfg.Dir, dirMode), os.CopyFS(r.scripts, Files)); err != nil {
		return nil, fmt.Errorf("unpack the scripts of k6: %w", err)
	}
	return r, nil
}

// find returns the path of k6.
func find(binary string) (string, error) {
	if binary != "" {
		path, err := exec.LookPath(binary)
		if err != nil {
			return "", fmt.Errorf("%w (%w)", ErrNoBinary, err)
		}
		return filepath.Abs(path)
	}
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), "k6")); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("k6")
	if err != nil {
		return "", ErrNoBinary
	}
	return path, nil
}

// Start starts k6. It runs until its script is done, ctx ends or Process.Stop is called; the caller waits for Process.Done.
func (r *Runner) Start(ctx context.Context, run Run) (*Process, error) {
	if info, err := fs.Stat(Files, run.Script); err != nil || info.IsDir() {
		return nil, fmt.Errorf("run k6: no script %q", run.Script)
	}
	if run.Duration < 0 || run.Intensity < 0 {
		return nil, fmt.Errorf("run k6: duration is %s, intensity is %g; allowed: 0 or more", run.Duration, run.Intensity)
	}
	work, err := os.MkdirTemp(r.cfg.Dir, "run-")
	if err != nil {
		return nil, fmt.Errorf("run k6: %w", err)
	}
	summary := filepath.Join(work, "summary.json")
	p, err := start(ctx, process.Config{
		Path: r.cfg.Binary, Args: r.arguments(run), Dir: r.scripts, Env: r.environ(run, work, summary),
	}, run.Output, work, summary)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("run k6: %w", err), os.RemoveAll(work))
	}
	r.cfg.Logger.InfoContext(ctx, "k6 runs", "script", run.Script, "scenario", run.Scenario, "pid", p.Pid())
	return p, nil
}

func (r *Runner) arguments(run Run) []string {
	arguments := []string{"run", "--quiet", "--no-color", "--no-usage-report", "--address=" + run.Address, "--log-format=raw"}
	if run.Scenario != "" {
		arguments = append(arguments, "--tag", "scenario="+run.Scenario)
	}
	if r.cfg.PrometheusURL != "" {
		arguments = append(arguments, "--out", "experimental-prometheus-rw")
	}
	return append(arguments, filepath.FromSlash(run.Script))
}

// environ is the whole environment of k6: nothing of ours leaks into a run.
func (r *Runner) environ(run Run, work, summary string) []string {
	environ := []string{
		"XDG_CONFIG_HOME=" + work, "XDG_CACHE_HOME=" + work, "K6_AUTO_EXTENSION_RESOLUTION=false",
		// k6 drops much and holds little: memory for a fifth of its CPU, up to what several at once may take.
		"GOGC=400", "GOMEMLIMIT=384MiB",
		"TARGET=" + r.cfg.Target, "REDIS_URL=" + r.cfg.RedisURL, "SUMMARY_FILE=" + summary,
	}
	if run.Duration > 0 {
		environ = append(environ, "DURATION="+run.Duration.String())
	}
	if run.Intensity > 0 {
		environ = append(environ, "INTENSITY="+strconv.FormatFloat(run.Intensity, 'g', -1, 64))
	}
	if r.cfg.PrometheusURL != "" {
		environ = append(environ,
			"K6_PROMETHEUS_RW_SERVER_URL="+r.cfg.PrometheusURL+"/api/v1/write",
			"K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM=true", "K6_PROMETHEUS_RW_STALE_MARKERS=true")
	}
	for name, value := range run.Env {
		environ = append(environ, name+"="+value)
	}
	return slices.Clip(environ)
}
