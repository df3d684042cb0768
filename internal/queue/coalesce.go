package queue

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// coalescer is a Redis client that sends concurrent script calls in one pipeline. asynq enqueues each job with one script call; without a
// pipeline, socket reads and writes are most of the cost of enqueueing. It is safe for concurrent use.
//
// Calls that arrive while a pipeline is in flight wait. The first of them then sends all waiting calls.
type coalescer struct {
	redis.UniversalClient

	mu      sync.Mutex
	leading bool
	waiting []*scriptCall
}

// scriptCall is a waiting call.
type scriptCall struct {
	cmd  *redis.Cmd
	lead chan bool // true: send all waiting calls; false: cmd has its result
}

// EvalSha implements redis.Scripter.
func (c *coalescer) EvalSha(ctx context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	words := append(make([]any, 0, 3+len(keys)+len(args)), "evalsha", sha1, len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	call := &scriptCall{cmd: redis.NewCmd(ctx, append(words, args...)...), lead: make(chan bool, 1)}
	call.cmd.SetFirstKeyPos(3)
	c.mu.Lock()
	c.waiting = append(c.waiting, call)
	if !c.leading {
		c.leading = true
		call.lead <- true
	}
	c.mu.Unlock()
	if <-call.lead {
		c.send(ctx, call)
	}
	return call.cmd
}

// send sends all waiting calls, which include own. If others arrived meanwhile, the first of them sends next.
func (c *coalescer) send(ctx context.Context, own *scriptCall) {
	c.mu.Lock()
	batch := c.waiting
	c.waiting = nil
	c.mu.Unlock()

	// The end of ctx must not cancel the calls of others. The client's timeouts apply.
	ctx = context.WithoutCancel(ctx)
	_, _ = c.Pipelined(ctx, func(pipe redis.Pipeliner) error { // each command has its own error
		for _, call := range batch {
			_ = pipe.Process(ctx, call.cmd) // only queued
		}
		return nil
	})
	for _, call := range batch {
		if call != own {
			call.lead <- false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		c.leading = false
		return
	}
	c.waiting[0].lead <- true
}
