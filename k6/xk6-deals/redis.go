package deals

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/grafana/sobek"
	"github.com/redis/go-redis/v9"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/lib"

	"deals.example/internal/card"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/redisclient"
)

const pollEvery = 100 * time.Millisecond

// Redis inspects the platform's Redis with the platform's own packages. Its methods return promises. Each call opens its own connection.
type Redis struct {
	module  *module
	options *redis.UniversalOptions
	name    string // URL without a password
}

// newRedis is the constructor: new Redis('redis://127.0.0.1:6379/0'). It does not connect.
func (m *module) newRedis(call sobek.ConstructorCall) *sobek.Object {
	rt := m.vu.Runtime()
	text := call.Argument(0).String()
	address, parseErr := url.Parse(text)
	options, err := redisclient.Parse(text)
	if err := cmp.Or(err, parseErr); err != nil {
		common.Throw(rt, fmt.Errorf("new Redis: %w", err))
	}
	options.MaxRetries = -1 // scripts get the first error
	return rt.ToValue(&Redis{module: m, options: options, name: address.Redacted()}).ToObject(rt)
}

// QueueDepth resolves to the number of unfinished jobs of a queue.
func (r *Redis) QueueDepth(name string) *sobek.Promise {
	return inspect(r, func(ctx context.Context, c *connection) (int, error) { return c.jobs.Depth(ctx, name) })
}

// DlqDepth resolves to the number of jobs in the DLQ of a queue.
func (r *Redis) DlqDepth(name string) *sobek.Promise {
	return inspect(r, func(ctx context.Context, c *connection) (int, error) {
		page, err := c.dead.List(ctx, name, queue.Page{Size: 1})
		return page.Total, err
	})
}

// WaitUntilDrained waits until a queue has no unfinished jobs and resolves to the seconds that this took. It rejects after the timeout, such
// as 30s.
func (r *Redis) WaitUntilDrained(name, timeout string) (*sobek.Promise, error) {
	limit, err := parseTimeout(timeout)
	if err != nil {
		return nil, err
	}
	return inspect(r, func(ctx context.Context, c *connection) (float64, error) { return c.drained(ctx, name, limit) }), nil
}

// ExpireCards deletes all deal cards, as if they had expired, and resolves to their number.
func (r *Redis) ExpireCards() *sobek.Promise {
	return inspect(r, func(ctx context.Context, c *connection) (int, error) {
		return card.NewStore(c.rdb, card.Config{}).Clear(ctx)
	})
}

// connection is a Redis client with the stores on it.
type connection struct {
	jobs      *queue.Client
	dead      *queue.DLQ
	purchases *purchase.Store
	rdb       redis.UniversalClient
}

// inspect connects through k6's dialer, calls do, and disconnects.
func inspect[T any](r *Redis, do func(ctx context.Context, c *connection) (T, error)) *sobek.Promise {
	return promise(r.module, "inspecting Redis", func(ctx context.Context, state *lib.State) (T, error) {
		options := *r.options
		options.Dialer = state.Dialer.DialContext
		rdb := redisclient.New(&options)
		defer func() { _ = rdb.Close() }()
		c, err := connect(rdb)
		var result T
		if err == nil {
			result, err = do(ctx, c)
		}
		if err != nil {
			return result, fmt.Errorf("%s: %w", r.name, err)
		}
		return result, nil
	})
}

func connect(rdb redis.UniversalClient) (c *connection, err error) {
	c = &connection{rdb: rdb}
	if c.jobs, err = queue.NewClient(rdb, queue.Deps{}); err != nil {
		return nil, err
	}
	if c.dead, err = queue.NewDLQ(rdb); err != nil {
		return nil, err
	}
	if c.purchases, err = purchase.NewStore(rdb); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *connection) drained(ctx context.Context, name string, limit time.Duration) (float64, error) {
	start := time.Now()
	depth := 0
	err := poll(ctx, limit, func() (done bool, err error) {
		depth, err = c.jobs.Depth(ctx, name)
		return depth == 0, err
	})
	if err == nil && depth > 0 {
		err = fmt.Errorf("queue %s has %d unfinished jobs after %s", name, depth, limit)
	}
	return time.Since(start).Seconds(), err
}

// poll calls ask until it is done or returns an error, ctx ends, or limit has passed. After limit it returns nil.
func poll(ctx context.Context, limit time.Duration, ask func() (done bool, err error)) error {
	ticker, over := time.NewTicker(pollEvery), time.After(limit)
	defer ticker.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-over:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func parseTimeout(text string) (time.Duration, error) {
	limit, err := time.ParseDuration(text)
	if err != nil || limit <= 0 {
		return 0, fmt.Errorf("timeout: got %q, want a duration such as 30s", text)
	}
	return limit, nil
}
