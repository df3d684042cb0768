package slo

import "fmt"

// Names of Sloth, which its dashboards and its page look for.
const (
	metricObjective       = "slo:objective:ratio"
	metricBudget          = "slo:error_budget:ratio"
	metricPeriodDays      = "slo:time_period:days"
	metricCurrentBurnRate = "slo:current_burn_rate:ratio"
	metricPeriodBurnRate  = "slo:period_burn_rate:ratio"
	metricBudgetRemaining = "slo:period_error_budget_remaining:ratio"
	metricInfo            = "sloth_slo_info"

	labelID        = "sloth_id"
	labelService   = "sloth_service"
	labelSLO       = "sloth_slo"
	labelWindow    = "sloth_window"
	labelSeverity  = "sloth_severity"
	labelVersion   = "sloth_version"
	labelMode      = "sloth_mode"
	labelSpec      = "sloth_spec"
	labelObjective = "sloth_objective"

	groupSLI    = "sloth-slo-sli-recordings-"
	groupMeta   = "sloth-slo-meta-recordings-"
	groupAlerts = "sloth-slo-alerts-"
)

// What sloth_slo_info says of the generator: Sloth's name for rules that are files, and ours.
const (
	generatorMode    = "cli-gen-prom"
	generatorVersion = "deals"
)

// sliErrorMetric is the share of the bad in a span of time.
func sliErrorMetric(span Duration) string { return "slo:sli_error:ratio_rate" + span.String() }

// identity tells the series and alerts of an objective from all others.
type identity struct {
	id, service, slo string
}

// newIdentity makes the identity of an objective over a set of windows. A set that is named for its period, 30d, is the promise itself;
// any other is a view of it, which stands beside it as a service of its own: deals and deals-lab-time.
func newIdentity(spec Spec, slo SLO, windows Windows) identity {
	service := spec.Service
	if windows.Name != windows.Period.String() {
		service += "-" + windows.Name
	}
	return identity{id: service + "-" + slo.Name, service: service, slo: slo.Name}
}

func (i identity) labels() map[string]string {
	return map[string]string{labelID: i.id, labelService: i.service, labelSLO: i.slo}
}

// series selects this objective's series of a metric.
func (i identity) series(metric string) string {
	return fmt.Sprintf("%s{%s=%q, %s=%q, %s=%q}", metric, labelID, i.id, labelService, i.service, labelSLO, i.slo)
}

// sliError selects the share of the bad over a span of time.
func (i identity) sliError(span Duration) string { return i.series(sliErrorMetric(span)) }
