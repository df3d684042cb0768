package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"deals.example/internal/app"
	"deals.example/internal/platform"
	"deals.example/internal/servers"
	"deals.example/internal/stack"
	"deals.example/services/slodashboard"
	"deals.example/services/slodashboard/scenario"
)

const (
	stateDirMode = 0o750
	sameKeypress = 500 * time.Millisecond
)

// upCmd is `deals up`.
type upCmd struct {
	Only     []string `placeholder:"NAME" help:"Run only these parts (a,b) and their dependencies."`
	Without  []string `placeholder:"NAME" help:"Do not run these parts (a,b), even if others depend on them."`
	StateDir string   `default:".deals" help:"Directory of logs, Redis's data and the lock file. One 'deals up' can use it at a time."`
	Verbose  bool     `short:"v" help:"Print all output. By default only warnings, errors and starts and stops of processes."`
	RawLogs  bool     `help:"Print log records as JSON. By default they are shortened."`

	redisFlags `embed:""`
}

// Help is shown after the flags.
func (upCmd) Help() string {
	return `Each component runs as a separate process. It starts when its dependencies are ready and is restarted when it exits.
Log files in the state directory contain the whole output.

Redis is the one at REDIS_URL if that is set; otherwise redis-server from PATH, with an append-only file in the state
directory; otherwise an embedded one that keeps its data in memory only.

Components take their settings ("deals run <component> --help") from the environment, except PORT and INSTANCE_ID, which
differ for each.

Prometheus and Alertmanager, which "make build" puts beside this program, and Tempo, Loki, Pyroscope and Grafana run if
they are found there or on PATH. Telemetry for a missing one is off.

Ctrl-C stops all processes in the reverse order of the start; a second Ctrl-C kills the remaining ones. The exit code is 0
if all stopped cleanly.`
}

// Run runs the platform until ctx ends or a signal arrives.
func (c *upCmd) Run(ctx context.Context, sys *system) error {
	selection, err := c.selection(ctx, sys)
	if err != nil {
		return err
	}
	announceSelection(sys.stdout, selection.Selection)
	if err := checkSettings(selection.Selection, sys.environ); err != nil {
		return err
	}
	s, err := stack.New(stack.Config{
		Processes: selection.Processes,
		StateDir:  c.StateDir,
		Environ:   sys.environ,
		Page:      platform.Dashboard,
		Out:       sys.stdout,
		Color:     takesColor(sys),
		Verbose:   c.Verbose,
		Raw:       c.RawLogs,
		Prepare:   func() error { return servers.Configure(c.StateDir, selection.Processes, selection.scraped) },
	})
	if err != nil {
		return err
	}
	announceAbsent(sys.stdout, selection.absent)
	ctx, stop := untilSignal(ctx, s.Kill)
	defer stop()
	return withHint(ctx, s.Run(ctx))
}

// selected is the selection of processes by the flags.
type selected struct {
	stack.Selection

	absent  []servers.Absent // selected, but not on this machine
	scraped []string         // names of the components
}

// dashboardFolders returns the settings of the dashboard's folders that the environment does not set.
func dashboardFolders(environ map[string]string, stateDir string) []string {
	var folders []string
	for variable, name := range map[string]string{
		scenario.DirVariable:         "k6", // the next start removes files there that a killed dashboard left
		slodashboard.ResultsVariable: "experiments",
	} {
		if _, set := environ[variable]; !set {
			folders = append(folders, variable+"="+filepath.Join(stateDir, name))
		}
	}
	return folders
}

func (c *upCmd) selection(ctx context.Context, sys *system) (selected, error) {
	self, err := os.Executable()
	if err != nil {
		return selected{}, fmt.Errorf("find this program: %w", err)
	}
	stateDir, err := filepath.Abs(c.StateDir)
	if err != nil {
		return selected{}, fmt.Errorf("state directory: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(stateDir, platform.Redis), stateDirMode); err != nil {
		return selected{}, fmt.Errorf("create state directory: %w", err)
	}
	environ := asMap(sys.environ)
	redis, err := c.choose(ctx, environ, self, stateDir)
	if err != nil {
		return selected{}, err
	}
	table := []stack.Process{redis.process}
	for _, component := range components() {
		process := componentProcess(component, self, environ["HOST"], redis.url)
		if component.Name == platform.Dashboard {
			process.Env = append(process.Env, dashboardFolders(environ, stateDir)...)
		}
		table = append(table, process)
	}
	watching, absent := servers.Find(filepath.Dir(self), stateDir)
	selection, err := stack.Select(append(table, watching...), c.Only, c.Without)
	switch {
	case err != nil:
		return selected{}, usageError{err}
	case len(selection.Processes) == 0:
		return selected{}, usageError{errors.New("--only and --without select no process")}
	}
	if len(c.Only) > 0 {
		absent = nil // not requested
	}
	return selected{selection, absent, observe(selection.Processes, environ)}, nil
}

// observe sets where the components send their telemetry and returns the components' names.
func observe(processes []stack.Process, environ map[string]string) (scraped []string) {
	telemetry := servers.Telemetry(processes, environ)
	for i, p := range processes {
		if _, err := componentNamed(p.Name); err != nil {
			continue
		}
		scraped = append(scraped, p.Name)
		processes[i].Env = slices.Concat(p.Env, telemetry)
	}
	return scraped
}

func componentProcess(component app.Component, self, host, redisURL string) stack.Process {
	if host == "" {
		host = loopback
	}
	port := strconv.Itoa(component.Port)
	url := "http://" + net.JoinHostPort(reachable(host), port)
	return stack.Process{
		Name:    component.Name,
		Summary: component.Summary,
		Path:    self,
		Args:    []string{"run", component.Name},
		Env:     []string{"PORT=" + port, "INSTANCE_ID=" + component.Name, redisVariable + "=" + redisURL},
		Needs:   component.Needs,
		Address: net.JoinHostPort(host, port),
		Ready:   stack.HTTP(url + "/readyz"),
		URL:     url,
	}
}

// reachable returns the host at which this machine reaches a server that listens on host.
func reachable(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return loopback
	}
	return host
}

// checkSettings returns an error that lists every invalid setting of the selected components once.
func checkSettings(selection stack.Selection, environ []string) error {
	var faults []error
	seen := make(map[string]bool)
	for _, p := range selection.Processes {
		component, err := componentNamed(p.Name)
		if err != nil {
			continue // not a component
		}
		for _, fault := range each(component.Check(asMap(slices.Concat(environ, p.Env)))) {
			if !seen[fault.Error()] {
				seen[fault.Error()] = true
				faults = append(faults, fault)
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("invalid settings:\n%w", errors.Join(faults...))
}

// each returns the errors that err joins, or err alone.
func each(err error) []error {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	return []error{err}
}

func announceSelection(out io.Writer, selection stack.Selection) {
	if len(selection.Added) > 0 {
		fmt.Fprintf(out, "deals: also running %s, on which --only depends\n", strings.Join(selection.Added, ", "))
	}
	for _, left := range selection.LeftOut {
		fmt.Fprintf(out, "deals: running without %s, on which %s depends\n", left.Name, strings.Join(left.NeededBy, ", "))
	}
}

func announceAbsent(out io.Writer, absent []servers.Absent) {
	for _, server := range absent {
		fmt.Fprintf(out, "deals: running without %s: %s (%s)\n", server.Name, server.Missing, server.Get)
	}
}

// takesColor reports whether stdout is a terminal that shows colors. It respects NO_COLOR (no-color.org).
func takesColor(sys *system) bool {
	environ := asMap(sys.environ)
	file, isFile := sys.stdout.(*os.File)
	return isFile && isatty.IsTerminal(file.Fd()) && environ["NO_COLOR"] == "" && environ["TERM"] != "dumb"
}

// untilSignal returns a context that ends at the first signal. A later SIGINT or SIGTERM calls kill. One within sameKeypress of the first
// is ignored: a terminal and a parent process may both forward one Ctrl-C.
func untilSignal(ctx context.Context, kill func()) (until context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	// SIGPIPE means that the reader of the output has gone, as SIGHUP does for a terminal.
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	done := make(chan struct{})
	go func() {
		defer close(done)
		var first time.Time
		for got := range signals {
			deliberate := got == os.Interrupt || got == syscall.SIGTERM
			if !first.IsZero() && deliberate && time.Since(first) > sameKeypress {
				kill()
			}
			if first.IsZero() {
				first = time.Now()
			}
			cancel()
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		<-done
		cancel()
	}
}

// withHint adds advice to an error that is caused by a Redis on the same port.
func withHint(ctx context.Context, err error) error {
	var taken *stack.PortsTaken
	if !errors.As(err, &taken) {
		return err
	}
	for _, conflict := range taken.Conflicts {
		if conflict.Process == platform.Redis && answersAsRedis(context.WithoutCancel(ctx), "redis://"+conflict.Address) {
			return fmt.Errorf("%w\na Redis answers on %s: stop it, use it with --reuse-redis, or choose another port with --redis-port",
				err, conflict.Address)
		}
	}
	return err
}
