package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"deals.example/internal/flame"
	"deals.example/internal/process"
	"deals.example/k6"
	"deals.example/lab/heavyhash"
)

const (
	flameFolder   = ".deals/flame" // default parent of reports
	flameDirStamp = "20060102-150405"
	pyroscopeName = "PYROSCOPE_URL"
)

// flameCmd is `deals flame`.
type flameCmd struct {
	Target   string        `default:"${target}" placeholder:"URL" help:"Experience API to measure (${target})."`
	Duration time.Duration `default:"${flameDuration}" help:"Length of each profile, 1s to 1m in whole seconds."`
	Lists    int           `default:"${flameLists}" help:"Lists to read per second, 1 to ${maxFlameLists}."`
	Hashes   int           `default:"${flameHashes}" help:"Concurrent clients that request hashes, 1 to ${maxFlameHashes}."`

	Base       string `placeholder:"FILE" help:"Compare this profile with --compare instead of measuring."`
	Compare    string `placeholder:"FILE" help:"Profile to compare with --base; must have the same sample types."`
	SampleType string `placeholder:"NAME" help:"Sample type of --base and --compare to use, such as cpu or inuse_space."`

	Out  string `placeholder:"DIR" help:"Folder of the report; must not exist. By default a new folder in .deals/flame."`
	Open bool   `help:"Open the difference in 'go tool pprof -http' until Ctrl-C."`
}

// Help is shown after the flags.
func (flameCmd) Help() string {
	return `Profiles the experience API while it computes heavy hashes in a goroutine per request (bad) and then in a bounded
pool (good). k6 requests lists at the same constant rate during both. The report is a folder with a self-contained HTML
page, the figures as JSON, and the profiles base, compare and diff for go tool pprof.
With --base and --compare it compares two files in pprof's format instead.

If PYROSCOPE_URL is set and answers, the report links to the same comparison in Pyroscope.
Other load on the target distorts the result. Ctrl-C stops the load; no report is written.

Exit codes: 0 done, 130 interrupted, 1 failed, 2 wrong usage.`
}

// Run writes the report and prints its path.
func (c *flameCmd) Run(ctx context.Context, sys *system) error {
	if (c.Base == "") != (c.Compare == "") {
		return usageError{errors.New("--base and --compare must be set together")}
	}
	if c.Base == "" && c.SampleType != "" {
		return usageError{errors.New("--sample-type needs --base and --compare")}
	}
	if c.Out == "" {
		c.Out = filepath.Join(filepath.FromSlash(flameFolder), time.Now().Format(flameDirStamp))
	}
	report, err := c.report(ctx, sys)
	if err != nil {
		return flameFailure(ctx, err)
	}
	if err := printReport(sys.stdout, report); err != nil {
		return err
	}
	if c.Open {
		return openPprof(ctx, sys, filepath.Join(report.Dir, flame.DiffFile))
	}
	return nil
}

func (c *flameCmd) report(ctx context.Context, sys *system) (flame.Report, error) {
	if c.Base != "" {
		return flame.CompareFiles(c.Base, c.Compare, c.SampleType, c.Out)
	}
	c.Target = strings.TrimSuffix(c.Target, "/")
	if err := checkTarget(ctx, c.Target); err != nil {
		return flame.Report{}, err
	}
	var report flame.Report
	err := withRunner(c.Target, func(runner *k6.Runner) (err error) {
		report, err = heavyhash.Run(ctx, heavyhash.Config{
			Target: c.Target, Token: asMap(sys.environ)["ADMIN_TOKEN"], Runner: runner,
			Duration: c.Duration, Lists: c.Lists, Hashes: c.Hashes, Dir: c.Out,
			PyroscopeURL: asMap(sys.environ)[pyroscopeName],
		}, flameProgress(sys.stderr))
		return err
	})
	return report, err
}

// flameVars returns the defaults and limits in the help of `deals flame`.
func flameVars() kong.Vars {
	return kong.Vars{
		"flameDuration": heavyhash.DefaultDuration.String(), "flameLists": strconv.Itoa(heavyhash.DefaultLists),
		"flameHashes":   strconv.Itoa(heavyhash.DefaultHashes),
		"maxFlameLists": strconv.Itoa(heavyhash.MaxLists), "maxFlameHashes": strconv.Itoa(heavyhash.MaxHashes),
	}
}

// flameFailure maps errors of a comparison to exit codes: interrupted, wrong usage, or failed.
func flameFailure(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return errInterrupted()
	case errors.Is(err, heavyhash.ErrConfig), errors.Is(err, flame.ErrExists), errors.Is(err, flame.ErrOtherKind),
		errors.Is(err, flame.ErrSampleType):
		return usageError{err}
	default:
		return err
	}
}

// openPprof opens a profile in a browser until ctx ends. pprof is a child of go and is stopped with its process group.
func openPprof(ctx context.Context, sys *system, path string) error {
	program, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("go tool pprof: %w", err)
	}
	pprof, err := process.Start(ctx, process.Config{
		Path: program, Args: []string{"tool", "pprof", "-http=" + loopback + ":", path}, Env: sys.environ,
		Output: func(r io.Reader) { _, _ = io.Copy(sys.stderr, r) }, // the terminal may be closed
		Stop:   syscall.SIGTERM, Grace: time.Second, ParentDeath: syscall.SIGTERM,
	})
	if err != nil {
		return fmt.Errorf("go tool pprof: %w", err)
	}
	<-pprof.Done()
	if ctx.Err() == nil && !pprof.State().Success() { // Ctrl-C ends it
		return fmt.Errorf("go tool pprof: %v", pprof.State())
	}
	return nil
}
