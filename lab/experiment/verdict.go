package experiment

import (
	"math"
	"slices"
	"time"

	"deals.example/lab/replay"
)

// Outcome is whether a promise held.
type Outcome string

// Outcomes of a promise.
const (
	Met    Outcome = "met"     // the median is within the bound
	NotMet Outcome = "not met" // it is not
	NoData Outcome = "no data" // a measure has no value
)

// Verdict is what the rounds of a run come to.
type Verdict struct {
	Table    []Row     `json:"table"` // one row per measure, in the order of the experiment
	Promises []Checked `json:"promises"`
}

// Row is a measure with its value in each arm.
type Row struct {
	Measure Measure  `json:"measure"`
	Arms    []Spread `json:"arms"` // in the order of the arms
	// Ratio is the first arm's median over the last one's, null if either is unknown or the last is 0.
	Ratio *float64 `json:"ratio"`
	// Overlap reports that the ranges of the first and the last arm overlap, so that the rounds show no difference.
	Overlap bool `json:"overlap"`
}

// Spread is the values of a measure over the rounds of an arm.
type Spread struct {
	Arm    string    `json:"arm"`
	Values []float64 `json:"values"` // of the rounds in which there was one
	Median *float64  `json:"median"`
	Least  *float64  `json:"least"`
	Most   *float64  `json:"most"`
}

// Checked is a promise with what was measured.
type Checked struct {
	Promise Promise  `json:"promise"`
	Got     *float64 `json:"got"` // the median, or the ratio of two medians
	Outcome Outcome  `json:"outcome"`
	// Overlap reports that the ranges of the two arms overlap. A promise that they differ is then not met, whatever the medians are.
	Overlap bool `json:"overlap"`
}

// Kept reports whether every promise was met.
func (v Verdict) Kept() bool {
	return !slices.ContainsFunc(v.Promises, func(c Checked) bool { return c.Outcome != Met })
}

// Judge compares the rounds with what the experiment promises. If only one arm ran, promises of other arms are left out.
func Judge(e Experiment, arm string, rounds []Round) Verdict {
	v := Verdict{Table: []Row{}, Promises: []Checked{}}
	for _, m := range e.Measures {
		v.Table = append(v.Table, rowOf(e, m, rounds))
	}
	for _, p := range e.Promises {
		if arm == "" || p.Arm == arm && p.Over == "" {
			v.Promises = append(v.Promises, check(p, v.Table))
		}
	}
	return v
}

func rowOf(e Experiment, m Measure, rounds []Round) Row {
	row := Row{Measure: m, Arms: []Spread{}}
	for _, arm := range e.Arms {
		row.Arms = append(row.Arms, spread(arm.ID, m.ID, rounds))
	}
	first, last := row.Arms[0], row.Arms[len(row.Arms)-1]
	row.Ratio, row.Overlap = ratio(first.Median, last.Median), first.overlaps(last)
	return row
}

func spread(arm, measure string, rounds []Round) Spread {
	s := Spread{Arm: arm, Values: []float64{}}
	for _, round := range rounds {
		if value := round.Values[measure]; round.Arm == arm && value != nil {
			s.Values = append(s.Values, *value)
		}
	}
	if len(s.Values) == 0 {
		return s
	}
	sorted := slices.Sorted(slices.Values(s.Values))
	s.Least, s.Most, s.Median = &sorted[0], &sorted[len(sorted)-1], new(median(sorted))
	return s
}

// median returns the middle of sorted values, of which there must be one.
func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func (s Spread) overlaps(with Spread) bool {
	return s.Least != nil && with.Least != nil && *s.Least <= *with.Most && *with.Least <= *s.Most
}

func ratio(a, b *float64) *float64 {
	if a == nil || b == nil || *b == 0 {
		return nil
	}
	return new(*a / *b)
}

func check(p Promise, table []Row) Checked {
	row := table[slices.IndexFunc(table, func(r Row) bool { return r.Measure.ID == p.Measure })]
	checked := Checked{Promise: p, Got: row.value(p.Arm, p.Over), Overlap: p.Over != "" && row.of(p.Arm).overlaps(row.of(p.Over))}
	checked.Outcome = p.outcome(checked)
	return checked
}

// value returns the median of an arm, divided by that of over unless over is empty. It returns nil if one of them is unknown.
func (r Row) value(arm, over string) *float64 {
	median := r.of(arm).Median
	if over == "" {
		return median
	}
	divisor := r.of(over).Median
	if divisor != nil && *divisor == 0 && median != nil && *median > 0 {
		return new(math.MaxFloat64) // JSON has no infinity
	}
	return ratio(median, divisor)
}

// AnswerTo returns what was measured of the question of a slider, nil if nothing was.
func (v Verdict) AnswerTo(s Slider) *float64 {
	i := slices.IndexFunc(v.Table, func(r Row) bool { return r.Measure.ID == s.Measure })
	if i < 0 {
		return nil
	}
	return v.Table[i].value(s.Arm, s.Over)
}

func (p Promise) outcome(c Checked) Outcome {
	switch {
	case c.Got == nil:
		return NoData
	case c.Overlap && p.differs(), p.Above != nil && *c.Got < *p.Above, p.Below != nil && *c.Got > *p.Below:
		return NotMet
	default:
		return Met
	}
}

// differs reports whether two equal arms would break the promise of a ratio.
func (p Promise) differs() bool {
	return p.Above != nil && *p.Above > 1 || p.Below != nil && *p.Below < 1
}

func (r Row) of(arm string) Spread {
	i := slices.IndexFunc(r.Arms, func(s Spread) bool { return s.Arm == arm })
	if i < 0 {
		return Spread{Arm: arm}
	}
	return r.Arms[i]
}

// Round is one run of one arm.
type Round struct {
	Arm     string              `json:"arm"`
	Number  int                 `json:"number"` // from 1
	Started time.Time           `json:"started"`
	Values  map[string]*float64 `json:"values"` // by measure; null if there is none
	Charts  []Chart             `json:"charts"`
	NotSent int                 `json:"notSent"` // requests that were due but had no client
	Pages   []replay.Span       `json:"pages"`   // of a replay
}

// Chart is a stream of a round, second by second from the start of the load.
type Chart struct {
	Stream  string    `json:"stream"`
	Due     []float64 `json:"due"`     // requests
	Good    []float64 `json:"good"`    // complete answers
	Refused []float64 `json:"refused"` // requests
	P95Ms   []float64 `json:"p95Ms"`   // 0 without answers
}
