package prom

import (
	"context"
	"fmt"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

// recent remembers the answers that were asked for last, and has what is asked for by many at once looked up once. Failures are
// not remembered. Keys hold the time, so nothing gets stale.
type recent[K comparable, V any] struct {
	lookups *lru.Cache[K, *lookup[V]]
	running *sync.WaitGroup
}

// lookup is an answer, once done is closed.
type lookup[V any] struct {
	done   chan struct{}
	answer V
	err    error
}

func newRecent[K comparable, V any](size int, running *sync.WaitGroup) *recent[K, V] {
	lookups, err := lru.New[K, *lookup[V]](size)
	if err != nil {
		panic(fmt.Sprintf("size %d: %v", size, err)) // a constant of ours
	}
	return &recent[K, V]{lookups: lookups, running: running}
}

// get returns the answer for a key. find outlives the caller that began it, since others may wait for it too; it has to bound itself.
func (r *recent[K, V]) get(ctx context.Context, key K, find func(context.Context) (V, error)) (V, error) {
	wanted := &lookup[V]{done: make(chan struct{})}
	if earlier, found, _ := r.lookups.PeekOrAdd(key, wanted); found {
		wanted = earlier
	} else {
		r.running.Go(func() {
			defer close(wanted.done)
			if wanted.answer, wanted.err = find(context.WithoutCancel(ctx)); wanted.err != nil {
				r.lookups.Remove(key)
			}
		})
	}
	select {
	case <-wanted.done:
		return wanted.answer, wanted.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}
