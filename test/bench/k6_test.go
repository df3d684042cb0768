package bench

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
	"deals.example/k6"
)

const (
	loadLasts  = 8 * time.Second
	loadRounds = 3
)

// generated is the result of a load generator.
type generated struct {
	requests int
	cpu      time.Duration // of the generator
}

// perCore returns the requests per second of CPU time.
func (g generated) perCore() float64 { return float64(g.requests) / g.cpu.Seconds() }

// BenchmarkK6 compares the requests per second of CPU time of k6 with those of wrk, on the same endpoint. CPU time is compared because the
// generators share the machine with the platform.
func BenchmarkK6(b *testing.B) {
	wrk, err := exec.LookPath("wrk")
	if err != nil {
		b.Skip("wrk is not on PATH: install it (Debian: apt-get install wrk)")
	}
	platform := testkit.NewPlatform(b, program, telemetry(b), everysec())
	platform.Start(b, testkit.Upstreams())
	platform.Start(b, []string{"experience-api"})
	api := platform.URL(b, "experience-api")
	warm(b, api)
	runner := k6Runner(b, api)
	for b.Loop() {
		var costs, perCore, perCoreOfWrk []float64
		for range loadRounds {
			of := driveWrk(b, wrk, api+listPath)
			by := driveK6(b, runner)
			costs = append(costs, 1000*1000/by.perCore())
			perCore, perCoreOfWrk = append(perCore, by.perCore()), append(perCoreOfWrk, of.perCore())
		}
		b.ReportMetric(median(costs), "ms-CPU/1000-requests")
		results.add("k6's own CPU for 1,000 lists", fmt.Sprintf("%.0f ms", median(costs)), "")
		results.add("lists a second for each core of the generator, k6 against wrk",
			fmt.Sprintf("%.0f of %.0f = %.2f", median(perCore), median(perCoreOfWrk), median(perCore)/median(perCoreOfWrk)), "")
		constant(b, "k6-lists-per-core", median(perCore))
	}
	b.ReportMetric(0, "ns/op")
}

func k6Runner(b *testing.B, target string) *k6.Runner {
	b.Helper()
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: testkit.K6(b), Dir: b.TempDir(), Target: target})
	require.NoError(b, err)
	return runner
}

func driveK6(b *testing.B, runner *k6.Runner) generated {
	b.Helper()
	process, err := runner.Start(b.Context(), k6.Run{
		Script: "load.ts", Duration: loadLasts, Env: map[string]string{"MODE": "deals", "CONCURRENCY": strconv.Itoa(listConnections)},
	})
	require.NoError(b, err)
	<-process.Done()
	result := process.Result()
	require.NoError(b, result.Err)
	require.NotNil(b, result.Summary)
	require.Zero(b, result.Summary.Failures)
	return generated{requests: result.Summary.Requests, cpu: result.CPU}
}

// wrkRequests matches "123 requests in 8.01s" in the output of wrk.
var wrkRequests = regexp.MustCompile(`(\d+) requests in`)

func driveWrk(b *testing.B, wrk, address string) generated {
	b.Helper()
	arguments := []string{"-t1", "-c", strconv.Itoa(listConnections), "-d", strconv.Itoa(int(loadLasts.Seconds())), address}
	command := exec.CommandContext(b.Context(), wrk, arguments...) //nolint:gosec // G204: our own arguments
	output, err := command.Output()
	require.NoError(b, err)
	found := wrkRequests.FindSubmatch(output)
	require.NotNil(b, found, "%s", output)
	requests, err := strconv.Atoi(string(found[1]))
	require.NoError(b, err)
	return generated{requests: requests, cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
}
