package slo

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Groups is a file of rules as Prometheus reads it.
type Groups struct {
	Groups []Group `yaml:"groups"`
}

// Group is a group of rules, which are evaluated one after the other.
type Group struct {
	Name     string         `yaml:"name"`
	Interval model.Duration `yaml:"interval"`
	Rules    []Rule         `yaml:"rules"`
}

// Rule is a recording rule or an alerting rule.
type Rule struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           model.Duration    `yaml:"for,omitempty"`
	KeepFiringFor model.Duration    `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   map[string]string `yaml:"annotations,omitempty"`
}

// Rules returns the rules of each objective of a valid spec over a valid set of windows: recording rules for the error ratio over each
// window and the events of the period, recording rules for the objective, error budget and burn rates, and alerts.
func Rules(spec Spec, windows Windows) []Group {
	var groups []Group
	for _, objective := range spec.SLOs {
		g := generator{
			identity: newIdentity(spec, objective, windows),
			slo:      objective,
			windows:  windows,
		}
		g.labels = merged(spec.Labels, objective.Labels, g.identity.labels())
		groups = append(groups, g.groups()...)
	}
	return groups
}

// generator generates the rules of one objective.
type generator struct {
	identity
	slo     SLO
	windows Windows
	labels  map[string]string // of every recorded series
}

func (g generator) groups() []Group {
	groups := []Group{g.group(groupSLI, g.sliRules()), g.group(groupMeta, g.metaRules())}
	if alerts := g.alertRules(); len(alerts) > 0 {
		groups = append(groups, g.group(groupAlerts, alerts))
	}
	return groups
}

func (g generator) group(prefix string, rules []Rule) Group {
	return Group{Name: prefix + g.id, Interval: g.windows.interval(), Rules: rules}
}

// interval returns how often groups are evaluated: five times in the shortest window. That limits the delay of alerts and the cost of long
// windows.
func (w Windows) interval() model.Duration {
	const evaluations = 5
	return max(w.Page.Quick.Short/evaluations, model.Duration(time.Second))
}

// sliRules record the error ratio over each alert window, the events, and the error ratio over the period.
func (g generator) sliRules() []Rule {
	var rules []Rule
	for _, span := range g.windows.spans() {
		rules = append(rules, g.sliRule(sliErrorMetric(span), span, g.slo.SLI.over(span)))
	}
	rules = append(rules, g.eventRules()...)
	rules = append(rules, g.durationRules()...)
	ratio := fmt.Sprintf("%s\n/ on (%s)\n%s", g.series(metricPeriodBad), labelID, g.series(metricPeriodTotal))
	return append(rules, g.sliRule(g.windows.periodMetric(), g.windows.Period, ratio))
}

func (g generator) sliRule(record string, span model.Duration, expr string) Rule {
	return Rule{Record: record, Expr: expr, Labels: merged(g.labels, map[string]string{labelWindow: span.String()})}
}

// metaRules record the objective, its burn rates and the remaining error budget.
func (g generator) metaRules() []Rule {
	days := time.Duration(g.windows.Period).Hours() / 24
	rule := func(record, expr string) Rule { return Rule{Record: record, Expr: expr, Labels: g.labels} }
	info := rule(metricInfo, "vector(1)")
	info.Labels = merged(g.labels, map[string]string{
		labelVersion: generatorVersion, labelMode: generatorMode, labelSpec: specVersion, labelObjective: number(g.slo.Objective),
	})
	return append([]Rule{
		rule(metricObjective, "vector("+number(1-g.slo.budget())+")"),
		rule(metricBudget, "vector("+number(g.slo.budget())+")"),
		rule(metricPeriodDays, "vector("+number(days)+")"),
		rule(metricCurrentBurnRate, g.burnRate(sliErrorMetric(g.windows.Page.Quick.Short))),
		rule(metricPeriodBurnRate, g.burnRate(g.windows.periodMetric())),
		rule(metricBudgetRemaining, "1 - "+g.series(metricPeriodBurnRate)),
		info,
	}, g.targetRules()...)
}

// burnRate returns the burn rate of a recorded error ratio. The result keeps the window label.
func (g generator) burnRate(errorRatio string) string {
	return fmt.Sprintf("%s\n/ on (%s) group_left ()\n%s", g.series(errorRatio), labelID, g.series(metricBudget))
}

// budget returns the error budget as a ratio between 0 and 1.
func (s SLO) budget() float64 { return (percent - s.Objective) / percent }

const percent = 100

// spans returns the lengths of all windows, shortest first.
func (w Windows) spans() []model.Duration {
	var spans []model.Duration
	for _, window := range []Window{w.Page.Quick, w.Page.Slow, w.Ticket.Quick, w.Ticket.Slow} {
		spans = append(spans, window.Short, window.Long)
	}
	slices.Sort(spans)
	return slices.Compact(spans)
}

var windowVariable = regexp.MustCompile(`{{\s*\.window\s*}}`)

// over returns the PromQL of the error ratio over span.
func (s SLI) over(span model.Duration) string {
	within := func(query string) string {
		return strings.TrimSpace(windowVariable.ReplaceAllLiteralString(query, span.String()))
	}
	if s.Raw != nil {
		return within(s.Raw.ErrorRatioQuery)
	}
	return parenthesized(within(s.Events.ErrorQuery)) + "\n/\n" + parenthesized(within(s.Events.TotalQuery))
}

// parenthesized puts each parenthesis on its own line, so that a comment in the expression cannot hide it.
func parenthesized(expr string) string {
	return "(" + indented(expr) + ")"
}

// indented puts expr on lines of its own.
func indented(expr string) string { return "\n  " + strings.ReplaceAll(expr, "\n", "\n  ") + "\n" }

// number formats f without floating-point noise: 1 - 0.999 is 0.001.
func number(f float64) string {
	const digits = 12
	return strconv.FormatFloat(f, 'g', digits, 64)
}

// merged returns the union of label sets. Later values win.
func merged(all ...map[string]string) map[string]string {
	union := map[string]string{}
	for _, labels := range all {
		maps.Copy(union, labels)
	}
	return union
}
