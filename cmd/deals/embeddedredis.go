package main

import (
	"context"
	"fmt"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

const (
	redisTick = 100 * time.Millisecond
	oomAnswer = "OOM command not allowed when used memory > 'maxmemory'." // Redis's text
)

// embeddedRedisCmd runs miniredis as a process, so that `deals up` can stop and restart it like any other.
type embeddedRedisCmd struct {
	Address   string `default:"127.0.0.1:${redisPort}" help:"Address to listen on."`
	MaxMemory uint64 `default:"${redisMaxMemory}" help:"Bytes of heap from which commands that add data are refused."`
}

// Run serves until ctx ends. The data is in memory only.
func (c *embeddedRedisCmd) Run(ctx context.Context) error {
	redis := miniredis.NewMiniRedis()
	if err := redis.StartAddr(c.Address); err != nil {
		return fmt.Errorf("embedded Redis: %w", err)
	}
	defer redis.Close()

	var full atomic.Bool
	redis.Server().SetPreHook(func(peer *server.Peer, command string, _ ...string) bool {
		if full.Load() && growsMemory(command) {
			peer.WriteError(oomAnswer)
			return true
		}
		return false
	})
	tick(ctx, func(elapsed time.Duration) {
		redis.FastForward(elapsed) // miniredis has no clock of its own
		full.Store(heapBytes() > c.MaxMemory)
	})
	return nil
}

// tick calls each with the time since the previous call, until ctx ends.
func tick(ctx context.Context, each func(elapsed time.Duration)) {
	ticker := time.NewTicker(redisTick)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			each(now.Sub(last))
			last = now
		}
	}
}

func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// growsMemory reports whether Redis refuses a command, also in a script, when its memory is full.
func growsMemory(command string) bool {
	return slices.Contains([]string{
		"SET", "SETNX", "SETEX", "PSETEX", "MSET", "GETSET", "APPEND", "SETRANGE", "SETBIT",
		"INCR", "INCRBY", "DECR", "DECRBY", "HSET", "HSETNX", "HMSET", "HINCRBY", "SADD", "ZADD", "ZINCRBY", "XADD",
		"LPUSH", "RPUSH", "LINSERT", "LMOVE", "RPOPLPUSH", "BRPOPLPUSH", "COPY", "PFADD",
	}, command)
}
