package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/testkit"
)

const recoversIn = 2 * time.Minute

// testKilledProcess kills the one process of a service. It is started again, lists go on without it, and the page says that it has just started.
func (c *cluster) testKilledProcess(t *testing.T) {
	clients := startClients(t)
	pod := c.pods(t, platform.PriceService, 1)[0]
	require.NoError(t, syscall.Kill(c.process(t, pod, "/deals"), syscall.SIGKILL))
	c.await(t, "the container is restarted", func() bool { return c.podField(t, pod, "restartCount") == "1" && c.podField(t, pod, "ready") == "true" })
	c.await(t, "the page says that it has started", func() bool {
		on := onPage(t, platform.PriceService)
		return on.Up && on.StartedSec > 0 && on.StartedSec < recoversIn.Seconds()
	})
	clients.assertNoneFailed(t)
}

// testMemoryLimit updates a service with a limit that is too low for it. The new pod is killed and killed again, the old one goes on, and the page
// says that one of two is down.
func (c *cluster) testMemoryLimit(t *testing.T) {
	clients := startClients(t)
	c.deals(t, "set", "resources", "deployment/"+platform.PriceService, "--limits=memory=12Mi", "--requests=memory=12Mi")
	c.await(t, "a container is killed for its memory", func() bool {
		for _, pod := range c.names(t, "pods", "app.kubernetes.io/name="+platform.PriceService) {
			if c.podField(t, pod, "lastState.terminated.reason") == "OOMKilled" {
				return true
			}
		}
		return false
	})
	c.await(t, "the page says that one is down", func() bool {
		on := onPage(t, platform.PriceService)
		return on.Up && on.Silent == 1
	})
	c.deals(t, "rollout", "undo", "deployment/"+platform.PriceService)
	c.available(t)
	c.await(t, "the page says that all are up", func() bool { return onPage(t, platform.PriceService).Silent == 0 })
	clients.assertNoneFailed(t)
}

// testDiskQuota fills a volume of Redis beyond its limit, whereupon its pod is evicted. Another takes its place, with its data.
func (c *cluster) testDiskQuota(t *testing.T) {
	clients := startClients(t)
	const pod = "redis-0"
	before := c.podUID(t, pod)
	fill := filepath.Join("/proc", strconv.Itoa(c.process(t, pod, "redis-server")), "root/tmp/fill")
	require.NoError(t, os.WriteFile(fill, make([]byte, 80<<20), 0o600))
	c.await(t, "the pod is evicted", func() bool { return c.podUID(t, pod) != before })
	c.deals(t, "rollout", "status", "statefulset/redis", "--timeout=2m")
	events, err := c.output(t.Context(), "", "--namespace=deals", "get", "events", "--field-selector=reason=Evicted", "--output=jsonpath={.items[*].message}")
	require.NoError(t, err)
	assert.Contains(t, events, "exceeds the limit")
	c.await(t, "purchases are accepted", func() bool {
		_, is := clients.request(t.Context(), http.MethodPost, "/api/purchase", `{"dealId":"d-00001"}`, http.StatusAccepted)
		return is
	})
	clients.end()
	for _, failure := range clients.failures {
		assert.Contains(t, failure, "/api/purchase", "lists need no Redis")
	}
	clients.assertCompleted(t)
}

// process returns the id on this machine of the pod's process that runs the program. Probes come and go beside it.
func (c *cluster) process(t *testing.T, pod, program string) int {
	t.Helper()
	group := []byte("pod" + c.podUID(t, pod))
	files, err := filepath.Glob("/proc/[0-9]*/cgroup")
	require.NoError(t, err)
	for _, file := range files {
		groups, _ := os.ReadFile(file) //nolint:gosec // G304: of /proc
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		var id int
		if bytes.Contains(groups, group) && strings.HasPrefix(string(command), program) {
			_, err := fmt.Sscanf(file, "/proc/%d/cgroup", &id)
			require.NoError(t, err)
			return id
		}
	}
	require.Fail(t, "no process", "of %s in the pod %s", program, pod)
	return 0
}

func (c *cluster) podUID(t *testing.T, pod string) string {
	t.Helper()
	uid, _ := c.output(t.Context(), "", "--namespace=deals", "get", "pod", pod, "--output=jsonpath={.metadata.uid}") // empty while there is none
	return uid
}

// podField returns a field of the status of a pod's container.
func (c *cluster) podField(t *testing.T, pod, path string) string {
	t.Helper()
	value, _ := c.output(t.Context(), "", "--namespace=deals", "get", "pod", pod, "--output=jsonpath={.status.containerStatuses[0]."+path+"}") // it may have gone
	return value
}

// box is what the page says of a component.
type box struct {
	ID         string
	Up         bool
	Silent     int
	StartedSec float64
}

// onPage returns what the page says now. While Prometheus does not answer, that is nothing.
func onPage(t *testing.T, id string) box {
	t.Helper()
	answer := testkit.ClientOf(platform.URL(platform.Dashboard)).Get(t, "/api/topology")
	var graph struct{ Nodes []box }
	require.NoError(t, json.Unmarshal([]byte(answer.Body), &graph), answer.Body)
	for _, one := range graph.Nodes {
		if one.ID == id {
			return one
		}
	}
	return box{}
}

// await waits until it is so.
func (*cluster) await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(recoversIn); !is(); <-time.After(time.Second) {
		require.True(t, time.Now().Before(deadline), what)
	}
}
