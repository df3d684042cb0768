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

// ErrNoBinary is returned when k6 is not found.
var ErrNoBinary = errors.New("k6 is neither beside this program nor on PATH: make build builds it")

// RunnerConfig is common to all runs of a Runner.
type RunnerConfig struct {
	Binary        string // built from xk6-deals; default: k6 beside this program, else on PATH
	Dir           string // folder for scripts and temporary files, created if missing; not shared between Runners
	Target        string // URL of the experience API
	PrometheusURL string // receives the samples by remote write; optional
	RedisURL      string // for scripts that inspect queues; optional
	Logger        *slog.Logger
}

// Runner runs scripts in k6. It may be used concurrently.
type Runner struct {
	cfg     RunnerConfig
	scripts string // folder
}

// Run is one run of a script.
type Run struct {
	Script    string            // "load.ts", "experiment.ts" or Scenario.Script
	Scenario  string            // value of the tag scenario; default: the script's own name
	Duration  time.Duration     // 0 means until stopped
	Intensity float64           // factor of the load; default 1
	Env       map[string]string // further environment of the script
	Output    io.Writer         // receives the output of k6; optional
	Address   string            // host:port of k6's REST API, which reports progress; optional
	Timeline  string            // file that receives the requests second by second, as a timeline.Timeline; optional
}

// NewRunner finds k6 and unpacks the scripts. It returns ErrNoBinary when there is no k6.
func NewRunner(cfg RunnerConfig) (*Runner, error) {
	if target, err := url.Parse(cfg.Target); err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("run k6: target: got %q, want a URL such as http://127.0.0.1:3000", cfg.Target)
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
	if err := errors.Join(sweep(cfg.Dir), os.RemoveAll(r.scripts), os.MkdirAll(cfg.Dir, dirMode), os.CopyFS(r.scripts, Files)); err != nil {
		return nil, fmt.Errorf("unpack k6 scripts: %w", err)
	}
	return r, nil
}

// sweep removes the folders of runs whose parent was killed.
func sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "run-*"))
	for _, work := range left {
		err = errors.Join(err, os.RemoveAll(work))
	}
	return err
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

// Start starts k6. It runs until the script ends, ctx ends or Process.Stop is called. The caller must wait for Process.Done.
func (r *Runner) Start(ctx context.Context, run Run) (*Process, error) {
	if info, err := fs.Stat(Files, run.Script); err != nil || info.IsDir() {
		return nil, fmt.Errorf("run k6: unknown script %q", run.Script)
	}
	if run.Duration < 0 || run.Intensity < 0 {
		return nil, fmt.Errorf("run k6: got duration %s and intensity %g, want at least 0", run.Duration, run.Intensity)
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
	r.cfg.Logger.InfoContext(ctx, "k6 started", "script", run.Script, "scenario", run.Scenario, "pid", p.Pid())
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
	if run.Timeline != "" {
		arguments = append(arguments, "--out", "timeline="+run.Timeline)
	}
	return append(arguments, filepath.FromSlash(run.Script))
}

// environ returns the complete environment of k6. It inherits nothing.
func (r *Runner) environ(run Run, work, summary string) []string {
	environ := []string{
		"XDG_CONFIG_HOME=" + work, "XDG_CACHE_HOME=" + work, "K6_AUTO_EXTENSION_RESOLUTION=false",
		// k6 allocates much and keeps little: a high GOGC saves a fifth of its CPU, and the limit bounds its memory.
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
