// Package k6 is the load of the platform: the catalog of its scenarios, their scripts, and the one way to run them.
//
// The scripts run in the k6 that xk6-deals builds, since they use its extension; whoever drives load from Go, the dashboard's buttons,
// `deals load` or a test, does so through a Runner.
package k6

import "github.com/prometheus/common/model"

//go:generate go test . -run TestPageOfTheScenarios -update

// Catalog is the scenarios in the order in which they are shown.
type Catalog []Scenario

// Scenario is an entry of scenarios/catalog.yaml: a script, and what is to be known about it. Texts are for people who learn.
type Scenario struct {
	ID          string         `json:"id"`                     // also the name of its script, scenarios/<id>.ts
	Label       string         `json:"label"`                  // a few words, for a button
	Summary     string         `json:"summary"`                // its traffic, in one sentence
	Explanation string         `json:"explanation"`            // what that does to the platform, and why
	LookFor     string         `json:"lookFor" yaml:"lookFor"` // where to look while it runs, and for what
	Default     bool           `json:"default"`                // runs unless told otherwise; at most one
	Intensity   Range          `json:"intensity"`              // of the load, as a factor: 1 is what Summary says
	Lasts       model.Duration `json:"lasts"`                  // a run that nobody stops: what k6 keeps of it is bounded so

	Expectations []Expectation `json:"expectations"` // what it does to the platform, measurable; at least one
}

// Script is the scenario's script, for a Run.
func (s Scenario) Script() string { return "scenarios/" + s.ID + ".ts" }

// Range is the values that a setting may have.
type Range struct {
	Min     float64 `json:"min"`
	Default float64 `json:"default"`
	Max     float64 `json:"max"`
}

// Contains reports whether a value may be used.
func (r Range) Contains(value float64) bool { return value >= r.Min && value <= r.Max }

// Expectation is what Prometheus shows while a scenario runs: the value of Query is above or below a bound.
type Expectation struct {
	ID    string   `json:"id"`
	Text  string   `json:"text"`  // for people
	Query string   `json:"query"` // PromQL, one number; no result means that the bound does not hold
	Above *float64 `json:"above,omitempty"`
	Below *float64 `json:"below,omitempty"` // exactly one of the two

	Within model.Duration `json:"within"` // of the start of the scenario the bound holds
	For    model.Duration `json:"for"`    // that long it then goes on to hold; 0 is once
	// RecoversWithin this time after the stop the bound no longer holds; 0 when there is nothing to recover from.
	RecoversWithin model.Duration `json:"recoversWithin" yaml:"recoversWithin"`
}

// Met reports whether the bound holds for a value of Query.
func (e Expectation) Met(value float64) bool {
	if e.Above != nil {
		return value > *e.Above
	}
	return e.Below != nil && value < *e.Below
}

// Find returns the scenario of that id.
func (c Catalog) Find(id string) (Scenario, bool) {
	for _, scenario := range c {
		if scenario.ID == id {
			return scenario, true
		}
	}
	return Scenario{}, false
}
