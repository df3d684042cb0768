package deals

import (
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
)

const pollEvery = 100 * time.Millisecond

// Redis looks into the platform's Redis, by the platform's own packages: there is no second copy of what it keeps where. Its calls
// return promises; each has a connection of its own, since there are few of them.
type Redis struct {
	module  *module
	options *redis.Options
	name    string // its URL without a password
}

// newRedis is the constructor: new Redis('redis://127.0.0.1:6379/0'). It connects to nothing.
func (m *module) newRedis(call sobek.ConstructorCall) *sobek.Object {
	rt := m.vu.Runtime()
	text := call.Argument(0).String()
	address, parseErr := url.Parse(text)
	options, err := redis.ParseURL(text)
	if err != nil || parseErr != nil {
		common.Throw(rt, fmt.Errorf("new Redis: %w; allowed: a URL such as redis://127.0.0.1:6379/0", err))
	}
	options.MaxRetries = -1 // who looks wants to know
	return rt.ToValue(&Redis{module: m, options: options, name: address.Redacted()}).ToObject(rt)
}

// QueueDepth is how many jobs of a queue are still to be done.
func (r *Redis) QueueDepth(name string) *sobek.Promise {
	return look(r, func(ctx context.Context, in *inside) (int, error) { return in.jobs.Depth(ctx, name) })
}

// DlqDepth is how many jobs of a queue rest in its DLQ.
func (r *Redis) DlqDepth(name string) *sobek.Promise {
	return look(r, func(ctx context.Context, in *inside) (int, error) {
		page, err := in.dead.List(ctx, name, queue.Page{Size: 1})
		return page.Total, err
	})
}

// WaitUntilDrained waits until a queue has no job left to be done, and resolves to the seconds that took. It rejects when the queue
// isn't drained within the timeout, such as 30s.
func (r *Redis) WaitUntilDrained(name, timeout string) (*sobek.Promise, error) {
	limit, err := parseTimeout(timeout)
	if err != nil {
		return nil, err
	}
	return look(r, func(ctx context.Context, in *inside) (float64, error) { return in.drained(ctx, name, limit) }), nil
}

// ExpireCards removes all deal cards, as if they had expired, and resolves to how many there were.
func (r *Redis) ExpireCards() *sobek.Promise {
	return look(r, func(ctx context.Context, in *inside) (int, error) {
		return card.NewStore(in.rdb, card.Config{}).Clear(ctx)
	})
}

// inside is a connection, and what looks through it.
type inside struct {
	jobs      *queue.Client
	dead      *queue.DLQ
	purchases *purchase.Store
	rdb       *redis.Client
}

// look connects through k6's dialer, looks, and disconnects.
func look[T any](r *Redis, at func(ctx context.Context, in *inside) (T, error)) *sobek.Promise {
	return promise(r.module, "looking into Redis", func(ctx context.Context, state *lib.State) (T, error) {
		options := *r.options
		options.Dialer = state.Dialer.DialContext
		rdb := redis.NewClient(&options)
		defer func() { _ = rdb.Close() }()
		in, err := newInside(rdb)
		var result T
		if err == nil {
			result, err = at(ctx, in)
		}
		if err != nil {
			return result, fmt.Errorf("%s: %w", r.name, err)
		}
		return result, nil
	})
}

func newInside(rdb *redis.Client) (in *inside, err error) {
	in = &inside{rdb: rdb}
	if in.jobs, err = queue.NewClient(rdb, queue.Deps{}); err != nil {
		return nil, err
	}
	if in.dead, err = queue.NewDLQ(rdb); err != nil {
		return nil, err
	}
	if in.purchases, err = purchase.NewStore(rdb); err != nil {
		return nil, err
	}
	return in, nil
}

func (in *inside) drained(ctx context.Context, name string, limit time.Duration) (float64, error) {
	start := time.Now()
	depth := 0
	err := poll(ctx, limit, func() (done bool, err error) {
		depth, err = in.jobs.Depth(ctx, name)
		return depth == 0, err
	})
	if err == nil && depth > 0 {
		err = fmt.Errorf("queue %s still holds %d jobs after %s", name, depth, limit)
	}
	return time.Since(start).Seconds(), err
}

// poll asks until it is done, there is an error, ctx ends or the time is over.
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
		return 0, fmt.Errorf("timeout is %q; allowed: a time such as 30s", text)
	}
	return limit, nil
}
