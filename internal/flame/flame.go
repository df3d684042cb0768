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
	Dir        string      `json:"-"` // the folder
	Title      string      `json:"title"`
	Created    time.Time   `json:"created"`
	Meaning    string      `json:"meaning"` // one paragraph, made of the numbers
	Notes      []string    `json:"notes"`   // what was done to the profiles, and what is not shown
	Base       Side        `json:"base"`
	Compare    Side        `json:"compare"`
	SampleType string      `json:"sampleType"` // what the profiles count, as pprof names it
	Unit       string      `json:"unit"`       // of it
	Rows       []Row       `json:"rows"`       // figures beside the profiles; none for two files
	Functions  []Function  `json:"functions"`  // those whose own value differs most, the largest difference first
	Goroutines []Count     `json:"goroutines"` // where most were; none for two files
	Pyroscope  *Pyroscope  `json:"pyroscope,omitempty"`
	Files      []string    `json:"files"`
	CSP        PageSources `json:"csp"`
}

// Side is one of the two profiles.
type Side struct {
	Label   string    `json:"label"`
	Taken   time.Time `json:"taken,omitzero"`
	Seconds float64   `json:"seconds"` // that the profile covers; 0: it does not say
	Total   int64     `json:"total"`   // both over the same time
}

// PageSources are the hashes by which a Content-Security-Policy allows what is inline in the page: 'sha256-…', with the quotes.
type PageSources struct {
	Script string `json:"script"`
	Style  string `json:"style"`
}

// Pyroscope leads to the same comparison there.
type Pyroscope struct {
	View string `json:"view"` // its diff view, which the page of version 2 has no more
	Data string `json:"data"` // the difference as JSON, from its API
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

// Count is how many goroutines were in a function.
type Count struct {
	Name    string `json:"name"`
	Base    int64  `json:"base"`
	Compare int64  `json:"compare"`
}

// Change is how much the function's own value grew.
func (f Function) Change() int64 { return f.Compare - f.Base }
