package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"deals.example/internal/platform"
	"deals.example/internal/redisclient"
	"deals.example/internal/stack"
)

const (
	redisVariable     = "REDIS_URL"
	redisMaxMemory    = 256 << 20 // bytes
	loopback          = "127.0.0.1"
	redisDialTimeout  = 2 * time.Second
	redisReplyTimeout = 5 * time.Second // of one call
)

// redisPort returns the default port of Redis.
func redisPort() string {
	part, _ := platform.Named(platform.Redis)
	return strconv.Itoa(part.Port)
}

// redisFlags choose the Redis of `deals up`.
type redisFlags struct {
	RedisPort  uint16 `default:"${redisPort}" help:"Port of Redis."`
	ReuseRedis bool   `help:"Use the Redis that already runs on that port, with its data. By default a used port is an error."`
}

// platformRedis is the Redis of the components and its URL.
type platformRedis struct {
	process stack.Process
	url     string
}

// choose returns the first that applies: the Redis at REDIS_URL, a running one with --reuse-redis, redis-server from PATH, an
// embedded one.
func (f redisFlags) choose(ctx context.Context, environ map[string]string, self, stateDir string) (platformRedis, error) {
	if at := environ[redisVariable]; at != "" {
		return foreignRedis(at, "external, from REDIS_URL")
	}
	address := net.JoinHostPort(loopback, strconv.Itoa(int(f.RedisPort)))
	here := "redis://" + address + "/0"
	if f.ReuseRedis && answersAsRedis(ctx, here) {
		return foreignRedis(here, "already running (--reuse-redis)")
	}
	process := stack.Process{Name: platform.Redis, Address: address, URL: here, Quiet: true}
	var err error
	if process.Ready, err = redisProbe(here); err != nil {
		return platformRedis{}, err
	}
	dir, err := filepath.Abs(filepath.Join(stateDir, platform.Redis))
	if err != nil {
		return platformRedis{}, fmt.Errorf("state directory: %w", err)
	}
	if server, absent := exec.LookPath("redis-server"); absent == nil {
		process.Path, process.Args = server, f.serverArgs(dir)
		process.Summary = server + ", append-only file in " + dir
	} else {
		process.Path, process.Args = self, []string{"embedded-redis", "--address", address}
		process.Summary = "embedded miniredis: slower, in memory only (no redis-server on PATH)"
	}
	return platformRedis{process: process, url: here}, nil
}

func (f redisFlags) serverArgs(dir string) []string {
	return []string{
		"--bind", loopback, "--port", strconv.Itoa(int(f.RedisPort)), "--dir", dir,
		"--appendonly", "yes", "--save", "", // no snapshots beside the append-only file
		"--maxmemory", strconv.Itoa(redisMaxMemory), "--maxmemory-policy", "noeviction", // jobs must not be evicted
		"--daemonize", "no",
	}
}

// foreignRedis returns a Redis that this program does not start.
func foreignRedis(at, summary string) (platformRedis, error) {
	probe, err := redisProbe(at)
	if err != nil {
		return platformRedis{}, err
	}
	process := stack.Process{Name: platform.Redis, Summary: summary, URL: withoutPassword(at), Ready: probe}
	return platformRedis{process: process, url: at}, nil
}

// redisProbe returns a probe that sends PING. Redis answers it with an error while it loads its data.
func redisProbe(at string) (stack.Probe, error) {
	options, err := redisOptions(at)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		client := redisclient.New(options)
		defer func() { _ = client.Close() }()
		return client.Ping(ctx).Err()
	}, nil
}

// redisOptions returns client options without retries, for interactive commands.
func redisOptions(at string) (*redis.UniversalOptions, error) {
	options, err := redisclient.Parse(at)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", redisVariable, err)}
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisDialTimeout, redisReplyTimeout, redisReplyTimeout
	options.DialerRetries, options.MaxRetries = 1, -1
	options.ContextTimeoutEnabled = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return options, nil
}

// answersAsRedis reports whether a Redis answers, including with an error, such as a missing password.
func answersAsRedis(ctx context.Context, at string) bool {
	probe, err := redisProbe(at)
	if err != nil {
		return false
	}
	err = probe(ctx)
	var refused redis.Error
	return err == nil || errors.As(err, &refused)
}

func withoutPassword(at string) string {
	parsed, err := url.Parse(at)
	if err != nil {
		return ""
	}
	return parsed.Redacted()
}
