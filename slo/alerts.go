package slo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
)

// minBadEvents is how many bad events the long window of an alert must hold. With little traffic a single failure is a high ratio: at a
// request a minute it is half of two minutes. The SRE workbook (chapter 5, "Low-Traffic Services and Error Budget Alerting") shows the
// problem; a minimum number of failures is what Grafana's SLOs (min_failures) and others do about it. Of five requests, of which each fails
// with a probability of 1 %, three fail once in a hundred thousand times.
const minBadEvents = 3

// quietFor is for how many of its shortest windows an alert keeps firing after its condition has ended. A ratio near the threshold crosses it
// again and again, but the events of one window are gone after the next. So an alert that starts again within three is still the same one.
const quietFor = 3

// alertSource is one of the two alerts of an objective.
type alertSource struct {
	Alert
	severity string
	pair     Pair
}

// alerts returns the alerts that are not disabled.
func (s SLO) alerts(w Windows) []alertSource {
	both := []alertSource{{s.Alerting.PageAlert, "page", w.Page}, {s.Alerting.TicketAlert, "ticket", w.Ticket}}
	return slices.DeleteFunc(both, func(a alertSource) bool { return a.Disable })
}

func (g generator) alertRules() []Rule {
	var rules []Rule
	for _, alert := range g.slo.alerts(g.windows) {
		rules = append(rules, Rule{
			Alert:         g.slo.Alerting.Name,
			Expr:          g.burns(alert.pair.Quick) + "\nor\n" + g.burns(alert.pair.Slow),
			KeepFiringFor: quietFor * alert.pair.Quick.Short,
			Labels:        merged(g.slo.Alerting.Labels, alert.Labels, map[string]string{labelSeverity: alert.severity}),
			Annotations:   merged(g.annotations(alert), g.slo.Alerting.Annotations, alert.Annotations),
		})
	}
	return rules
}

// burns returns the condition for w. Its value is the error ratio over the short window. The window label is dropped so that both sides
// match, and so that the alert stays the same when the other condition takes over. The rules must be at least half as old as the long
// window; before that, a few slow requests of a cold start would fill both windows.
func (g generator) burns(w Window) string {
	threshold := fmt.Sprintf("(%s * %s)", number(g.windows.burnRate(w)), number(g.slo.budget()))
	over := func(span model.Duration) string {
		return fmt.Sprintf("max without (%s) (%s > %s)", labelWindow, g.sliError(span), threshold)
	}
	conditions := []string{over(w.Short) + "\nand\n" + over(w.Long)}
	if g.slo.SLI.Events != nil {
		conditions = append(conditions, fmt.Sprintf("round(%s) >= %d", g.badWithin(w.Long), minBadEvents))
	}
	oldEnough := fmt.Sprintf("%s offset %s", g.series(metricObjective), w.Long/2) //nolint:mnd // half
	return parenthesized(strings.Join(append(conditions, oldEnough), "\nand on ("+labelID+")\n"))
}

// annotations returns the default annotations of an alert. A spec can add to them and replace them.
func (g generator) annotations(alert alertSource) map[string]string {
	at := func(w Window) string {
		return fmt.Sprintf("%s over %s and %s", number(g.windows.burnRate(w)), w.Long, w.Short)
	}
	description := fmt.Sprintf("%s Recent error ratio: {{ $value | humanizePercentage }}. Error budget over %s: %s%%. Fires at a burn rate of %s, or %s.",
		g.slo.Description, g.windows.Period, number(percent*g.slo.budget()), at(alert.pair.Quick), at(alert.pair.Slow))
	return map[string]string{
		"title":       fmt.Sprintf("(%s) %s %s", alert.severity, g.service, g.slo.Name),
		"summary":     fmt.Sprintf("%s %s: error budget burn rate is too high", g.service, g.slo.Name),
		"description": strings.TrimSpace(description),
	}
}

// burnRate returns the burn rate at which the condition holds. At 1 the budget lasts exactly for the period.
func (w Windows) burnRate(of Window) float64 {
	return of.BudgetPercent / percent * float64(w.Period) / float64(of.Long)
}

// unreachable returns why an alert of the objective can never fire, or "" if all can.
func (w Windows) unreachable(objective SLO) string {
	for _, alert := range objective.alerts(w) {
		for _, window := range []Window{alert.pair.Quick, alert.pair.Slow} {
			if rate := w.burnRate(window); rate*objective.budget() >= 1 {
				return fmt.Sprintf("the %s over %s fires at a burn rate of %s, but the maximum is %s",
					alert.severity, window.Long, number(rate), number(1/objective.budget()))
			}
		}
	}
	return ""
}
