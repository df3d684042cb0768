package slo

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// rateOfCounter is the only use of {{.window}} in a query that counts events; its group is the selector of the counter.
var rateOfCounter = regexp.MustCompile(`rate\(\s*((?:[^()"\[\]]|"[^"]*")+?)\s*\[\s*` + windowVariable.String() + `\s*\]\s*\)`)

// eventRules record the good events and all events of each evaluation interval, and their sums over the period. The ratio of the sums weighs
// every event the same. Sloth's mean of ratios weighs every interval the same, however few events it has.
//
// An interval of which one number is missing or NaN is recorded in neither series, so it does not change the period.
func (g generator) eventRules() []Rule {
	good, total := g.series(g.goodEvents()), g.series(g.totalEvents())
	unit := merged(g.labels, map[string]string{labelUnit: g.slo.SLI.unit()})
	rule := func(record, expr string) Rule { return Rule{Record: record, Expr: expr, Labels: unit} }
	return []Rule{
		rule(g.goodEvents(), g.countGood()),
		rule(g.totalEvents(), g.countTotal(good)),
		rule(metricPeriodTotal, sumOver(g.windows.Period, total)),
		rule(metricPeriodBad, g.badWithin(g.windows.Period)),
	}
}

// badWithin returns the PromQL of the bad events in span.
func (g generator) badWithin(span model.Duration) string {
	return sumOver(span, g.series(g.totalEvents())) + " - " + sumOver(span, g.series(g.goodEvents()))
}

func sumOver(span model.Duration, series string) string {
	return fmt.Sprintf("sum_over_time(%s[%s])", series, span)
}

func (g generator) goodEvents() string  { return metricGoodEvents + g.windows.interval().String() }
func (g generator) totalEvents() string { return metricTotalEvents + g.windows.interval().String() }

// unit returns what the events of the SLI are.
func (s SLI) unit() string {
	if s.Raw != nil {
		return "seconds"
	}
	return "events"
}

// countGood returns the PromQL of the good events in the interval. A scrape can come between the two counters of an event, so that more
// events are bad than there are.
func (g generator) countGood() string {
	interval := g.windows.interval()
	if raw := g.slo.SLI.Raw; raw != nil {
		bad := parenthesized(strings.TrimSpace(windowVariable.ReplaceAllLiteralString(raw.ErrorRatioQuery, interval.String())))
		return fmt.Sprintf("%s * clamp_min(%s, 0) >= 0", number(time.Duration(interval).Seconds()), indented("1\n-\n"+bad))
	}
	events := g.slo.SLI.Events
	good := parenthesized(counted(events.TotalQuery, interval)) + "\n-\n" + parenthesized(counted(events.ErrorQuery, interval))
	return fmt.Sprintf("clamp_min(%s, 0) >= 0", indented(good))
}

// countTotal returns the PromQL of all events in the interval, if the good ones are known.
func (g generator) countTotal(good string) string {
	interval := g.windows.interval()
	if g.slo.SLI.Raw != nil {
		return fmt.Sprintf("0 * %s + %s", good, number(time.Duration(interval).Seconds()))
	}
	return parenthesized(counted(g.slo.SLI.Events.TotalQuery, interval)) + "\nand on ()\n" + good
}

// counted returns a query of rates as a query of what the counters have grown by in the interval: exactly, from the last sample before its
// start to the last before its end. So intervals that follow each other count each event once. increase() would extrapolate, and lose what
// happens between the last sample of one interval and the first of the next. A counter that has become smaller was reset to 0. One without a
// value at the start is new, or Prometheus is, and has grown from its first sample.
func counted(query string, interval model.Duration) string {
	return strings.TrimSpace(rateOfCounter.ReplaceAllStringFunc(query, func(rate string) string {
		now := rateOfCounter.FindStringSubmatch(rate)[1]
		before := fmt.Sprintf("%s offset %s", now, interval)
		return "(" + indented(fmt.Sprintf("%s - %s >= 0\nor %s < %s\nor max_over_time(%s[%s]) - min_over_time(%s[%s]) unless %s",
			now, before, now, before, now, interval, now, interval, before)) + ")"
	}))
}
