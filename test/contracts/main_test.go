// Package contracts holds the scenarios of k6/scenarios/catalog.yaml to what they say: on the platform as real processes, each is run, its
// expectations have to show in Prometheus, and after its stop they have to fade. `make contracts` runs it; one scenario alone is
//
//	go test ./test/contracts -contracts -v -run TestScenarios/spike
package contracts

import (
	"flag"
	"os"
	"testing"

	"deals.example/internal/testkit"
)

var (
	wanted  = flag.Bool("contracts", false, "run the scenarios: some minutes, on a machine that does little else") //nolint:gochecknoglobals // as package flag wants it
	program string                                                                                                 //nolint:gochecknoglobals // set by TestMain before any test runs
)

func TestMain(m *testing.M) {
	flag.Parse()
	if !*wanted {
		os.Exit(m.Run()) //nolint:forbidigo // where a test binary ends
	}
	os.Exit(testkit.Main(func(built string) int { //nolint:forbidigo // where a test binary ends
		program = built
		return m.Run()
	}))
}
