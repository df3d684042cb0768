// Package bench measures the whole platform: real processes, a real Redis, load from this process. Most results are ratios within one run,
// because machines differ. `make bench` runs it and prints a table.
package bench

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"deals.example/internal/testkit"
)

var (
	program string //nolint:gochecknoglobals // built by TestMain before the first benchmark
	results report //nolint:gochecknoglobals // printed by TestMain after the last benchmark
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(bareVariable); kind != "" { //nolint:forbidigo // the test binary is also the bare servers
		fmt.Fprintln(os.Stderr, serveBare(kind, os.Stdin))
		os.Exit(1) //nolint:forbidigo // where a test binary ends
	}
	os.Exit(testkit.Main(func(built string) int { //nolint:forbidigo // where a test binary ends
		program = built
		code := m.Run()
		results.print(os.Stdout)
		return code
	}))
}

// report is the printed table.
type report struct {
	mu   sync.Mutex
	rows []row
}

type row struct {
	what, measured, aim string
}

// add adds a row with the target, which may be empty.
func (r *report) add(what, measured, aim string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, row{what, measured, aim})
}

func (r *report) print(to io.Writer) {
	if len(r.rows) == 0 {
		return
	}
	fmt.Fprintf(to, "\nOn %d cores (%s), %s, %s/%s, load and platform on the same machine.\n\n",
		runtime.NumCPU(), processor(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHAT\tMEASURED\tAIM")
	for _, one := range r.rows {
		fmt.Fprintf(table, "%s\t%s\t%s\n", one.what, one.measured, one.aim)
	}
	_ = table.Flush()
}

// processor returns the model of the processor on Linux, otherwise the architecture.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, found := strings.CutPrefix(line, "model name"); found {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return runtime.GOARCH
}
