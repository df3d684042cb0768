package experiment

import (
	"fmt"
	"runtime"
	"time"
)

// Result is a run of an experiment.
type Result struct {
	ID         string     `json:"id"` // of the run
	Experiment Experiment `json:"experiment"`
	Started    time.Time  `json:"started"`
	Ended      time.Time  `json:"ended"`
	Repeats    int        `json:"repeats"`
	Arm        string     `json:"arm"` // the only one that ran; empty: all
	Quick      bool       `json:"quick"`
	Seed       int        `json:"seed"`
	Machine    Machine    `json:"machine"`
	Rounds     []Round    `json:"rounds"`
	Verdict    Verdict    `json:"verdict"`
}

// Machine is where a run was made, and with what.
type Machine struct {
	Processors int    `json:"processors"`
	System     string `json:"system"`
	Go         string `json:"go"`
	Version    string `json:"version"` // of this program
}

const runStamp = "20060102-150405"

func newResult(e Experiment, o Options, version string) Result {
	now := time.Now()
	return Result{
		ID: fmt.Sprintf("%s-%s", now.UTC().Format(runStamp), e.ID), Experiment: e, Started: now, Repeats: o.Repeats, Arm: o.Arm, Quick: o.Quick, Seed: o.Seed,
		Rounds:  []Round{},
		Machine: Machine{runtime.NumCPU(), runtime.GOOS + "/" + runtime.GOARCH, runtime.Version(), version},
	}
}
