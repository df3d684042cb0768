package slo

import (
	"fmt"
	"slices"
	"strings"
)

// alertSource is one of the two alerts that an objective can have.
type alertSource struct {
	Alert
	severity string
	pair     Pair
}

// alerts are those that are not disabled.
func (s SLO) alerts(w Windows) []alertSource {
	both := []alertSource{{s.Alerting.PageAlert, "page", w.Page}, {s.Alerting.TicketAlert, "ticket", w.Ticket}}
	return slices.DeleteFunc(both, func(a alertSource) bool { return a.Disable })
}

func (g generator) alertRules() []Rule {
	var rules []Rule
	for _, alert := range g.slo.alerts(g.windows) {
		rules = append(rules, Rule{
			Alert:       g.slo.Alerting.Name,
			Expr:        g.burns(alert.pair.Quick) + "\nor\n" + g.burns(alert.pair.Slow),
			Labels:      merged(g.slo.Alerting.Labels, alert.Labels, map[string]string{labelSeverity: alert.severity}),
			Annotations: merged(g.annotations(alert), g.slo.Alerting.Annotations, alert.Annotations),
		})
	}
	return rules
}

// burns has the error ratio of the short window as its value while the budget burns too fast in both windows. The window label is
// dropped, so that both sides match and the alert stays the same one when the other pair of windows takes over. The rules must be at
// least half as old as the long window: before that, a few slow requests of a cold start are all that both windows hold.
func (g generator) burns(w Window) string {
	threshold := fmt.Sprintf("(%s * %s)", number(g.windows.burnRate(w)), number(g.slo.budget()))
	over := func(span Duration) string {
		return fmt.Sprintf("max without (%s) (%s > %s)", labelWindow, g.sliError(span), threshold)
	}
	oldEnough := fmt.Sprintf("%s offset %s", g.series(metricObjective), w.Long/2) //nolint:mnd // half
	return parenthesized(over(w.Short) + "\nand\n" + over(w.Long) + "\nand on (" + labelID + ")\n" + oldEnough)
}

// annotations are those of every objective's alert; a spec can add to them and replace them.
func (g generator) annotations(alert alertSource) map[string]string {
	at := func(w Window) string {
		return fmt.Sprintf("%s over %s and %s", number(g.windows.burnRate(w)), w.Long, w.Short)
	}
	description := fmt.Sprintf("%s Of late {{ $value | humanizePercentage }} fell short of that; the budget over %s is %s%%. Fires at a burn rate of %s, or %s.",
		g.slo.Description, g.windows.Period, number(percent*g.slo.budget()), at(alert.pair.Quick), at(alert.pair.Slow))
	return map[string]string{
		"title":       fmt.Sprintf("(%s) %s %s", alert.severity, g.service, g.slo.Name),
		"summary":     fmt.Sprintf("%s %s: the error budget burns too fast", g.service, g.slo.Name),
		"description": strings.TrimSpace(description),
	}
}

// burnRate is how many times faster than evenly over the period the budget must burn for the window to take notice.
func (w Windows) burnRate(of Window) float64 {
	return of.BudgetPercent / percent * float64(w.Period) / float64(of.Long)
}

// unreachable returns why an alert of the objective could never fire, "" when all can.
func (w Windows) unreachable(objective SLO) string {
	for _, alert := range objective.alerts(w) {
		for _, window := range []Window{alert.pair.Quick, alert.pair.Slow} {
			if rate := w.burnRate(window); rate*objective.budget() >= 1 {
				return fmt.Sprintf("the %s over %s begins at a burn rate of %s, and with all bad it is %s",
					alert.severity, window.Long, number(rate), number(1/objective.budget()))
			}
		}
	}
	return ""
}
