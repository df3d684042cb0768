package redisclient_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/redisclient"
	"deals.example/internal/testkit"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, err string
		addresses []string
		cluster   bool
	}{
		"one":            {"redis://user:secret@redis:6380/2", "", []string{"redis:6380"}, false},
		"cluster":        {"redis://a:1?addr=b:2&addr=c:3", "", []string{"a:1", "b:2", "c:3"}, true},
		"another scheme": {"http://redis:6379", "invalid URL scheme: http, want a URL such as redis://127.0.0.1:6379/0", nil, false},
		"no URL":         {"redis://%", "want a URL such as redis://127.0.0.1:6379/0", nil, false},
		"another parameter": {
			"redis://redis:6379?pool_size=5", "got the parameter pool_size, want none but addr, for another node of a cluster", nil, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, err := redisclient.Parse(test.text)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.addresses, options.Addrs)
			assert.Equal(t, test.cluster, options.IsClusterMode)
		})
	}
	options, err := redisclient.Parse("redis://user:secret@redis/2")
	require.NoError(t, err)
	assert.Equal(t, redis.UniversalOptions{Addrs: []string{"redis:6379"}, DB: 2, Username: "user", Password: "secret"}, *options)
}

// TestEachMaster: the nodes of a cluster, or the one that there is.
func TestEachMaster(t *testing.T) {
	cluster := testkit.RedisCluster(t)
	for url, want := range map[string][]string{cluster.URL: cluster.Masters, testkit.Redis(t).URL: nil} {
		options, err := redisclient.Parse(url)
		require.NoError(t, err)
		client := redisclient.New(options)
		t.Cleanup(func() { _ = client.Close() })
		var (
			mu  sync.Mutex
			got []string
		)
		require.NoError(t, redisclient.EachMaster(t.Context(), client, func(ctx context.Context, node *redis.Client) error {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, node.Options().Addr)
			return node.Ping(ctx).Err()
		}))
		if want == nil {
			want = options.Addrs
		}
		slices.Sort(got)
		assert.Equal(t, want, got)
	}
}
