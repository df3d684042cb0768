package api

import "time"

// Scenarios is the catalog with what is going on.
type Scenarios struct {
	Available bool       `json:"available" description:"false without the k6 binary: nothing can be started"`
	Reason    string     `json:"reason" description:"why not, and what to do"`
	Running   int        `json:"running"`
	Limit     int        `json:"limit" description:"runs at once"`
	Scenarios []Scenario `json:"scenarios"`
}

// Scenario is an entry of the catalog.
type Scenario struct {
	ID           string        `json:"id"`
	Label        string        `json:"label"`
	Summary      string        `json:"summary"`
	Explanation  string        `json:"explanation"`
	LookFor      string        `json:"lookFor"`
	Default      bool          `json:"default" description:"starts with the dashboard"`
	Intensity    Intensity     `json:"intensity"`
	LastsSec     float64       `json:"lastsSec" description:"how long a run goes on that nobody stops"`
	Expectations []Expectation `json:"expectations"`
	Active       bool          `json:"active"`
	Run          *Run          `json:"run" description:"the one that runs, else the last one, else null"`
}

// Intensity is the range of the factor on the scenario's load.
type Intensity struct {
	Min     float64 `json:"min"`
	Default float64 `json:"default"`
	Max     float64 `json:"max"`
}

// Expectation is what a learner should see while the scenario runs.
type Expectation struct {
	ID    string   `json:"id"`
	Text  string   `json:"text"`
	Query string   `json:"query" description:"PromQL whose value is compared"`
	Above *float64 `json:"above" description:"bound; exactly one of above and below is not null"`
	Below *float64 `json:"below"`

	WithinSec         float64 `json:"withinSec" description:"of the start, the bound holds"`
	ForSec            float64 `json:"forSec" description:"that long it then goes on to hold; 0: once"`
	RecoversWithinSec float64 `json:"recoversWithinSec" description:"of the stop, it no longer holds; 0: nothing to recover from"`
}

// ScenarioParams names a scenario.
type ScenarioParams struct {
	ID string `path:"id" pattern:"^[a-z0-9-]{1,64}$"`
}

// ScenarioBody starts or stops it.
type ScenarioBody struct {
	Active    *bool    `json:"active,omitempty" allowed:"true or false" description:"left out: the opposite of now"`
	Intensity *float64 `json:"intensity,omitempty" allowed:"a number within the scenario's range" description:"factor within the scenario's range, for a start"`
}

// Run is one run of a scenario by the dashboard.
type Run struct {
	ID               int        `json:"id"`
	Scenario         string     `json:"scenario"`
	State            string     `json:"state" enum:"running,stopping,ended"`
	Outcome          string     `json:"outcome" enum:",stopped,completed,failed" description:"empty until it has ended"`
	Intensity        float64    `json:"intensity"`
	StartedAt        time.Time  `json:"startedAt"`
	EndedAt          *time.Time `json:"endedAt"`
	ElapsedSec       float64    `json:"elapsedSec"`
	Error            string     `json:"error" description:"why it failed"`
	ThresholdsFailed bool       `json:"thresholdsFailed" description:"what the script itself promises did not hold"`
	LastLines        []string   `json:"lastLines" description:"of k6's output, when it failed"`
	Summary          *Summary   `json:"summary" description:"null until k6 has written it"`
	Checks           []Check    `json:"checks" description:"one for each expectation, in their order"`
}

// Summary is what k6 says of a run.
type Summary struct {
	Requests   int     `json:"requests"`
	Success    int     `json:"success"`
	Failures   int     `json:"failures"`
	RefusedPct float64 `json:"refusedPct" description:"answers that were a 429"`
	RPS        float64 `json:"rps"`
	AverageMs  float64 `json:"averageMs"`
	P50Ms      float64 `json:"p50Ms"`
	P95Ms      float64 `json:"p95Ms"`
	P99Ms      float64 `json:"p99Ms"`
}

// Check is how an expectation stands in a run. While the run lasts: pending, met (the bound holds now), lost (it was met and does not
// hold now) or not-met (its time is over; it may still be met). After the run, where there is something to recover from: recovering,
// recovered or not-recovered.
type Check struct {
	ID     string     `json:"id"`
	State  string     `json:"state" enum:"pending,met,lost,not-met,recovering,recovered,not-recovered" description:"met: the bound holds now; lost: it was met and does not hold now; not-met: its time is over, though it may still be met; recovering: was met, and is watched after the run"`
	Value  *float64   `json:"value" description:"the last one; null while the query has none, or an infinite one"`
	MetAt  *time.Time `json:"metAt" description:"when it was met first; null: not in this run"`
	LostAt *time.Time `json:"lostAt" description:"when the bound stopped holding during the run; null while it holds"`
	Note   string     `json:"note" description:"why there is no value now, such as an error of Prometheus"`
}

// Runs is the history, kept in memory: it begins with the dashboard's process.
type Runs struct {
	Since   time.Time `json:"since" description:"the start of the dashboard; nothing before is known"`
	Limit   int       `json:"limit" description:"runs that are kept"`
	Runs    []Run     `json:"runs"`
	Markers []Marker  `json:"markers"`
}

// Marker is a moment to mark in charts.
type Marker struct {
	At       time.Time `json:"at"`
	Scenario string    `json:"scenario"`
	Label    string    `json:"label"`
	Kind     string    `json:"kind" enum:"start,stop"`
}
