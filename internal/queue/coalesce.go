package queue

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// coalescer is a Redis client on which the scripts of callers that come at the same time share a pipeline. asynq enqueues a job with one
// script and has no call for many: on its own each would cost a write and a read of the socket, on both sides, which is most
// of what enqueueing costs. Safe for concurrent use.
//
// While a pipeline is under way the next calls gather. One of them leads: it sends for all, and lets the others know.
type coalescer struct {
	redis.UniversalClient

	mu      sync.Mutex
	leading bool
	waiting []*scriptCall
}

// scriptCall is a call that waits for its turn.
type scriptCall struct {
	cmd  *redis.Cmd
	lead chan bool // true: lead the calls that wait; false: cmd is answered
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

// send sends all calls that wait, own among them, and hands the lead to one that came meanwhile.
func (c *coalescer) send(ctx context.Context, own *scriptCall) {
	c.mu.Lock()
	batch := c.waiting
	c.waiting = nil
	c.mu.Unlock()

	// The calls of others must not end with the context of this one; the client's own timeouts bound them.
	ctx = context.WithoutCancel(ctx)
	_, _ = c.Pipelined(ctx, func(pipe redis.Pipeliner) error { // each command has its own error
		for _, call := range batch {
			_ = pipe.Process(ctx, call.cmd) // it is only noted
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
