// Package contracts checks what the catalogs promise, on a platform of real processes. It runs each scenario of k6/scenarios/catalog.yaml, waits
// until Prometheus shows its expectations and, after the stop, until they have recovered. It runs each experiment of lab/experiments and
// compares what was measured with what it promises. `make contracts` and `make experiments` run all. To run one:
//
//	go test ./test/contracts -contracts -v -run TestScenarios/spike
//	go test ./test/contracts -experiments -v -run TestExperiments/breaker
package contracts

import (
	"flag"
	"os"
	"testing"

	"deals.example/internal/testkit"
)

var (
	wanted      = flag.Bool("contracts", false, "run the scenarios; takes minutes on an otherwise idle machine")                            //nolint:gochecknoglobals // as package flag wants it
	running     = flag.Bool("running", false, "run the scenarios on the platform that runs at its usual ports, without a default scenario") //nolint:gochecknoglobals // as package flag wants it
	experiments = flag.Bool("experiments", false, "run the experiments; takes minutes on an otherwise idle machine")                        //nolint:gochecknoglobals // as package flag wants it
	rounds      = flag.Int("rounds", 1, "rounds of each experiment; with 1 its times are halved")                                           //nolint:gochecknoglobals // as package flag wants it
	program     string                                                                                                                      //nolint:gochecknoglobals // set by TestMain before any test runs
)

func TestMain(m *testing.M) {
	flag.Parse()
	if !*wanted && !*experiments {
		os.Exit(m.Run()) //nolint:forbidigo // where a test binary ends
	}
	os.Exit(testkit.Main(func(built string) int { //nolint:forbidigo // where a test binary ends
		program = built
		return m.Run()
	}))
}
