package slowredis_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/testkit"
	"deals.example/lab/control"
	"deals.example/lab/slowredis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a Pauser and returns a function that switches it, and one that ends it as the end of its process would.
func start(t *testing.T, client *redis.Client) (to func(option string) error, kill func()) {
	t.Helper()
	pauser := slowredis.New(client, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- pauser.Run(ctx); close(ended) }()
	kill = func() { cancel(); <-ended }
	t.Cleanup(kill)
	c := pauser.Control()
	return func(option string) error {
		setting, err := c.Parse(option)
		require.NoError(t, err)
		return c.Apply(setting)
	}, kill
}

// slowest returns the longest time of a PING of another client, over d.
func slowest(t *testing.T, client *redis.Client, d time.Duration) time.Duration {
	t.Helper()
	var slowest time.Duration
	for begin := time.Now(); time.Since(begin) < d; {
		sent := time.Now()
		require.NoError(t, client.Ping(t.Context()).Err())
		slowest = max(slowest, time.Since(sent))
	}
	return slowest
}

func TestRedisIsSlowUntilItIsSwitchedBack(t *testing.T) {
	t.Parallel()
	server := testkit.Redis(t)
	other := server.Client(t)
	to, _ := start(t, server.Client(t))
	assert.Less(t, slowest(t, other, 300*time.Millisecond), 300*time.Millisecond)

	require.NoError(t, to("slow=600"))
	for range 3 { // again and again
		assert.Greater(t, slowest(t, other, 800*time.Millisecond), 300*time.Millisecond)
	}
	require.NoError(t, to("slow=400"))
	require.NoError(t, to(control.Default))
	slowest(t, other, time.Second) // the last pause ends
	assert.Less(t, slowest(t, other, 2*time.Second), 300*time.Millisecond)

	require.NoError(t, to("slow=600"))
	assert.Greater(t, slowest(t, other, 2*time.Second), 300*time.Millisecond, "it can be switched on again")
}

// TestNoPauseOutlivesItsProcess: a Pauser that is killed in the middle leaves Redis paused for what is left of one pause.
func TestNoPauseOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	server := testkit.Redis(t)
	to, kill := start(t, server.Client(t))
	require.NoError(t, to("slow=600"))
	kill()
	other := server.Client(t)
	slowest(t, other, 800*time.Millisecond)
	assert.Less(t, slowest(t, other, 2*time.Second), 300*time.Millisecond)
}

// TestRefusedPause: a Redis that refuses CLIENT PAUSE, or is down, is an error of the switch.
func TestRefusedPause(t *testing.T) {
	t.Parallel()
	server := testkit.Redis(t)
	require.NoError(t, server.Client(t).Do(t.Context(), "ACL", "SETUSER", "default", "-client|pause").Err())
	to, _ := start(t, server.Client(t))
	require.ErrorContains(t, to("slow=500"), "pause Redis for 500ms: NOPERM")
	server.Kill(t)
	require.ErrorContains(t, to("slow=500"), "pause Redis for 500ms: ")
}

func TestBounds(t *testing.T) {
	t.Parallel()
	c := slowredis.New(nil, nil).Control()
	for _, option := range []string{"slow", "slow=99", "slow=5001", "usual=100"} {
		_, err := c.Parse(option)
		assert.ErrorContains(t, err, "one of usual, slow=100..5000, default", option)
	}
}
