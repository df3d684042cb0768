package slo

import (
	"fmt"
	"regexp"
	"strings"
)

// boundedBucket is the selector of a classic bucket. Its groups are the histogram, the other matchers and the bucket's bound in seconds.
var boundedBucket = regexp.MustCompile(`^(\w+)_bucket{(?:(.+),\s*)?le="([^"]+)"}$`)

// latency is what a latency objective measures: it calls an event good that took at most target.
type latency struct {
	histogram string // selector of the native histogram
	target    string // in seconds
}

// latency returns what a latency objective measures, or false for another objective. A latency objective subtracts the events in a bucket
// from the count of the same histogram, and counts nothing else.
func (s SLI) latency() (latency, bool) {
	if s.Events == nil {
		return latency{}, false
	}
	counters := rateOfCounter.FindAllStringSubmatch(s.Events.ErrorQuery+s.Events.TotalQuery, -1)
	const counted, within, all = 0, 1, 2
	if len(counters) != all+1 || counters[counted][1] != counters[all][1] {
		return latency{}, false
	}
	bucket := boundedBucket.FindStringSubmatch(counters[within][1])
	if bucket == nil {
		return latency{}, false
	}
	name, matchers, target := bucket[1], bucket[2], bucket[3]
	if matchers != "" {
		matchers = "{" + matchers + "}"
	}
	return latency{histogram: name + matchers, target: target}, counters[counted][1] == name+"_count"+matchers
}

// durationRules record how long the events of each evaluation interval took, as a native histogram, so that another target can be tried on
// the events of the past. The good events do not come from it: within one of its buckets it interpolates, while the classic bucket whose
// bound is the target counts exactly.
func (g generator) durationRules() []Rule {
	measured, ok := g.slo.SLI.latency()
	if !ok {
		return nil
	}
	interval := g.windows.interval().String()
	return []Rule{{
		Record: metricEventDurations + interval,
		Expr:   "sum(" + indented(increaseOfHistogram(measured.histogram, interval)) + ")",
		Labels: merged(g.labels, map[string]string{labelUnit: "seconds"}),
	}}
}

// increaseOfHistogram is counted for native histograms, which can be subtracted but not compared. One that is new is taken from its first
// sample by increase, since histograms have no minimum.
func increaseOfHistogram(now, interval string) string {
	before := fmt.Sprintf("%s offset %s", now, interval)
	reset := fmt.Sprintf("histogram_count(%s) < histogram_count(%s)", now, before)
	return strings.Join([]string{
		fmt.Sprintf("(%s - %s unless %s)", now, before, reset),
		fmt.Sprintf("or (%s and %s)", now, reset),
		fmt.Sprintf("or (increase(%s[%s]) unless %s)", now, interval, before),
	}, "\n")
}

// targetRules record the target of a latency objective.
func (g generator) targetRules() []Rule {
	measured, ok := g.slo.SLI.latency()
	if !ok {
		return nil
	}
	return []Rule{{Record: metricLatencyTarget, Expr: "vector(" + measured.target + ")", Labels: g.labels}}
}
