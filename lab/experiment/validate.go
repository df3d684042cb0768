package experiment

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"deals.example/internal/platform"
	"deals.example/internal/strict"
	"deals.example/internal/tenant"
)

// Bounds of an experiment.
const (
	maxLength   = 10 * time.Minute
	maxPatience = 30 * time.Second // of k6's clients
	maxAtOnce   = 3000             // requests that may wait for an answer, per stream
)

var validID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// validator collects what is wrong with an experiment.
type validator struct {
	*strict.Document

	promQL parser.Parser
}

func newValidator(d *strict.Document) validator {
	return validator{Document: d, promQL: parser.NewParser(parser.Options{})}
}

func (v validator) experiment(e Experiment) {
	for path, text := range map[string]string{"title": e.Title, "question": e.Question} {
		v.text(path, text)
	}
	v.Want(slices.Contains([]Cards{WarmCards, ColdCards, AnyCards}, e.Cards), "cards", string(e.Cards), "one of warm, cold, any")
	v.Expect(len(e.Arms) >= 2, "arms", "must be at least two")
	v.Expect(len(e.Mirrors) > 0, "mirrors", "is empty")
	v.Expect(len(e.Measures) > 0, "measures", "is empty")
	v.Expect(len(e.Promises) > 0, "promises", "is empty")
	v.arms(e)
	for i, m := range e.Measures {
		path := fmt.Sprintf("measures[%d]", i)
		v.Want(validID.MatchString(m.ID), path+".id", m.ID, "lower-case words, joined by hyphens")
		v.text(path+".text", m.Text)
	}
	if e.Replay != "" {
		v.replay(e)
	} else {
		v.load(e)
	}
	v.promises(e)
	for i, q := range e.Predictions {
		v.question(fmt.Sprintf("predictions[%d]", i), q, e)
	}
}

// load checks what puts the platform under load and what is measured of it.
func (v validator) load(e Experiment) {
	v.settings("setup", e.Setup)
	for i, arm := range e.Arms {
		path := fmt.Sprintf("arms[%d]", i)
		v.settings(path+".set", arm.Set)
		v.streams(path+".streams", arm.Streams)
		v.Expect(len(e.streams(arm)) > 0, path, "has no streams, and neither has the experiment")
		v.Expect(arm.Alert == nil, path+".alert", "goes with replay")
	}
	v.streams("streams", e.Streams)
	v.Want(e.Length() <= maxLength, "streams", e.Length(), "at most "+maxLength.String()+" in all")
	for i, d := range e.Disturb {
		path := fmt.Sprintf("disturbances[%d]", i)
		v.disturbance(path, d, e.Length())
		v.Expect(len(d.Set) > 0, path+".set", "is empty")
		v.settings(path+".set", d.Set)
	}
	for i, m := range e.Measures {
		v.measure(fmt.Sprintf("measures[%d]", i), m, e)
	}
}

func (v validator) text(path, text string) {
	v.Expect(strings.TrimSpace(text) != "", path, "is empty")
}

func (v validator) arms(e Experiment) {
	seen := map[string]bool{}
	for i, arm := range e.Arms {
		path := fmt.Sprintf("arms[%d]", i)
		v.id(path+".id", arm.ID, seen)
		v.text(path+".label", arm.Label)
	}
}

// id checks that an id is one, and was not seen before.
func (v validator) id(path, id string, seen map[string]bool) {
	v.Want(validID.MatchString(id), path, id, "lower-case words, joined by hyphens")
	v.Want(!seen[id], path, id, "each id once")
	seen[id] = true
}

func (v validator) settings(path string, settings []Setting) {
	for i, s := range settings {
		at := fmt.Sprintf("%s[%d]", path, i)
		part, known := platform.Named(s.Component)
		v.Want(known && part.IsComponent(), at+".component", s.Component, "a component of the platform")
		kinds := 0
		for _, there := range []bool{s.Control != "", s.Capacity != nil, s.Fault != nil} {
			if there {
				kinds++
			}
		}
		v.Expect(kinds == 1, at, "must have one of control, capacity, fault")
		v.Expect((s.Control != "") == (s.Option != ""), at, "must have both control and option, or neither")
		v.Expect(s.Capacity == nil && s.Fault == nil || part.Faultable, at, "has a capacity or a fault, but its component is no domain service")
	}
}

func (v validator) streams(path string, streams []Stream) {
	seen := map[string]bool{}
	for i, s := range streams {
		at := fmt.Sprintf("%s[%d]", path, i)
		v.id(at+".name", s.Name, seen)
		v.Expect((len(s.Rates) > 0) != (s.Clients > 0), at, "must have either rates or clients")
		v.Expect((s.Clients > 0) == (s.For > 0), at+".for", "goes with clients, and rates have their own")
		v.Want(s.Patience > 0 && time.Duration(s.Patience) <= maxPatience, at+".patience", s.Patience, "more than 0s and at most "+maxPatience.String())
		for j, name := range s.Tenants {
			v.Want(tenant.Parse(name) != tenant.Other, fmt.Sprintf("%s.tenants[%d]", at, j), name, "a tenant, such as tenant-0")
		}
		for j, rate := range s.Rates {
			of := fmt.Sprintf("%s.rates[%d]", at, j)
			v.Want(rate.For > 0, of+".for", rate.For, "more than 0s")
			waiting := float64(rate.PerSecond) * time.Duration(s.Patience).Seconds()
			v.Want(waiting <= maxAtOnce, of+".perSecond", rate.PerSecond, fmt.Sprintf("at most %d requests within the patience of %s", maxAtOnce, s.Patience))
		}
	}
}

func (v validator) disturbance(path string, d Disturb, length time.Duration) {
	v.text(path+".text", d.Text)
	v.Want(d.For > 0, path+".for", d.For, "more than 0s")
	v.Want(time.Duration(d.At+d.For) <= length, path+".for", d.For, "an end before that of the load, "+length.String())
}

func (v validator) measure(path string, m Measure, e Experiment) {
	v.Expect((m.Stream != "") != (m.Query != ""), path, "must have either stream or query")
	v.Want(m.From >= 0 && m.From < m.To && time.Duration(m.To) <= e.Length(), path+".to", m.To, "more than from, and at most the length of the load, "+e.Length().String())
	if m.Query != "" {
		v.query(path+".query", m.Query)
		return
	}
	_, latency := quantiles[m.Value]
	v.Want(latency || outcomes[m.Value] != nil, path+".value", string(m.Value), "one of goodput, answered, degraded, refused, rate, p50, p95, p99")
	for _, arm := range e.Arms {
		v.Want(slices.ContainsFunc(e.streams(arm), func(s Stream) bool { return s.Name == m.Stream }), path+".stream", m.Stream, "a stream of every arm")
	}
}

// query checks that PromQL parses.
func (v validator) query(path, text string) {
	if _, err := v.promQL.ParseExpr(strings.ReplaceAll(text, windowVariable, "10s")); err != nil {
		v.Want(false, path, text, "PromQL ("+err.Error()+")")
	}
}

func (v validator) promises(e Experiment) {
	keys := map[string]bool{}
	for i, p := range e.Promises {
		path := fmt.Sprintf("promises[%d]", i)
		v.promise(path, p, e)
		v.Expect(!keys[p.Key()], path, "is about the same value as an earlier one")
		keys[p.Key()] = true
	}
}

func (v validator) promise(path string, p Promise, e Experiment) {
	v.text(path+".text", p.Text)
	v.measured(path, e, p.Measure, p.Arm, p.Over)
	v.Expect((p.Above == nil) != (p.Below == nil), path, "must have either above or below")
}

// measured checks what names the median of a measure in an arm, or a ratio of two of them.
func (v validator) measured(path string, e Experiment, measure, arm, over string) {
	_, known := e.measure(measure)
	v.Want(known, path+".measure", measure, "the id of a measure")
	_, known = e.Arm(arm)
	v.Want(known, path+".arm", arm, "the id of an arm")
	_, known = e.Arm(over)
	v.Want(known || over == "", path+".over", over, "the id of an arm, or nothing")
}

func (v validator) question(path string, q Question, e Experiment) {
	v.Want(validID.MatchString(q.ID), path+".id", q.ID, "lower-case words, joined by hyphens")
	v.text(path+".text", q.Text)
	v.text(path+".why", q.Why)
	v.Expect((q.Slider != nil) != (len(q.Choices) > 0), path, "must have either choices or slider")
	if q.Slider != nil {
		v.Want(q.Answer == 0, path+".answer", q.Answer, "nothing: the answer of a slider is a field of it")
		v.slider(path+".slider", *q.Slider, e)
		return
	}
	v.Expect(len(q.Choices) >= 2, path+".choices", "must be at least two")
	v.Want(q.Answer < len(q.Choices), path+".answer", q.Answer, "the index of a choice")
}

func (v validator) slider(path string, s Slider, e Experiment) {
	v.scale(path, s)
	if s.Measure == "" {
		v.Expect(s.Arm == "" && s.Over == "", path, "has an arm but no measure")
		return
	}
	v.measured(path, e, s.Measure, s.Arm, s.Over)
	if want, known := e.UnitOf(s.Measure, s.Over); known {
		v.Want(s.Unit == want, path+".unit", s.Unit, want+", the unit of what is measured")
	}
}

// scale checks the numbers of a slider.
func (v validator) scale(path string, s Slider) {
	switch {
	case s.Max <= s.Min:
		v.Want(false, path+".max", s.Max, fmt.Sprintf("more than min, %g", s.Min))
		return
	case s.Step <= 0:
		v.Want(false, path+".step", s.Step, "more than 0")
		return
	}
	steps := (s.Max - s.Min) / s.Step
	const rounding = 1e-6
	whole := math.Abs(steps-math.Round(steps)) < rounding
	v.Want(whole && steps <= maxSteps+rounding, path+".step", s.Step, fmt.Sprintf("a whole number of steps from min to max, at most %d", maxSteps))
	v.Want(s.Answer >= s.Min && s.Answer <= s.Max, path+".answer", s.Answer, fmt.Sprintf("from min to max, %g to %g", s.Min, s.Max))
	v.Want(s.Tolerance >= s.Step/2 && s.Tolerance < s.Max-s.Min, path+".tolerance", s.Tolerance, "at least half a step, so that a step is right, and less than max - min")
}
