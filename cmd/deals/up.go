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
	"deals.example/services/slodashboard/scenario"
)

const (
	stateDirMode = 0o750
	sameKeypress = 500 * time.Millisecond
)

// upCmd is `deals up`.
type upCmd struct {
	Only     []string `placeholder:"NAME" help:"Run only these (a,b), and what they need."`
	Without  []string `placeholder:"NAME" help:"Leave these out (a,b), even where others need them."`
	StateDir string   `default:".deals" help:"Directory for logs, Redis' data and the lock that keeps a second 'deals up' out."`
	Verbose  bool     `short:"v" help:"Print every line of output, rather than warnings, errors and what is about a process itself."`
	RawLogs  bool     `help:"Print log records as JSON, as they were written, rather than shortened."`

	redisFlags `embed:""`
}

// Help is shown after the flags.
func (upCmd) Help() string {
	return `Every component is a process of its own, started once what it needs is ready, and started again when it dies.
Their whole output is kept in files of the state directory.

Redis is the one at REDIS_URL when that is set; else redis-server from PATH, with an append-only file in the state
directory; else an embedded one that forgets all at the end.

All settings ("deals run <component> --help") are taken from the environment, and are the same for all components; but PORT
and INSTANCE_ID are each one's own.

What watches runs too, as far as it is here: Prometheus and Alertmanager, which "make build" puts beside this program, and
Tempo, Loki, Pyroscope and Grafana from there or from PATH. Telemetry for one that is absent is off.

Ctrl-C stops everything in the reverse order of the start, a second Ctrl-C kills what still runs. The exit code is 0 when
all stopped cleanly.`
}

// Run runs the stack until ctx ends or a signal comes.
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

// selected is the part of all processes that the flags ask for.
type selected struct {
	stack.Selection

	absent  []servers.Absent // those that would be asked for if this machine had them
	scraped []string         // names of the components, which have metrics
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
		return selected{}, fmt.Errorf("make state directory: %w", err)
	}
	environ := asMap(sys.environ)
	redis, err := c.choose(ctx, environ, self, stateDir)
	if err != nil {
		return selected{}, err
	}
	table := []stack.Process{redis.process}
	for _, component := range components() {
		process := componentProcess(component, self, environ["HOST"], redis.url)
		if _, set := environ[scenario.DirVariable]; component.Name == platform.Dashboard && !set {
			// The next start removes here what a killed dashboard left.
			process.Env = append(process.Env, scenario.DirVariable+"="+filepath.Join(stateDir, "k6"))
		}
		table = append(table, process)
	}
	watching, absent := servers.Find(filepath.Dir(self), stateDir)
	selection, err := stack.Select(append(table, watching...), c.Only, c.Without)
	switch {
	case err != nil:
		return selected{}, usageError{err}
	case len(selection.Processes) == 0:
		return selected{}, usageError{errors.New("--only and --without leave nothing to run")}
	}
	if len(c.Only) > 0 {
		absent = nil // nobody asked for them
	}
	return selected{selection, absent, observe(selection.Processes, environ)}, nil
}

// observe tells the components where to send their telemetry, and returns their names.
func observe(processes []stack.Process, environ map[string]string) (scraped []string) {
	told := servers.Telemetry(processes, environ)
	for i, p := range processes {
		if _, err := componentNamed(p.Name); err != nil {
			continue
		}
		scraped = append(scraped, p.Name)
		processes[i].Env = slices.Concat(p.Env, told)
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

// reachable is where a server that listens on host is asked from this machine.
func reachable(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return loopback
	}
	return host
}

// checkSettings names every wrong setting of every component that is to run, each once.
func checkSettings(selection stack.Selection, environ []string) error {
	var faults []error
	seen := make(map[string]bool)
	for _, p := range selection.Processes {
		component, err := componentNamed(p.Name)
		if err != nil {
			continue // it is Redis
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
	return fmt.Errorf("wrong settings:\n%w", errors.Join(faults...))
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
		fmt.Fprintf(out, "deals: also running %s, which --only needs\n", strings.Join(selection.Added, ", "))
	}
	for _, left := range selection.LeftOut {
		fmt.Fprintf(out, "deals: running without %s, which %s would need\n", left.Name, strings.Join(left.NeededBy, ", "))
	}
}

func announceAbsent(out io.Writer, absent []servers.Absent) {
	for _, server := range absent {
		fmt.Fprintf(out, "deals: running without %s: %s (%s)\n", server.Name, server.Missing, server.Get)
	}
}

// takesColor says whether stdout is a terminal whose user wants colours (no-color.org).
func takesColor(sys *system) bool {
	environ := asMap(sys.environ)
	file, isFile := sys.stdout.(*os.File)
	return isFile && isatty.IsTerminal(file.Fd()) && environ["NO_COLOR"] == "" && environ["TERM"] != "dumb"
}

// untilSignal returns a context that ends at the first signal. At a second one kill is called; but not for one that comes
// with the first, as when a terminal and a parent both pass on one Ctrl-C.
func untilSignal(ctx context.Context, kill func()) (until context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	// SIGPIPE is that whoever read the output is gone: as if the terminal were closed.
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

// withHint adds what to do about a Redis that has the port already.
func withHint(ctx context.Context, err error) error {
	var taken *stack.PortsTaken
	if !errors.As(err, &taken) {
		return err
	}
	for _, conflict := range taken.Conflicts {
		if conflict.Process == platform.Redis && answersAsRedis(context.WithoutCancel(ctx), "redis://"+conflict.Address) {
			return fmt.Errorf("%w\na Redis answers on %s: stop it, take it with --reuse-redis, or choose another port with --redis-port",
				err, conflict.Address)
		}
	}
	return err
}
