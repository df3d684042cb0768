package hash_test

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"deals.example/services/experience/hash"
)

// gcPercent returns the growth of the heap at which garbage is collected.
func gcPercent() int {
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(percent)
	return int(percent[0].Value.Uint64()) //nolint:gosec // at most 800
}

// TestGarbageIsCollectedRarelyWhileHashesAreComputed: and as before when the last is done.
func TestGarbageIsCollectedRarelyWhileHashesAreComputed(t *testing.T) {
	before := debug.SetGCPercent(70)
	defer debug.SetGCPercent(before)
	pool, _ := newPool(t, hash.Config{Workers: 2, Queue: 2, Idle: true})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = pool.Do(ctx, hash.Job{Payload: "long", Rounds: 1 << 20, Iterations: 5000})
	}()
	within := func(low, high int) {
		assert.EventuallyWithT(t, func(c *assert.CollectT) {
			percent := gcPercent()
			assert.GreaterOrEqual(c, percent, low)
			assert.LessOrEqual(c, percent, high)
		}, 5*time.Second, 5*time.Millisecond)
	}
	within(100, 800)
	cancel()
	<-ended
	within(70, 70)
}
