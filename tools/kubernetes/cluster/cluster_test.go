package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

//nolint:gochecknoglobals // flags of the test binary
var (
	asked       = flag.Bool("cluster", false, "run the platform on a throwaway cluster; takes minutes")
	autoscaling = flag.Bool("autoscaling", true, "with autoscaling")
)

const root = "../../.."

// TestCluster runs the platform on a throwaway cluster, and looks at what only a cluster shows.
func TestCluster(t *testing.T) {
	if !*asked {
		t.Skip("make kubernetes-test runs it")
	}
	c := start(t)
	t.Run("manifests", c.testManifests)
	t.Run("existing cluster", c.testExistingCluster)
	t.Run("scenarios", c.testScenarios)
	if *autoscaling {
		t.Run("scaling back", c.testScalingBack)
	}
	t.Run("no faults", c.testNoFaults)
	t.Run("rolling updates", c.testRollingUpdates)
	t.Run("drain", c.testDrain)
	t.Run("killed process", c.testKilledProcess)
	t.Run("memory limit", c.testMemoryLimit)
	t.Run("disk quota", c.testDiskQuota)
	t.Run("shared state", c.testSharedState)
	t.Run("redis cluster", c.testRedisCluster)
	if *autoscaling {
		t.Run("scaling", c.testScaling)
	}
	t.Run("end", c.testEnd)
}

// cluster is one that runs, with the program that made it.
type cluster struct {
	kubectl

	program *exec.Cmd
	state   string
}

// start starts a cluster and returns when the platform on it is ready.
func start(t *testing.T) *cluster {
	t.Helper()
	repository, err := filepath.Abs(root)
	require.NoError(t, err)
	bin, state := filepath.Join(repository, "bin"), filepath.Join(t.TempDir(), "state")
	program := exec.Command(filepath.Join(bin, "cluster"), "up", "--root", repository, "--bin", bin, "--state-dir", state, //nolint:gosec,noctx // G204: our program; the test ends it
		"--set", "SCENARIO_AUTOSTART=false", fmt.Sprintf("--autoscaling=%t", *autoscaling))
	program.Env = append(os.Environ(), "KUBECONFIG=")
	output, err := program.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	t.Cleanup(func() { _ = program.Process.Kill() })
	ready := false
	for lines := bufio.NewScanner(output); !ready && lines.Scan(); {
		t.Log(lines.Text())
		ready = strings.HasPrefix(lines.Text(), "Open ")
	}
	require.True(t, ready, "the platform runs")
	go func() { _, _ = io.Copy(os.Stderr, output) }()
	return &cluster{kubectl{filepath.Join(bin, "kubectl"), filepath.Join(state, "kubeconfig.yaml")}, program, state}
}

// deals runs kubectl in the namespace of the platform.
func (c *cluster) deals(t *testing.T, args ...string) {
	t.Helper()
	require.NoError(t, c.run(t.Context(), append([]string{"--namespace=deals"}, args...)...))
}

// testExistingCluster: the program asks before it touches a cluster that is there.
func (c *cluster) testExistingCluster(t *testing.T) {
	bin := filepath.Dir(c.path)
	up := exec.CommandContext(t.Context(), c.program.Path, "up", "--root", filepath.Dir(bin), "--bin", bin) //nolint:gosec // G204: our program
	up.Env, up.Stdin = append(os.Environ(), "KUBECONFIG="+c.config), strings.NewReader("n\n")
	output, err := up.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(output), "Apply deploy/kubernetes/overlays/local to the cluster ")
	assert.Contains(t, string(output), "not confirmed")
}

// testScenarios runs scenarios of k6 as make contracts does, and watches the workers meanwhile.
func (c *cluster) testScenarios(t *testing.T) {
	most := c.watchWorkers(t)
	tests := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-timeout=10m", "-v", "./test/contracts", "-contracts", "-running",
		"-run=TestScenarios/(normal|spike|enqueue-10k)$")
	tests.Dir = root
	output, err := tests.CombinedOutput()
	t.Logf("%s", output)
	require.NoError(t, err)
	workers := most()
	assert.Equal(t, *autoscaling, workers > 1, "%d workers while there were 10,000 jobs", workers)
}

// watchWorkers starts to count the pods of the enrichment worker. The returned function ends it, and returns the most that there were.
func (c *cluster) watchWorkers(t *testing.T) (most func() int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var seen int
	var watching sync.WaitGroup
	watching.Go(func() {
		for ctx.Err() == nil {
			if now := c.workers(ctx); now > seen {
				seen = now
				t.Log("enrichment workers: ", now)
			}
			<-time.After(time.Second)
		}
	})
	return func() int {
		stop()
		watching.Wait()
		return seen
	}
}

// workers returns how many pods of the enrichment worker are ready.
func (c *cluster) workers(ctx context.Context) int {
	text, _ := c.output(ctx, "", "--namespace=deals", "get", "deployment", platform.EnrichmentWorker, "--output=jsonpath={.status.readyReplicas}")
	ready, _ := strconv.Atoi(text) // empty for none
	return ready
}

// testScalingBack waits until no worker is there, as there are no jobs.
func (c *cluster) testScalingBack(t *testing.T) {
	began := time.Now()
	require.EventuallyWithT(t, func(t *assert.CollectT) { assert.Zero(t, c.workers(context.Background())) }, 6*time.Minute, time.Second) //nolint:usetesting // the last try may outlast the test
	t.Log("no worker after", time.Since(began).Round(time.Second))
}

// forward forwards a free port of this machine to a pod or a pod of a service, and returns its URL.
func (c *cluster) forward(t *testing.T, namespace, object string) string {
	t.Helper()
	command := c.command(t.Context(), "--namespace="+namespace, "port-forward", object, ":http")
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Wait() }) // killed at the end of the test
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	address, _, _ := strings.Cut(strings.TrimPrefix(line, "Forwarding from "), " ")
	return "http://" + address
}

// testEnd: after Ctrl-C the program ends by itself, and its folder is gone. What else a machine could leave is tested in package machine.
func (c *cluster) testEnd(t *testing.T) {
	require.NoError(t, c.program.Process.Signal(os.Interrupt))
	require.NoError(t, c.program.Wait())
	assert.NoDirExists(t, c.state)
}
