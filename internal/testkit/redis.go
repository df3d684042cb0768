package testkit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// RedisServer is a redis-server process of a test. Its append-only file survives Kill. It is not safe for concurrent use.
type RedisServer struct {
	Addr string // host:port
	URL  string // redis://host:port/0, for REDIS_URL

	binary  string
	args    []string
	process *exec.Cmd
	exited  chan struct{}
}

// slotsVariable, set to anything, makes every Redis the only node of a Redis Cluster: it refuses what uses keys of several slots.
const slotsVariable = "TEST_REDIS_SLOTS"

// Redis starts a redis-server on a free port of 127.0.0.1 and stops it when the test ends. By default every write is synced to the append-only
// file before the response; options of redis-server, such as "--appendfsync", "no", override this. Without redis-server on PATH the test is
// skipped; in CI tools/packages.sh fails before.
func Redis(tb testing.TB, options ...string) *RedisServer {
	tb.Helper()
	if os.Getenv(slotsVariable) == "" {
		return startRedis(tb, options)
	}
	s := startRedis(tb, append([]string{"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(FreePort(tb))}, options...))
	require.NoError(tb, s.Client(tb).ClusterAddSlotsRange(tb.Context(), 0, slots-1).Err())
	s.awaitSlots(tb)
	return s
}

// awaitSlots waits until the only node of a cluster serves its slots: some time after it has them, and seconds after it was restarted.
func (s *RedisServer) awaitSlots(tb testing.TB) {
	tb.Helper()
	client := s.Client(tb)
	require.Eventually(tb, func() bool {
		return strings.Contains(client.ClusterInfo(tb.Context()).Val(), "cluster_state:ok")
	}, 10*time.Second, 5*time.Millisecond)
}

func startRedis(tb testing.TB, options []string) *RedisServer {
	tb.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Skip("redis-server is not on PATH: install it (Debian: apt-get install redis-server; macOS: brew install redis)")
	}
	port := FreePort(tb)
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	s := &RedisServer{
		Addr:   addr,
		URL:    "redis://" + addr + "/0",
		binary: binary,
		args: append([]string{
			"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", tb.TempDir(),
			"--save", "", "--appendonly", "yes", "--appendfsync", "always",
		}, options...),
	}
	s.start(tb)
	tb.Cleanup(func() { s.Kill(tb) })
	return s
}

// Kill ends the server with SIGKILL and waits for its end. It is a no-op if the server has ended.
func (s *RedisServer) Kill(tb testing.TB) {
	tb.Helper()
	if err := s.process.Process.Kill(); err != nil {
		require.ErrorIs(tb, err, os.ErrProcessDone)
	}
	<-s.exited
}

// Restart kills the server if it runs and starts it with the same port and append-only file.
func (s *RedisServer) Restart(tb testing.TB) {
	tb.Helper()
	s.Kill(tb)
	s.start(tb)
	if os.Getenv(slotsVariable) != "" {
		s.awaitSlots(tb)
	}
}

// Client returns a client of the server that is closed when the test ends.
func (s *RedisServer) Client(tb testing.TB) *redis.Client {
	tb.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.Addr})
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// start runs the process and returns when it answers a ping.
func (s *RedisServer) start(tb testing.TB) {
	tb.Helper()
	// The context of a test ends before its cleanups; Kill ends the process.
	//nolint:gosec // G204: the binary comes from PATH and the arguments from the test.
	s.process = exec.CommandContext(context.WithoutCancel(tb.Context()), s.binary, s.args...)
	require.NoError(tb, s.process.Start())
	exited := make(chan struct{})
	s.exited = exited
	go func(process *exec.Cmd) {
		_ = process.Wait() // killed
		close(exited)
	}(s.process)
	require.NoError(tb, s.waitUntilReady(tb.Context()), "redis-server on %s", s.Addr)
}

// waitUntilReady polls until the server answers PING, which it does after it has loaded its data, or has ended.
func (s *RedisServer) waitUntilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	client := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := client.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-s.exited:
			return errors.New("exited during the start")
		case <-ctx.Done():
			return fmt.Errorf("not ready in time: %w", err)
		}
	}
}
