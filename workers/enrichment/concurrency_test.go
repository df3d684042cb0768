package enrichment //nolint:testpackage // the number of jobs shows in no metric of its own

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/criticality"
)

// TestConcurrencyFollowsTheUpstreams: with jobs waiting, the number of jobs at a time grows until calls wait at the upstreams, and shrinks then.
func TestConcurrencyFollowsTheUpstreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var room atomic.Int64
		room.Store(100)
		var c *concurrency
		busy := func() int { return c.pool.Load(criticality.Sheddable).Busy }
		c = newConcurrency(256, true, func() bool { return int64(busy()) > room.Load() })
		var running sync.WaitGroup
		running.Go(func() { assert.NoError(t, c.run(ctx)) })
		for range 256 {
			running.Go(func() {
				for ctx.Err() == nil {
					_ = c.do(ctx, func(context.Context) error { <-time.After(20 * time.Millisecond); return nil })
				}
			})
		}
		synctest.Wait()
		assert.Equal(t, minJobs, busy())
		<-time.After(3 * time.Second)
		assert.InDelta(t, 100, busy(), 30)
		room.Store(20)
		<-time.After(3 * time.Second)
		assert.InDelta(t, 20, busy(), 8)
		c.fix(50)
		<-time.After(3 * time.Second)
		assert.Equal(t, 50, busy(), "a constant, whatever the upstreams say")
		c.adapt()
		<-time.After(3 * time.Second)
		assert.InDelta(t, 20, busy(), 8)
		stop()
		running.Wait()
	})
}
