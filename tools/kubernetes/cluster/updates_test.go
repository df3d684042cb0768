package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/testkit"
	"deals.example/test/replicas"
	"deals.example/tools/kubernetes/manifests"
)

// testRollingUpdates restarts each component under its clients.
func (c *cluster) testRollingUpdates(t *testing.T) {
	names := c.names(t, "deployments", "")
	clients := startClients(t)
	for _, name := range names {
		c.deals(t, "rollout", "restart", "deployment/"+name)
		c.deals(t, "rollout", "status", "deployment/"+name, "--timeout=2m")
	}
	t.Logf("%d components were restarted", len(names))
	clients.assertNoneFailed(t)
}

// testNoFaults lets each step of a purchase succeed from now on, so that none fails by chance.
func (c *cluster) testNoFaults(t *testing.T) {
	c.deals(t, "set", "env", "deployment/"+platform.CriticalWorker, "FAULT_FRAUD_RATE=0", "FAULT_ANALYTICS_RATE=0", "FAULT_RECEIPT_RATE=0")
	c.deals(t, "set", "env", "deployment/"+platform.DealService, "FAULT_RATE=0")
	c.available(t)
}

// names returns the names of objects with the labels.
func (c *cluster) names(t *testing.T, kind, selector string) []string {
	t.Helper()
	text, err := c.output(t.Context(), "", "--namespace=deals", "get", kind, "--selector="+selector, "--output=jsonpath={.items[*].metadata.name}")
	require.NoError(t, err)
	return strings.Fields(text)
}

// pods returns the names of a component's pods when there are so many, and none that goes.
func (c *cluster) pods(t *testing.T, component string, count int) []string {
	t.Helper()
	var names []string
	c.await(t, fmt.Sprintf("%s has %d pods", component, count), func() bool {
		names = c.names(t, "pods", "app.kubernetes.io/name="+component)
		return len(names) == count
	})
	return names
}

// replicated are the components of which overlays/ha has two.
const replicated = "app.kubernetes.io/component in (api, service, balancer, worker)"

// testDrain drains the node, of which there is one: no pod finds another. So the budgets must leave one of two replicas of each component.
func (c *cluster) testDrain(t *testing.T) {
	c.replicate(t, "2")
	node, err := c.output(t.Context(), "", "get", "nodes", "--output=jsonpath={.items[*].metadata.name}")
	require.NoError(t, err)
	clients := startClients(t)
	err = c.run(t.Context(), "drain", node, "--pod-selector="+replicated, "--timeout=20s")
	require.ErrorContains(t, err, "would violate the pod's disruption budget")
	ready, err := c.output(t.Context(), "", "--namespace=deals", "get", "deployments", "--selector="+replicated, "--output=jsonpath={.items[*].status.readyReplicas}")
	require.NoError(t, err)
	for count := range strings.FieldsSeq(ready) {
		assert.Equal(t, "1", count, "ready replicas of each component: %s", ready)
	}
	require.NoError(t, c.run(t.Context(), "uncordon", node))
	c.available(t)
	clients.assertNoneFailed(t)
	c.replicate(t, "1")
}

// replicate gives the components so many replicas.
func (c *cluster) replicate(t *testing.T, count string) {
	t.Helper()
	if *autoscaling {
		c.deals(t, "patch", "hpa", platform.ExperienceAPI, `--patch={"spec":{"minReplicas":`+count+`}}`)
	}
	for _, name := range c.names(t, "deployments", replicated) {
		if name != platform.EnrichmentWorker {
			c.deals(t, "scale", "deployment/"+name, "--replicas="+count)
		}
	}
	c.fixWorkers(t, count)
	c.available(t)
}

// available waits until all components are.
func (c *cluster) available(t *testing.T) {
	t.Helper()
	for _, name := range c.names(t, "deployments", "") {
		c.deals(t, "rollout", "status", "deployment/"+name, "--timeout=2m")
	}
}

// fixWorkers sets how many enrichment workers there are, whatever there is to do.
func (c *cluster) fixWorkers(t *testing.T, count string) {
	t.Helper()
	if *autoscaling {
		c.deals(t, "annotate", "--overwrite", "scaledobject/"+platform.EnrichmentWorker, "autoscaling.keda.sh/paused-replicas="+count)
	} else {
		c.deals(t, "scale", "deployment/"+platform.EnrichmentWorker, "--replicas="+count)
	}
	c.awaitWorkers(t, count)
}

func (c *cluster) awaitWorkers(t *testing.T, count string) {
	t.Helper()
	const field = "--output=jsonpath={.status.readyReplicas}"
	require.EventuallyWithT(t, func(collect *assert.CollectT) {
		ready, err := c.output(t.Context(), "", "--namespace=deals", "get", "deployment", platform.EnrichmentWorker, field)
		assert.NoError(collect, err)
		assert.Equal(collect, strings.TrimPrefix(count, "0"), ready, "ready workers; none is an empty field")
	}, time.Minute, time.Second)
}

// testSharedState runs the checks for two processes of the API on two pods of it.
func (c *cluster) testSharedState(t *testing.T) {
	c.replicate(t, "2")
	c.fixWorkers(t, "0")
	pods := c.pods(t, platform.ExperienceAPI, 2)
	replicas.Pair{
		First: testkit.ClientOf(c.forward(t, manifests.Namespace, "pod/"+pods[0])), Second: testkit.ClientOf(c.forward(t, manifests.Namespace, "pod/"+pods[1])), Redis: redisOf(t),
	}.ShareState(t)
	c.replicate(t, "1")
}
