// Package k6 loads the platform: it holds the catalog of scenarios, their scripts, and a Runner that runs them.
//
// The scripts need the k6 binary that xk6-deals builds, because they use its extension. The dashboard, `deals load` and the tests all run
// them with a Runner.
package k6

import "github.com/prometheus/common/model"

//go:generate go test . -run TestPageOfTheScenarios -update

// Catalog is the list of scenarios, in display order.
type Catalog []Scenario

// Scenario is an entry of scenarios/catalog.yaml. Its texts are for learners.
type Scenario struct {
	ID          string         `json:"id"`          // the script is scenarios/<id>.ts
	Label       string         `json:"label"`       // of the button
	Summary     string         `json:"summary"`     // its traffic, in one sentence
	Explanation string         `json:"explanation"` // what it does to the platform, and why
	LookFor     string         `json:"lookFor"`     // what to watch while it runs
	Default     bool           `json:"default"`     // started by default; at most one
	Intensity   Range          `json:"intensity"`   // factor of the load; 1 is what Summary says
	Lasts       model.Duration `json:"lasts"`       // maximum duration of a run; bounds the memory of k6

	Expectations []Expectation `json:"expectations"` // measurable effects; at least one
}

// Script returns the path of the scenario's script, for Run.Script.
func (s Scenario) Script() string { return "scenarios/" + s.ID + ".ts" }

// Range is the allowed values of a setting.
type Range struct {
	Min     float64 `json:"min"`
	Default float64 `json:"default"`
	Max     float64 `json:"max"`
}

// Contains reports whether value is in the range.
func (r Range) Contains(value float64) bool { return value >= r.Min && value <= r.Max }

// Expectation is an effect of a scenario: while it runs, the value of Query is above or below a bound.
type Expectation struct {
	ID    string   `json:"id"`
	Text  string   `json:"text"`  // for people
	Query string   `json:"query"` // PromQL for one number; without a result the bound does not hold
	Above *float64 `json:"above,omitempty"`
	Below *float64 `json:"below,omitempty"` // exactly one of the two is set

	Within model.Duration `json:"within"` // the bound must hold within this time of the start
	For    model.Duration `json:"for"`    // the bound must then keep holding this long; 0 means once
	// RecoversWithin is the time after the stop within which the bound must stop holding; 0 when there is nothing to recover from.
	RecoversWithin model.Duration `json:"recoversWithin"`
}

// Met reports whether the bound holds for a value of Query.
func (e Expectation) Met(value float64) bool {
	if e.Above != nil {
		return value > *e.Above
	}
	return e.Below != nil && value < *e.Below
}

// Find returns the scenario with that ID.
func (c Catalog) Find(id string) (Scenario, bool) {
	for _, scenario := range c {
		if scenario.ID == id {
			return scenario, true
		}
	}
	return Scenario{}, false
}
