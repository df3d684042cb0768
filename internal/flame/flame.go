// Package flame compares two profiles: a table of what differs, flame graphs side by side and a differential one, as a folder that needs
// nothing else to be read. The profiles are two files, or are taken from the running platform: Drive computes heavy hashes the bad way and
// then the good way under the same load of lists.
package flame

import "time"

// Names of what is in the folder of a report. The profiles are in pprof's format.
const (
	PageFile              = "report.html"
	JSONFile              = "report.json"
	BaseFile              = "base.pb.gz"
	CompareFile           = "compare.pb.gz"
	DiffFile              = "diff.pb.gz"
	BaseGoroutinesFile    = "base-goroutines.pb.gz"
	CompareGoroutinesFile = "compare-goroutines.pb.gz"
)

// The two profiles of a comparison; values of both are kept in pairs, in this order.
const (
	base = iota
	compare
	sides
)

// Report is a comparison as its folder holds it in JSON.
type Report struct {
	Dir       string     `json:"-"` // the folder
	Title     string     `json:"title"`
	Created   time.Time  `json:"created"`
	Meaning   string     `json:"meaning"` // one paragraph, made of the numbers
	Notes     []string   `json:"notes"`   // what was done to the profiles, and what is not shown
	Base      Side       `json:"base"`
	Compare   Side       `json:"compare"`
	Unit      string     `json:"unit"`      // of the values of frames and functions, as pprof names it
	Rows      []Row      `json:"rows"`      // nil for two files
	Functions []Function `json:"functions"` // those whose own value differs most, the largest difference first
	Pyroscope string     `json:"pyroscope,omitempty"`
	Files     []string   `json:"files"`
	// ScriptHash and StyleHash are what a Content-Security-Policy needs to allow for the page: "sha256-…".
	ScriptHash string `json:"scriptHash"`
	StyleHash  string `json:"styleHash"`
}

// Side is one of the two profiles.
type Side struct {
	Label   string        `json:"label"`
	Taken   time.Time     `json:"taken,omitzero"`
	Seconds float64       `json:"seconds"` // that the profile covers; 0: it does not say
	Total   int64         `json:"total"`   // in the report's unit, both over the same time
	Stacks  []StackCounts `json:"goroutines,omitempty"`
}

// Better says which way a figure improves.
type Better string

// Which way figures improve.
const (
	Lower   Better = "lower"
	Higher  Better = "higher"
	Neither Better = ""
)

// Row is one figure of both sides.
type Row struct {
	ID      string  `json:"id"`
	Label   string  `json:"label"`
	Unit    string  `json:"unit"`
	Base    float64 `json:"base"`
	Compare float64 `json:"compare"`
	Better  Better  `json:"better"`
}

// Function is what a function took, in the report's unit: by itself, and with all that it called.
type Function struct {
	Name         string `json:"name"`
	Base         int64  `json:"base"`
	Compare      int64  `json:"compare"`
	BaseTotal    int64  `json:"baseTotal"`
	CompareTotal int64  `json:"compareTotal"`
}

// Change is how much the function's own value grew.
func (f Function) Change() int64 { return f.Compare - f.Base }
