package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const settle = 5 * time.Second

// BenchmarkUp runs `deals up` on the default ports and measures the time until all processes are ready, and the memory of the idle
// components.
func BenchmarkUp(b *testing.B) {
	for b.Loop() {
		start := time.Now()
		up := startUp(b)
		ready := time.Since(start)
		<-time.After(settle)
		resident, proportional, processes := memory(b)
		require.NoError(b, up.Process.Signal(syscall.SIGINT))
		require.NoError(b, up.Wait())
		b.ReportMetric(ready.Seconds(), "s-to-ready")
		b.ReportMetric(proportional, "MB-idle")
		results.add("deals up, built, until all are ready", fmt.Sprintf("%.2f s", ready.Seconds()), "within 3 s")
		results.add(fmt.Sprintf("memory of our %d processes, idle", processes),
			fmt.Sprintf("%.0f MB resident, pages they share counted once (%.0f MB when counted in each)", proportional, resident), "at most 130 MB, better 100")
	}
	b.ReportMetric(0, "ns/op")
}

// startUp starts `deals up` and waits until all processes are ready.
func startUp(b *testing.B) *exec.Cmd {
	b.Helper()
	//nolint:gosec // G204: our own program
	up := exec.CommandContext(context.WithoutCancel(b.Context()), program, "up", "--state-dir", b.TempDir())
	out, err := up.StdoutPipe()
	require.NoError(b, err)
	up.Stderr = up.Stdout
	require.NoError(b, up.Start())
	b.Cleanup(func() { _ = up.Process.Kill() })
	lines := bufio.NewScanner(out)
	var said strings.Builder
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if strings.Contains(lines.Text(), "ready in") {
			go func() {
				for lines.Scan() {
				}
			}()
			return up
		}
	}
	require.Fail(b, "deals up did not start", said.String())
	return nil
}

// memory returns the sums of the resident set size (RSS) and of the proportional set size (PSS), in which a page shared by n processes counts
// 1/n in each, over all processes of the program. It reads /proc/<pid>/smaps_rollup on Linux. The unit is MB (10^6 bytes).
func memory(b *testing.B) (resident, proportional float64, processes int) {
	b.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	require.NoError(b, err)
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != program {
			continue
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(link), "smaps_rollup"))
		if err != nil {
			b.Skip("memory is read from Linux's smaps_rollup: ", err)
		}
		processes++
		resident += kilobytes(string(text), "Rss:") / 1000
		proportional += kilobytes(string(text), "Pss:") / 1000
	}
	return resident, proportional, processes
}

// kilobytes returns a field of smaps_rollup, converted from KiB to kB.
func kilobytes(text, field string) float64 {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, field); found {
			kib, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kib * 1.024
		}
	}
	return 0
}
