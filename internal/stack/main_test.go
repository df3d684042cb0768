package stack_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/stack"
	"deals.example/internal/testkit"
)

// childArg as the first argument makes the test binary one of the processes that the tests run.
const childArg = "child"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == childArg {
		if err := child(os.Args[2], os.Args[3:]); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func child(kind string, args []string) error {
	switch kind {
	case "serve":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		return serve(ctx, args[0])
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		return serve(context.Background(), args[0])
	case "stack":
		return runStack(args[0], args[1:])
	default:
		return fmt.Errorf("unknown child %q", kind)
	}
}

// serve answers every request until ctx ends.
func serve(ctx context.Context, address string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Second}
	server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Println("serving")
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	fmt.Println("leaving")
	return nil
}

// runStack runs a stack with a server at each address.
func runStack(stateDir string, addresses []string) error {
	var processes []stack.Process
	for i, address := range addresses {
		processes = append(processes, server(fmt.Sprintf("server-%d", i), address))
	}
	s, err := stack.New(stack.Config{Processes: processes, StateDir: stateDir, Out: os.Stdout})
	if err != nil {
		return err
	}
	return s.Run(context.Background())
}

func server(name, address string, needs ...string) stack.Process {
	return stack.Process{
		Name: name, Path: os.Args[0], Args: []string{childArg, "serve", address},
		Needs: needs, Address: address, Ready: stack.HTTP("http://" + address + "/"), URL: "http://" + address,
	}
}

func shell(name, script string) stack.Process {
	return stack.Process{Name: name, Path: "/bin/sh", Args: []string{"-c", script}}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(testkit.FreePort(t)))
}

// running is a stack under test.
type running struct {
	*stack.Stack
	out  *testkit.Output
	stop context.CancelFunc
	done chan error
}

// start runs a stack with short restart pauses until the test ends.
func start(t *testing.T, cfg stack.Config) *running {
	t.Helper()
	r := &running{out: &testkit.Output{}, done: make(chan error, 1)}
	cfg.Out = r.out
	if cfg.StateDir == "" {
		cfg.StateDir = t.TempDir()
	}
	if cfg.Restart.First == 0 {
		cfg.Restart = stack.Backoff{First: time.Millisecond, Max: 4 * time.Millisecond, Healthy: time.Hour}
	}
	var err error
	r.Stack, err = stack.New(cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.done <- r.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		r.Kill()
		<-ended
	})
	return r
}

// wait returns what Run returned.
func (r *running) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(20 * time.Second):
		require.Fail(t, "the stack does not end", r.out.String())
		return nil
	}
}

// shows waits until the stack has printed text. The test fails if the stack ends before.
func (r *running) shows(t *testing.T, text string) {
	t.Helper()
	timeout, ticker := time.After(20*time.Second), time.NewTicker(5*time.Millisecond)
	defer ticker.Stop()
	for !strings.Contains(r.out.String(), text) {
		select {
		case <-ticker.C:
		case err := <-r.done:
			require.Fail(t, "the stack ended", "%v; %q is not in:\n%s", err, text, r.out)
		case <-timeout:
			require.Fail(t, "not printed", "%q is not in:\n%s", text, r.out)
		}
	}
}
