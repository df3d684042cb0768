package slo

import (
	"fmt"

	"github.com/prometheus/common/model"
)

// Names of the events, which Sloth does not have.
const (
	metricGoodEvents     = "slo:good_events:increase"     // and the interval
	metricTotalEvents    = "slo:total_events:increase"    // and the interval
	metricEventDurations = "slo:event_durations:increase" // and the interval; a native histogram
	metricPeriodBad      = "slo:period_bad_events:sum"
	metricPeriodTotal    = "slo:period_total_events:sum"
	metricLatencyTarget  = "slo:latency_target:seconds"

	labelUnit = "unit" // what the events are: requests and jobs are counted, time is in seconds
)

// Names that Sloth's dashboards use.
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

// Values of the labels of sloth_slo_info that identify the generator.
const (
	generatorMode    = "cli-gen-prom"
	generatorVersion = "deals"
)

// sliErrorMetric returns the name of the error ratio over span.
func sliErrorMetric(span model.Duration) string { return "slo:sli_error:ratio_rate" + span.String() }

// periodMetric returns the name of the error ratio over the period. Only a set named for its period has Sloth's name: the period of another
// set, such as an hour, is a window of this one.
func (w Windows) periodMetric() string {
	if w.namedForPeriod() {
		return sliErrorMetric(w.Period)
	}
	return "slo:sli_error:ratio_period"
}

func (w Windows) namedForPeriod() bool { return w.Name == w.Period.String() }

// identity identifies the series and alerts of an objective.
type identity struct {
	id, service, slo string
}

// newIdentity returns the identity of an objective over a set of windows. A set named for its period, such as 30d, keeps the name of the
// service. Any other set gets a service of its own, such as deals-lab-time.
func newIdentity(spec Spec, slo SLO, windows Windows) identity {
	service := spec.Service
	if !windows.namedForPeriod() {
		service += "-" + windows.Name
	}
	return identity{id: service + "-" + slo.Name, service: service, slo: slo.Name}
}

func (i identity) labels() map[string]string {
	return map[string]string{labelID: i.id, labelService: i.service, labelSLO: i.slo}
}

// series returns a selector for the objective's series of a metric.
func (i identity) series(metric string) string {
	return fmt.Sprintf("%s{%s=%q, %s=%q, %s=%q}", metric, labelID, i.id, labelService, i.service, labelSLO, i.slo)
}

// sliError returns a selector for the error ratio over span.
func (i identity) sliError(span model.Duration) string { return i.series(sliErrorMetric(span)) }
