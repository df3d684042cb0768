// Package contracts checks the expectations of k6/scenarios/catalog.yaml: it runs each scenario on a platform of real processes, waits until
// Prometheus shows its expectations and, after the stop, until they have recovered. `make contracts` runs all scenarios. To run one:
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
	wanted  = flag.Bool("contracts", false, "run the scenarios; takes minutes on an otherwise idle machine") //nolint:gochecknoglobals // as package flag wants it
	program string                                                                                           //nolint:gochecknoglobals // set by TestMain before any test runs
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
