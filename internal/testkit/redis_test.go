package testkit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

func TestRedisDataSurvivesKill(t *testing.T) {
	server := testkit.Redis(t)
	client := server.Client(t)
	require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())

	server.Kill(t)
	require.Error(t, client.Ping(t.Context()).Err())

	server.Restart(t)
	require.Equal(t, "value", client.Get(t.Context(), "key").Val())
}

func TestRedisServersAreIndependent(t *testing.T) {
	one, other := testkit.Redis(t), testkit.Redis(t)
	require.NotEqual(t, one.Addr, other.Addr)
	require.NoError(t, one.Client(t).Set(t.Context(), "key", "value", 0).Err())
	require.Zero(t, other.Client(t).Exists(t.Context(), "key").Val())
}
