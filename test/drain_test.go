package test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// TestRollingRestartUnderLoad restarts two replicas of the API, one after the other, under a client that checks readiness. No request may
// fail.
func TestRollingRestartUnderLoad(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	first, second := platform.Process("experience-api"), platform.StartReplica(t, "experience-api", "INSTANCE_ID=second")
	load := startBalancedLoad(t, first.URL, second.URL)
	load.await(t, 200)
	for range 2 {
		for _, replica := range []*testkit.Process{first, second} {
			replica.Signal(t, syscall.SIGTERM)
			assert.Equal(t, 0, replica.Wait(t, 20*time.Second))
			load.await(t, 100)
			replica.Restart(t)
			load.await(t, 100)
		}
	}
	load.stop()
	assert.Empty(t, load.failures)
}

// balancedLoad sends requests to the ready replicas, in turn.
type balancedLoad struct {
	replicas []string
	ready    []atomic.Bool
	sent     atomic.Int64
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu       sync.Mutex
	failures []string
}

func startBalancedLoad(t *testing.T, replicas ...string) *balancedLoad {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &balancedLoad{replicas: replicas, ready: make([]atomic.Bool, len(replicas)), cancel: cancel}
	t.Cleanup(l.stop)
	for i := range replicas {
		l.ready[i].Store(true)
		l.running.Go(func() { l.watch(ctx, i) })
	}
	for range 8 {
		l.running.Go(func() { l.send(ctx) })
	}
	return l
}

func (l *balancedLoad) watch(ctx context.Context, i int) {
	c, tick := client(), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		got, err := call(ctx, c, http.MethodGet, l.replicas[i]+"/readyz", nil)
		l.ready[i].Store(err == nil && got.status == http.StatusOK)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (l *balancedLoad) send(ctx context.Context) {
	c := client()
	for turn := 0; ctx.Err() == nil; turn++ {
		i := turn % len(l.replicas)
		if !l.ready[i].Load() {
			continue
		}
		path := [...]string{"/api/deals?limit=5", "/api/deals/d-00001"}[turn/2%2]
		got, err := call(context.WithoutCancel(ctx), c, http.MethodGet, l.replicas[i]+path, nil)
		if err != nil || got.status != http.StatusOK {
			l.mu.Lock()
			l.failures = append(l.failures, fmt.Sprintf("replica %d %s: %v %d %s", i, path, err, got.status, got.body))
			l.mu.Unlock()
		}
		l.sent.Add(1)
	}
}

// await waits for that many more requests.
func (l *balancedLoad) await(t *testing.T, requests int64) {
	t.Helper()
	until := l.sent.Load() + requests
	require.Eventually(t, func() bool { return l.sent.Load() >= until }, 60*time.Second, 5*time.Millisecond)
}

func (l *balancedLoad) stop() {
	l.cancel()
	l.running.Wait()
}
