// Package flame compares two profiles and writes a report: a self-contained folder with flame graphs of both, a differential flame graph,
// and the functions that differ most.
package flame

import "time"

// Names of the files of a report. The profiles are in pprof's format.
const (
	PageFile              = "report.html"
	JSONFile              = "report.json"
	BaseFile              = "base.pb.gz"
	CompareFile           = "compare.pb.gz"
	DiffFile              = "diff.pb.gz"
	BaseGoroutinesFile    = "base-goroutines.pb.gz"
	CompareGoroutinesFile = "compare-goroutines.pb.gz"
)

// Indexes into the pairs that hold a value of each profile.
const (
	base = iota
	compare
	sides
)

// Report is the outcome of a comparison, and the content of report.json.
type Report struct {
	Dir        string      `json:"-"`
	Title      string      `json:"title"`
	Created    time.Time   `json:"created"`
	Meaning    string      `json:"meaning"` // one paragraph that explains the numbers
	Notes      []string    `json:"notes"`   // how the profiles were scaled, and what the graphs leave out
	Base       Side        `json:"base"`
	Compare    Side        `json:"compare"`
	SampleType string      `json:"sampleType"` // what the profiles count, as pprof names it
	Unit       string      `json:"unit"`       // of the sample type
	Rows       []Row       `json:"rows"`       // figures measured beside the profiles; empty for two files
	Functions  []Function  `json:"functions"`  // the functions whose own value differs most, largest difference first
	Goroutines []Count     `json:"goroutines"` // the functions that most goroutines were in; empty for two files
	Pyroscope  *Pyroscope  `json:"pyroscope,omitempty"`
	Files      []string    `json:"files"`
	CSP        PageSources `json:"csp"`
}

// Side is one of the two profiles.
type Side struct {
	Label   string    `json:"label"`
	Taken   time.Time `json:"taken,omitzero"`
	Seconds float64   `json:"seconds"` // duration of the profile; 0 when it is unknown
	Total   int64     `json:"total"`   // scaled to the duration of the base
}

// PageSources are the Content-Security-Policy sources of the page's inline script and style: 'sha256-…', with the quotes.
type PageSources struct {
	Script string `json:"script"`
	Style  string `json:"style"`
}

// Pyroscope links to the same comparison in Pyroscope.
type Pyroscope struct {
	View string `json:"view"` // the diff view; Pyroscope 2 has none
	Data string `json:"data"` // the difference as JSON, from the API
}

// Better is the direction in which a figure improves.
type Better string

// Directions of improvement.
const (
	Lower   Better = "lower"
	Higher  Better = "higher"
	Neither Better = ""
)

// IDs of the rows that Report.Meaning explains.
const (
	RowThroughput = "listsPerSecond"
	RowP50        = "listP50"
	RowP99        = "listP99"
	RowScheduler  = "schedulerP99"
	RowHashes     = "hashesPerSecond"
	RowRefused    = "hashesRefused"
)

// Row is one figure, measured on both sides.
type Row struct {
	ID      string  `json:"id"`
	Label   string  `json:"label"`
	Unit    string  `json:"unit"`
	Base    float64 `json:"base"`
	Compare float64 `json:"compare"`
	Better  Better  `json:"better"`
}

// Function is the value of a function in both profiles, in the report's unit: its own, and with the functions it called.
type Function struct {
	Name         string `json:"name"`
	Base         int64  `json:"base"`
	Compare      int64  `json:"compare"`
	BaseTotal    int64  `json:"baseTotal"`
	CompareTotal int64  `json:"compareTotal"`
}

// Count is the number of goroutines in a function.
type Count struct {
	Name    string `json:"name"`
	Base    int64  `json:"base"`
	Compare int64  `json:"compare"`
}

// Change returns the growth of the function's own value.
func (f Function) Change() int64 { return f.Compare - f.Base }
