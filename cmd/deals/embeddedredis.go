package main

import (
	"context"
	"fmt"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
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
	var paused pause
	redis.Server().SetPreHook(func(peer *server.Peer, command string, arguments ...string) bool {
		paused.wait(ctx)
		if command == "CLIENT" && len(arguments) > 0 && strings.EqualFold(arguments[0], "PAUSE") {
			paused.begin(peer, arguments[1:])
			return true
		}
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

// pause is CLIENT PAUSE, which miniredis does not have. Commands wait until it is over, those of the client that sent it too.
type pause struct {
	until atomic.Int64 // Unix time in nanoseconds
}

// wait returns when the pause is over, or ctx is.
func (p *pause) wait(ctx context.Context) {
	timer := time.NewTimer(time.Until(time.Unix(0, p.until.Load())))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// begin starts a pause of a number of milliseconds and answers as Redis does.
func (p *pause) begin(peer *server.Peer, arguments []string) {
	if len(arguments) != 1 {
		peer.WriteError("ERR syntax error")
		return
	}
	ms, err := strconv.ParseUint(arguments[0], 10, 31)
	if err != nil {
		peer.WriteError("ERR timeout is not an integer or out of range")
		return
	}
	p.until.Store(time.Now().Add(time.Duration(ms) * time.Millisecond).UnixNano())
	peer.WriteOK()
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
