// Package experiment compares settings of the platform under the same load. An experiment is a file of the catalog in lab/experiments: its arms
// differ in what they set, each has the same arrivals and the same disturbances, and measures of both are compared with what it promises.
package experiment

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"deals.example/internal/capacity"
	"deals.example/internal/fault"
	"deals.example/lab/replay"
	"deals.example/lab/timeline"
)

// Catalog is the list of experiments, in the order in which to do them.
type Catalog []Experiment

// Find returns the experiment with that ID.
func (c Catalog) Find(id string) (Experiment, bool) {
	i := slices.IndexFunc(c, func(e Experiment) bool { return e.ID == id })
	if i < 0 {
		return Experiment{}, false
	}
	return c[i], true
}

// Experiment is a file of the catalog. Its texts are for learners. It puts the platform under load, or is a replay: then its arms are alerts that are
// tried on recorded samples, and its only disturbance is the fault that is in them.
type Experiment struct {
	ID          string      `json:"id"`    // the file is <id>.yaml, and its explanation <id>.html
	Order       int         `json:"order"` // place in the catalog
	Title       string      `json:"title"`
	Question    string      `json:"question"`
	Mirrors     []Published `json:"mirrors"` // the published results that it repeats
	Code        []Code      `json:"code"`    // what makes the difference
	Setup       []Setting   `json:"setup"`   // in force in every arm
	Cards       Cards       `json:"cards"`
	Arms        []Arm       `json:"arms"` // two or more; the first is the one that the others are compared with
	Streams     []Stream    `json:"streams"`
	Replay      string      `json:"replay"` // file of the recording in lab/experiments; empty: there is a load
	Disturb     []Disturb   `json:"disturbances"`
	Measures    []Measure   `json:"measures"`
	Promises    []Promise   `json:"promises"`
	Predictions []Question  `json:"predictions"` // asked before the first run
	Explanation string      `json:"explanation"` // HTML

	Recording *replay.Recording `json:"recording" yaml:"-"` // of a replay
}

// Published is a source.
type Published struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Code is a place in this repository.
type Code struct {
	File     string `json:"file"`
	Function string `json:"function"`
	What     string `json:"what"`
}

// Cards is the state of the read model when the load starts.
type Cards string

// States of the read model.
const (
	WarmCards Cards = "warm" // every deal has a card
	ColdCards Cards = "cold" // none has
	AnyCards  Cards = "any"  // as it is
)

// Arm is one of the compared settings.
type Arm struct {
	ID      string    `json:"id"`
	Label   string    `json:"label"`
	Set     []Setting `json:"set"`
	Streams []Stream  `json:"streams"` // in place of those of the experiment with the same name, where the load itself is compared
	Alert   *Alert    `json:"alert"`   // of a replay
}

// Alert is what pages somebody. It has either a condition of its own or the platform's rules.
type Alert struct {
	Expr  string         `json:"expr"`  // PromQL that has a value while it is true
	For   model.Duration `json:"for"`   // how long Expr must have been true
	Rules string         `json:"rules"` // of the platform, by the name of their file in slo/rules, such as availability.lab-time
}

// Setting is a setting of a component. It holds a control, a capacity or a fault.
type Setting struct {
	Component string           `json:"component"`
	Control   string           `json:"control,omitempty"`
	Option    string           `json:"option,omitempty"` // of the control
	Capacity  *capacity.Change `json:"capacity,omitempty"`
	Fault     *fault.Change    `json:"fault,omitempty"`
}

// Stream is requests of one kind. It has rates in the open model, or clients in the closed one.
type Stream struct {
	Name     string         `json:"name"`
	Call     string         `json:"call"     enum:"list,detail,purchase,enqueue,hash-bad,hash-good"`
	Rates    []Rate         `json:"rates"`                                // one after the other
	Clients  int            `json:"clients"  minimum:"0" maximum:"500"`   // each has one request at a time
	For      model.Duration `json:"for"`                                  // with clients
	Patience model.Duration `json:"patience"`                             // for an answer; default 3 s
	Tenants  []string       `json:"tenants"`                              // one of them, at random, sends each request; empty: all
	Jobs     int            `json:"jobs"     minimum:"0" maximum:"10000"` // of each batch, with the call enqueue
}

// Rate is a number of requests per second for some time.
type Rate struct {
	PerSecond int            `json:"perSecond" minimum:"0" maximum:"5000"`
	For       model.Duration `json:"for"`
}

// length returns how long the stream lasts.
func (s Stream) length() time.Duration {
	length := time.Duration(s.For)
	for _, rate := range s.Rates {
		length += time.Duration(rate.For)
	}
	return length
}

// Disturb changes settings for some time of the load. In a replay it changes none, and says when the fault of the recording is.
type Disturb struct {
	At   model.Duration `json:"at"` // after the start of the load
	For  model.Duration `json:"for"`
	Text string         `json:"text"`
	Set  []Setting      `json:"set"`
}

// Measure is a number of each arm, over a window of the load. It is either of a stream, as its clients saw it, or of Prometheus. In a replay it is of
// the pages, and has neither a window nor a stream.
type Measure struct {
	ID     string         `json:"id"`
	Text   string         `json:"text"`
	Unit   string         `json:"unit" enum:"ratio,ms,s,per second,count,calls"`
	Stream string         `json:"stream"`
	Value  Value          `json:"value"`
	Within model.Duration `json:"within"` // counts only answers that took at most this long; 0 means any
	Query  string         `json:"query"`  // PromQL for one number at the end of the window, whose length is $window
	From   model.Duration `json:"from"`
	To     model.Duration `json:"to"`
}

// Value is what is measured of a stream, or of the pages of a replay.
type Value string

// Values of a stream.
const (
	Goodput  Value = "goodput"  // complete answers, as a share of the requests due
	Answered Value = "answered" // complete and degraded answers, as a share of the requests due
	Degraded Value = "degraded" // answers with missing parts, as a share of the requests due
	Refused  Value = "refused"  // as a share of the requests due
	Rate2xx  Value = "rate"     // complete answers per second
	P50      Value = "p50"      // latency
	P95      Value = "p95"
	P99      Value = "p99"
)

// Values of the pages of a replay.
const (
	FalsePages Value = "false-pages"  // that began before the fault
	TimeToPage Value = "time-to-page" // seconds from the start of the fault to a page; none if nobody was paged
)

// outcomes are those that a value counts.
var outcomes = map[Value][]timeline.Outcome{ //nolint:gochecknoglobals // a constant table
	Goodput: {timeline.Complete}, Rate2xx: {timeline.Complete}, Answered: {timeline.Complete, timeline.Degraded}, Degraded: {timeline.Degraded},
	Refused: {timeline.Refused},
}

// quantiles are the latencies.
var quantiles = map[Value]float64{P50: 0.5, P95: 0.95, P99: 0.99} //nolint:gochecknoglobals // a constant table

// Promise is a bound on a measure of an arm, or on the ratio of two arms. It holds if the median over the rounds is within the bound.
type Promise struct {
	Text    string   `json:"text"`
	Measure string   `json:"measure"`
	Arm     string   `json:"arm"`  // whose value is bounded
	Over    string   `json:"over"` // arm by whose value it is divided first; optional
	Above   *float64 `json:"above,omitempty"`
	Below   *float64 `json:"below,omitempty"`
	// Quick is the bound of a quick run, whose times are shorter; absent if it is the same.
	Quick *float64 `json:"quick,omitempty"`
}

// Question is asked before a run, so that the learner predicts what happens. It has choices or a slider.
type Question struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Choices []string `json:"choices"`
	Answer  int      `json:"answer" minimum:"0"` // index of the right choice
	Slider  *Slider  `json:"slider,omitempty"`
	Why     string   `json:"why"`
}

// Slider asks for a number from Min to Max in steps of Step. A prediction is right if it differs by at most Tolerance from what the run
// measured, or from Answer where nothing was measured.
type Slider struct {
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Step      float64 `json:"step"`
	Unit      string  `json:"unit" enum:"ratio,ms,s,per second,count,calls,times"` // times: of a ratio of two arms
	Answer    float64 `json:"answer"`
	Tolerance float64 `json:"tolerance"`
	Measure   string  `json:"measure"` // the measure that the question is about; empty: none
	Arm       string  `json:"arm"`     // whose median it is
	Over      string  `json:"over"`    // arm by whose median it is divided; optional
}

// UnitTimes is the unit of a ratio of two arms.
const UnitTimes = "times"

// maxSteps is how many steps a slider may have, so that each can be chosen with the keyboard.
const maxSteps = 100

// Length returns how long the load of an arm lasts, or the recording of a replay.
func (e Experiment) Length() time.Duration {
	if e.Recording != nil {
		return e.Recording.Length()
	}
	var length time.Duration
	for _, arm := range e.Arms {
		for _, stream := range e.streams(arm) {
			length = max(length, stream.length())
		}
	}
	return length
}

// preparing is about how long an arm takes beside its load: k6 starts, the read model is filled, and Prometheus reads the last values.
const preparing = 12 * time.Second

// replaying is about how long an arm of a replay takes.
const replaying = 3 * time.Second

// Takes returns about how long a run of some rounds lasts.
func (e Experiment) Takes(rounds int) time.Duration {
	each := e.Length() + preparing
	if e.Replay != "" {
		each = replaying
	}
	return time.Duration(rounds*len(e.Arms)) * each
}

// Arm returns the arm with that ID.
func (e Experiment) Arm(id string) (Arm, bool) {
	i := slices.IndexFunc(e.Arms, func(a Arm) bool { return a.ID == id })
	if i < 0 {
		return Arm{}, false
	}
	return e.Arms[i], true
}

// measure returns the measure with that ID.
func (e Experiment) measure(id string) (Measure, bool) {
	i := slices.IndexFunc(e.Measures, func(m Measure) bool { return m.ID == id })
	if i < 0 {
		return Measure{}, false
	}
	return e.Measures[i], true
}

// UnitOf returns the unit of a measure's value in an arm, or of its ratio to that of the arm over, if that is not empty. It returns false for
// an unknown measure.
func (e Experiment) UnitOf(measure, over string) (string, bool) {
	m, known := e.measure(measure)
	if over != "" {
		return UnitTimes, known
	}
	return m.Unit, known
}

// streams returns the load of an arm.
func (e Experiment) streams(arm Arm) []Stream {
	streams := slices.Clone(e.Streams)
	for _, own := range arm.Streams {
		i := slices.IndexFunc(streams, func(s Stream) bool { return s.Name == own.Name })
		if i < 0 {
			streams = append(streams, own)
		} else {
			streams[i] = own
		}
	}
	return streams
}

// Quick returns the experiment with times divided by by, but at least a second each, and the bounds of a quick run.
func (e Experiment) Quick(by float64) Experiment {
	shorten := func(d *model.Duration) {
		if *d > 0 {
			*d = model.Duration(max(time.Duration(float64(*d)/by).Round(time.Second), time.Second))
		}
	}
	e.Streams = shorterStreams(e.Streams, shorten)
	e.Arms = slices.Clone(e.Arms)
	for i := range e.Arms {
		e.Arms[i].Streams = shorterStreams(e.Arms[i].Streams, shorten)
	}
	e.Disturb, e.Measures, e.Promises = slices.Clone(e.Disturb), slices.Clone(e.Measures), slices.Clone(e.Promises)
	for i := range e.Disturb {
		shorten(&e.Disturb[i].At)
		shorten(&e.Disturb[i].For)
	}
	for i := range e.Measures {
		shorten(&e.Measures[i].From)
		shorten(&e.Measures[i].To)
	}
	for i := range e.Promises {
		e.Promises[i].loosen()
	}
	return e
}

func shorterStreams(streams []Stream, shorten func(*model.Duration)) []Stream {
	streams = slices.Clone(streams)
	for i := range streams {
		shorten(&streams[i].For)
		streams[i].Rates = slices.Clone(streams[i].Rates)
		for j := range streams[i].Rates {
			shorten(&streams[i].Rates[j].For)
		}
	}
	return streams
}

func (p *Promise) loosen() { p.bind(p.QuickBound()) }
