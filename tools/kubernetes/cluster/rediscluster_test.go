package main

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
	"deals.example/tools/kubernetes/manifests"
)

// sharded is the namespace of a second platform, on a Redis Cluster. Its data is not kept, since nothing provides volumes.
const (
	sharded        = "sharded"
	shardedOverlay = `
namespace: sharded
resources: [../../base]
components: [../../components/redis-cluster]
images: [{name: redis, newName: redis, newTag: local}]
patches:
  - target: {kind: Namespace}
    patch: |
      {$patch: delete, apiVersion: v1, kind: Namespace, metadata: {name: deals}}
  - target: {kind: StatefulSet, name: redis}
    patch: |
      - {op: remove, path: /spec/volumeClaimTemplates}
      - {op: add, path: /spec/template/spec/volumes/-, value: {name: data, emptyDir: {}}}
`
)

// testRedisCluster kills the master that has the purchases, under buyers. A replica takes over, and each accepted purchase is completed.
func (c *cluster) testRedisCluster(t *testing.T) {
	c.deploySharded(t)
	api := testkit.ClientOf(c.forward(t, sharded, "service/"+platform.ExperienceAPI))
	var accepted []string
	buyUntil := func(count int) (longest time.Duration) {
		for last := time.Now(); len(accepted) < count; {
			answer, err := api.Try(t.Context(), http.MethodPost, "/api/purchase", `{"dealId":"d-00001","userId":"u-1"}`, nil)
			if err != nil || answer.Status != http.StatusAccepted {
				require.Less(t, time.Since(last), time.Minute, "last answer: %d %s %v", answer.Status, answer.Body, err)
				continue
			}
			var body struct{ PurchaseID string }
			require.NoError(t, json.Unmarshal([]byte(answer.Body), &body))
			accepted = append(accepted, body.PurchaseID)
			longest, last = max(longest, time.Since(last)), time.Now()
		}
		return longest
	}
	buyUntil(50)
	_, err := c.output(t.Context(), "", "--namespace="+sharded, "delete", "pod", c.masterOf(t, schema.Pending(queue.Critical)), "--grace-period=0", "--force")
	require.NoError(t, err)
	t.Logf("longest time without an accepted purchase: %s", buyUntil(100).Round(time.Millisecond))
	for _, id := range accepted {
		c.await(t, "purchase "+id+" is completed", func() bool {
			answer, err := api.Try(t.Context(), http.MethodGet, "/api/purchase/"+id, "", nil)
			return err == nil && strings.Contains(answer.Body, `"status":"completed"`)
		})
	}
	require.NoError(t, c.run(t.Context(), "delete", "namespace", sharded, "--wait=false"))
}

// deploySharded deploys the platform on a Redis Cluster, and waits until it is ready.
func (c *cluster) deploySharded(t *testing.T) {
	t.Helper()
	tree, err := manifests.Load(root)
	require.NoError(t, err)
	const folder = manifests.Overlays + "/" + sharded
	require.NoError(t, tree.Add(folder, shardedOverlay))
	objects, err := tree.Build(folder)
	require.NoError(t, err)
	text, err := objects.AsYaml()
	require.NoError(t, err)
	const namespace = "--namespace=" + sharded
	require.NoError(t, c.run(t.Context(), "create", "namespace", sharded))
	require.NoError(t, c.run(t.Context(), namespace, "create", "secret", "generic", "deals", "--from-literal=ADMIN_TOKEN="+newToken(),
		"--from-literal=FAULT_RATE=0", "--from-literal=FAULT_FRAUD_RATE=0", "--from-literal=FAULT_ANALYTICS_RATE=0", "--from-literal=FAULT_RECEIPT_RATE=0"))
	_, err = c.output(t.Context(), string(text), "apply", "--server-side", "--filename=-")
	require.NoError(t, err)
	require.NoError(t, c.waitFor(t.Context(), "Complete", namespace, "job/redis-cluster"))
	require.NoError(t, c.waitFor(t.Context(), "Available", namespace, "deployment", "--all"))
}

// masterOf returns the pod of the master that has a key.
func (c *cluster) masterOf(t *testing.T, key string) string {
	t.Helper()
	ask := func(command ...string) string {
		text, err := c.output(t.Context(), "", append([]string{"--namespace=" + sharded, "exec", "redis-0", "--", "redis-cli"}, command...)...)
		require.NoError(t, err)
		return strings.TrimSpace(text)
	}
	slot, err := strconv.Atoi(ask("cluster", "keyslot", key))
	require.NoError(t, err)
	var address string
	for line := range strings.Lines(ask("cluster", "nodes")) {
		fields := strings.Fields(line) // id, address, flags, ..., slots
		if len(fields) < 9 || !strings.Contains(fields[2], "master") {
			continue
		}
		from, to, _ := strings.Cut(fields[8], "-")
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		if first <= slot && slot <= last {
			address, _, _ = strings.Cut(fields[1], "@")
		}
	}
	host, _, err := net.SplitHostPort(address)
	require.NoError(t, err, "master of slot %d", slot)
	pod, err := c.output(t.Context(), "", "--namespace="+sharded, "get", "pods", "--field-selector=status.podIP="+host, "--output=jsonpath={.items[0].metadata.name}")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(pod, "redis-"), pod)
	return pod
}
