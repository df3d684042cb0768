package experiment

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// String returns the setting in words, such as "experience-api: retry is budget".
func (s Setting) String() string {
	if s.Control != "" {
		return fmt.Sprintf("%s: %s is %s", s.Component, s.Control, s.Option)
	}
	var parts []string
	all := s.change()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, fmt.Sprintf("%s %v", name, all[name]))
	}
	return s.Component + ": " + strings.Join(parts, ", ")
}

// String returns the stream in words, such as "details: 60 detail per second for 30s".
func (s Stream) String() string {
	if s.Clients > 0 {
		return fmt.Sprintf("%s: %d clients of %s, each with one request at a time, for %s", s.Name, s.Clients, s.Call, s.For)
	}
	var parts []string
	for _, rate := range s.Rates {
		parts = append(parts, fmt.Sprintf("%d per second for %s", rate.PerSecond, rate.For))
	}
	return fmt.Sprintf("%s: %s at %s", s.Name, s.Call, strings.Join(parts, ", then "))
}

// String returns the alert in words, such as "pages after 30s of x > 0.05".
func (a Alert) String() string {
	switch {
	case a.Rules != "":
		return "pages by the platform's rules in slo/rules/" + a.Rules + ".yaml"
	case a.For > 0:
		return fmt.Sprintf("pages after %s of %s", a.For, a.Expr)
	default:
		return "pages on " + a.Expr
	}
}

// Settings returns what is set in an arm, in words.
func (a Arm) Settings() []string {
	words := append(texts(a.Set), texts(a.Streams)...)
	if a.Alert != nil {
		words = append(words, a.Alert.String())
	}
	return words
}

// Settings returns what is set in every arm, in words.
func (e Experiment) Settings() []string { return texts(e.Setup) }

// Load returns what happens to the platform in every arm, or what is replayed, in words.
func (e Experiment) Load() []string {
	if e.Recording == nil {
		return texts(e.Streams)
	}
	return []string{fmt.Sprintf("the samples of lab/experiments/%s, %s long, replayed", e.Replay, model.Duration(e.Length()))}
}

// texts returns what each says of itself.
func texts[T fmt.Stringer](all []T) []string {
	words := []string{}
	for _, one := range all {
		words = append(words, one.String())
	}
	return words
}

// BoundIn returns what the value has to be, in a unit, such as "at least 95 %".
func (p *Promise) BoundIn(unit string) string {
	word := "at most "
	if p.Above != nil {
		word = "at least "
	}
	return word + Quantity(unit, new(p.Bound()))
}

// Bound returns what the value of a promise has to be, such as "at least 95 %".
func (v Verdict) Bound(c Checked) string { return c.Promise.BoundIn(v.unit(c.Promise)) }

// Measured returns the value of a promise, such as "97 %".
func (v Verdict) Measured(c Checked) string { return Quantity(v.unit(c.Promise), c.Got) }

// unit returns the unit of a promise's value.
func (v Verdict) unit(p Promise) string {
	if p.Over != "" {
		return UnitTimes
	}
	i := slices.IndexFunc(v.Table, func(r Row) bool { return r.Measure.ID == p.Measure })
	return v.Table[i].Measure.Unit
}

// Quantity returns the value of a measure with its unit, and a dash for none.
func Quantity(unit string, value *float64) string {
	switch {
	case value == nil:
		return "–"
	case unit == "ratio":
		return number(100**value) + " %"
	case unit == "ms", unit == "s", unit == "per second":
		return number(*value) + " " + unit
	case unit == UnitTimes:
		return Times(*value)
	default:
		return number(*value)
	}
}

// Times returns a ratio in words.
func Times(ratio float64) string {
	const most = 1e6
	if ratio > most {
		return "more than a million times"
	}
	return number(ratio) + " times"
}

// number writes a value with three significant digits.
func number(value float64) string {
	if math.Abs(value) >= 1000 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}
