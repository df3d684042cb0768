package main_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return portOf(t, listener.Addr().String())
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	return port
}

// upRedis runs `deals up` with Redis only.
func upRedis(t *testing.T, environ []string, args ...string) *running {
	t.Helper()
	return start(t, environ, append([]string{"up", "--only", "redis", "--state-dir", t.TempDir()}, args...)...)
}

func clientOf(t *testing.T, address string) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: address})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestUpStartsRedisFromPath(t *testing.T) {
	testkit.Redis(t) // skips the test if there is no redis-server
	state, port := t.TempDir(), freePort(t)
	for range 2 { // the second run sees the data of the first
		r := start(t, nil, "up", "--only", "redis", "--redis-port", port, "--state-dir", state)
		r.isUp(t)
		assert.Regexp(t, `(?m)^  redis +redis://127\.0\.0\.1:`+port+`/0 +\d+ +\S*/redis-server, append-only file in `, r.stdout)
		client := clientOf(t, "127.0.0.1:"+port)
		require.NoError(t, client.Append(t.Context(), "runs", "x").Err())
		if runs := client.Get(t.Context(), "runs").Val(); runs == "x" {
			require.FileExists(t, filepath.Join(state, "redis", "appendonlydir", "appendonly.aof.manifest"))
		} else {
			assert.Equal(t, "xx", runs)
		}
		r.stop()
		require.Equal(t, 0, r.wait(t), r.stderr)
	}
}

func TestUpRunsEmbeddedRedisWithoutRedisServer(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	port := freePort(t)
	r := upRedis(t, nil, "--redis-port", port)
	r.isUp(t)
	assert.Contains(t, r.stdout.String(), "embedded miniredis")
	require.NoError(t, clientOf(t, "127.0.0.1:"+port).Ping(t.Context()).Err())
	r.stop()
	assert.Equal(t, 0, r.wait(t), r.stderr)
}

func TestUpUsesRedisURL(t *testing.T) {
	t.Parallel()
	server := testkit.Redis(t)
	require.NoError(t, server.Client(t).ConfigSet(t.Context(), "requirepass", "secret").Err())
	r := upRedis(t, []string{"REDIS_URL=redis://:secret@" + server.Addr + "/3"})
	r.isUp(t)
	assert.Regexp(t, `redis +redis://:xxxxx@`+server.Addr+`/3 +- +external, from REDIS_URL`, r.stdout)
	assert.NotContains(t, r.stdout.String(), "secret")
	r.stop()
	assert.Equal(t, 0, r.wait(t), r.stderr)
}

func TestUpRefusesAPortThatRedisUses(t *testing.T) {
	t.Parallel()
	server := testkit.Redis(t)
	r := upRedis(t, nil, "--redis-port", portOf(t, server.Addr))
	assert.Equal(t, 1, r.wait(t))
	assert.Regexp(t, `^deals: redis cannot bind `+server.Addr+`: it is used by .*
a Redis answers on `+server.Addr+`: stop it, use it with --reuse-redis, or choose another port with --redis-port
$`, r.stderr)
}

func TestSecondUpKeepsTheConfigurationOfTheFirst(t *testing.T) {
	programs, state := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(programs, "prometheus"), []byte("#!/bin/sh\n"), 0o700)) //nolint:gosec // G306: a program
	t.Setenv("PATH", programs)
	first := start(t, nil, "up", "--only", "redis", "--redis-port", freePort(t), "--state-dir", state)
	first.isUp(t)
	written := filepath.Join(state, "etc", "prometheus", "targets.yaml")
	require.NoError(t, os.MkdirAll(filepath.Dir(written), 0o750))
	require.NoError(t, os.WriteFile(written, []byte("[]"), 0o600))

	second := run(t, nil, "", "up", "--only", "prometheus", "--state-dir", state)
	assert.Equal(t, 1, second.code)
	assert.Contains(t, second.stderr, "already running")
	text, err := os.ReadFile(written) //nolint:gosec // G304: the test's own folder
	require.NoError(t, err)
	assert.Equal(t, "[]", string(text))
	first.stop()
	assert.Equal(t, 0, first.wait(t), first.stderr)
}

func TestUpReusesRedisWhenAsked(t *testing.T) {
	t.Parallel()
	server := testkit.Redis(t)
	r := upRedis(t, nil, "--redis-port", portOf(t, server.Addr), "--reuse-redis")
	r.isUp(t)
	assert.Contains(t, r.stdout.String(), "already running (--reuse-redis)")
	r.stop()
	assert.Equal(t, 0, r.wait(t), r.stderr)
	require.NoError(t, server.Client(t).Ping(t.Context()).Err(), "it still runs")
}

// An invalid setting ends `deals up` after it has printed the selection, before it starts a process.
func TestUpOnlyAddsDependencies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"transitive dependencies": {
			[]string{"--only", "experience-api"},
			"deals: also running redis, deal-service, price-service, inventory-service, rating-service-a, rating-service-b, " +
				"merchant-service, rating-lb, on which --only depends\n",
		},
		"excluded dependency": {
			[]string{"--only", "critical-worker,price-service", "--without", "redis"},
			"deals: running without redis, on which critical-worker depends\n",
		},
		"no dependencies": {[]string{"--only", "price-service"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, []string{"LOG_LEVEL=loud"}, "", append([]string{"up", "--state-dir", t.TempDir()}, test.args...)...)
			assert.Equal(t, 2, got.code)
			assert.Equal(t, test.want, got.stdout)
		})
	}
}

func TestEmbeddedRedisExpiresKeys(t *testing.T) {
	t.Parallel()
	address := "127.0.0.1:" + freePort(t)
	r := start(t, nil, "embedded-redis", "--address", address)
	client := clientOf(t, address)
	require.Eventually(t, func() bool { return client.Ping(t.Context()).Err() == nil }, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, client.Set(t.Context(), "short", "x", 150*time.Millisecond).Err())
	require.NoError(t, client.Set(t.Context(), "long", "x", time.Hour).Err())
	require.Eventually(t, func() bool { return client.Exists(t.Context(), "short").Val() == 0 }, 20*time.Second, 10*time.Millisecond)
	assert.Equal(t, int64(1), client.Exists(t.Context(), "long").Val())
	r.stop()
	assert.Equal(t, 0, r.wait(t), r.stderr)
}

func TestEmbeddedRedisIsBounded(t *testing.T) {
	t.Parallel()
	address := "127.0.0.1:" + freePort(t)
	start(t, nil, "embedded-redis", "--address", address, "--max-memory", "1")
	client := clientOf(t, address)
	require.Eventually(t, func() bool {
		err := client.Set(t.Context(), "k", "v", 0).Err()
		return err != nil && err.Error() == "OOM command not allowed when used memory > 'maxmemory'."
	}, 20*time.Second, 10*time.Millisecond)
	script := redis.NewScript(`return redis.call("SET", "k", "v")`)
	require.ErrorContains(t, script.Run(t.Context(), client, nil).Err(), "OOM", "also in a script")
	require.NoError(t, client.Del(t.Context(), "k").Err(), "commands that free memory are allowed")
}

func TestEmbeddedRedisIsPaused(t *testing.T) {
	t.Parallel()
	address := "127.0.0.1:" + freePort(t)
	start(t, nil, "embedded-redis", "--address", address)
	client := clientOf(t, address)
	require.Eventually(t, func() bool { return client.Ping(t.Context()).Err() == nil }, 20*time.Second, 10*time.Millisecond)
	begin := time.Now()
	require.NoError(t, client.ClientPause(t.Context(), 500*time.Millisecond).Err())
	require.NoError(t, client.Set(t.Context(), "k", "v", 0).Err())
	assert.GreaterOrEqual(t, time.Since(begin), 500*time.Millisecond, "commands wait for the end of the pause")
	for command, want := range map[string]string{
		"CLIENT PAUSE soon":     "ERR timeout is not an integer or out of range",
		"CLIENT PAUSE":          "ERR syntax error",
		"CLIENT PAUSE 10 WRITE": "ERR syntax error",
	} {
		require.EqualError(t, client.Do(t.Context(), anys(strings.Fields(command))...).Err(), want)
	}
}

func anys(words []string) []any {
	all := make([]any, 0, len(words))
	for _, word := range words {
		all = append(all, word)
	}
	return all
}

func TestUpCreatesItsStateDirectory(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "deep", "state")
	got := run(t, []string{"LOG_LEVEL=loud"}, "", "up", "--state-dir", state)
	assert.Equal(t, 2, got.code)
	info, err := os.Stat(state)
	require.NoError(t, err)
	assert.True(t, info.IsDir())
}
