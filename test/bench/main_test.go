// Package bench measures the platform as it runs: real processes, a real Redis, a load from this process. What it gives are ratios
// within one run, since machines differ and are shared. `make bench` runs it and prints its table.
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
	program string //nolint:gochecknoglobals // the program that is measured, built by TestMain before any benchmark
	results report //nolint:gochecknoglobals // printed by TestMain after the last benchmark
)

func TestMain(m *testing.M) {
	if os.Getenv(bareVariable) != "" { //nolint:forbidigo // this binary is also the bare server that it measures against
		fmt.Fprintln(os.Stderr, serveBare(os.Stdin))
		os.Exit(1) //nolint:forbidigo // where a test binary ends
	}
	os.Exit(testkit.Main(func(built string) int { //nolint:forbidigo // where a test binary ends
		program = built
		code := m.Run()
		results.print(os.Stdout)
		return code
	}))
}

// report is the table at the end.
type report struct {
	mu   sync.Mutex
	rows []row
}

type row struct {
	what, measured, aim string
}

// add adds a line: what was measured, the figure, and what the project aims at.
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

// processor is the model of the machine's processor, where Linux tells it.
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
