package testkit

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	slots          = 16384 // of a Redis Cluster
	clusterMasters = 3
	// nodeTimeout is how long a node may be unreachable until its replica takes over.
	nodeTimeout = time.Second
	clusterIn   = 30 * time.Second
)

// Cluster is a Redis Cluster of a test: three masters, each with a replica.
type Cluster struct {
	URL     string   // as REDIS_URL has it
	Masters []string // their addresses, in order

	servers  map[string]*RedisServer // by address
	buses    map[string]int          // port of the nodes' own protocol, by address
	replicas map[string]string       // address of a replica, by that of its master
}

// RedisCluster starts a cluster on free ports of 127.0.0.1 and stops it when the test ends. Without redis-server on PATH the test is
// skipped.
func RedisCluster(tb testing.TB) *Cluster {
	tb.Helper()
	c := &Cluster{servers: map[string]*RedisServer{}, buses: map[string]int{}, replicas: map[string]string{}}
	var replicas []string
	for i := range 2 * clusterMasters {
		bus := FreePort(tb)
		server := startRedis(tb, []string{
			"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus), "--cluster-node-timeout", strconv.Itoa(int(nodeTimeout.Milliseconds())),
			"--appendfsync", "everysec", "--repl-diskless-sync-delay", "0",
		})
		c.servers[server.Addr], c.buses[server.Addr] = server, bus
		if i < clusterMasters {
			c.Masters = append(c.Masters, server.Addr)
		} else {
			replicas = append(replicas, server.Addr)
		}
	}
	slices.Sort(c.Masters)
	c.URL = "redis://" + c.Masters[0] + "?addr=" + strings.Join(c.Masters[1:], "&addr=")
	c.assignSlots(tb)
	c.meet(tb, append(slices.Clone(c.Masters), replicas...))
	for i, replica := range replicas {
		c.replicas[c.Masters[i]] = replica
		c.replicate(tb, replica, c.Masters[i])
	}
	c.awaitReady(tb, replicas)
	return c
}

// awaitReady waits until all nodes know each other, and the replicas have the data of their masters: one without can't take over.
func (c *Cluster) awaitReady(tb testing.TB, replicas []string) {
	tb.Helper()
	require.EventuallyWithT(tb, func(t *assert.CollectT) {
		for address := range c.servers {
			info := ask(t, address, "CLUSTER", "INFO")
			assert.Contains(t, info, "cluster_state:ok")
			assert.Contains(t, info, "cluster_known_nodes:"+strconv.Itoa(len(c.servers)))
		}
		for _, replica := range replicas {
			assert.Contains(t, ask(t, replica, "INFO", "replication"), "master_link_status:up")
		}
	}, clusterIn, 50*time.Millisecond)
}

// ask returns the answer of a node to a command.
func ask(t *assert.CollectT, address string, command ...any) string {
	client := redis.NewClient(&redis.Options{Addr: address})
	defer func() { _ = client.Close() }()
	answer, err := client.Do(context.Background(), command...).Text()
	assert.NoError(t, err)
	return answer
}

// assignSlots gives each master its share.
func (c *Cluster) assignSlots(tb testing.TB) {
	tb.Helper()
	for i, master := range c.Masters {
		from, to := i*slots/clusterMasters, (i+1)*slots/clusterMasters-1
		require.NoError(tb, c.servers[master].Client(tb).ClusterAddSlotsRange(tb.Context(), from, to).Err())
	}
}

// meet makes all nodes known to the first, which tells the others.
func (c *Cluster) meet(tb testing.TB, nodes []string) {
	tb.Helper()
	first := c.servers[nodes[0]].Client(tb)
	for _, node := range nodes[1:] {
		host, port, err := net.SplitHostPort(node)
		require.NoError(tb, err)
		require.NoError(tb, first.Do(tb.Context(), "CLUSTER", "MEET", host, port, c.buses[node]).Err())
	}
}

// replicate makes a node the replica of a master, as soon as it knows the master.
func (c *Cluster) replicate(tb testing.TB, node, master string) {
	tb.Helper()
	id, err := c.servers[master].Client(tb).ClusterMyID(tb.Context()).Result()
	require.NoError(tb, err)
	client := c.servers[node].Client(tb)
	require.EventuallyWithT(tb, func(t *assert.CollectT) {
		assert.NoError(t, client.ClusterReplicate(context.Background(), id).Err()) //nolint:usetesting // the last try may outlast the test
	}, clusterIn, 50*time.Millisecond)
}

// Kill kills the node at the address. Its replica takes over after nodeTimeout.
func (c *Cluster) Kill(tb testing.TB, address string) {
	tb.Helper()
	c.servers[address].Kill(tb)
}

// Promote lets the replica of the master at the address take over, without losing a write.
func (c *Cluster) Promote(tb testing.TB, address string) {
	tb.Helper()
	replica := c.replicas[address]
	require.NoError(tb, c.servers[replica].Client(tb).ClusterFailover(tb.Context()).Err())
}
