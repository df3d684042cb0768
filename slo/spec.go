package slo

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// specVersion is the supported version of Sloth's format.
const specVersion = "prometheus/v1"

// Spec is a file in specs/: the objectives of one service, in Sloth's prometheus/v1 format without plugins.
type Spec struct {
	Version string            `yaml:"version"`
	Service string            `yaml:"service"`
	Labels  map[string]string `yaml:"labels"` // on every rule
	SLOs    []SLO             `yaml:"slos"`
}

// SLO is one objective.
type SLO struct {
	Name        string            `yaml:"name"`
	Description string            `yaml:"description"`
	Objective   float64           `yaml:"objective"` // percentage of events that must be good
	Labels      map[string]string `yaml:"labels"`    // on every rule of this objective
	SLI         SLI               `yaml:"sli"`
	Alerting    Alerting          `yaml:"alerting"`
}

// SLI says how the error ratio is measured. Exactly one of its fields is set.
type SLI struct {
	Events *Events `yaml:"events"`
	Raw    *Raw    `yaml:"raw"`
}

// Events is the ratio of two PromQL queries. Both contain {{.window}} as the range.
type Events struct {
	ErrorQuery string `yaml:"error_query"`
	TotalQuery string `yaml:"total_query"`
}

// Raw is a PromQL query for the error ratio, between 0 and 1. It contains {{.window}} as the range.
type Raw struct {
	ErrorRatioQuery string `yaml:"error_ratio_query"`
}

// Alerting is the name of an objective's alerts and their labels and annotations.
type Alerting struct {
	Name        string            `yaml:"name"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
	PageAlert   Alert             `yaml:"page_alert"`
	TicketAlert Alert             `yaml:"ticket_alert"`
}

// Alert holds the labels and annotations of one of the two alerts.
type Alert struct {
	Disable     bool              `yaml:"disable"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func parseSpec(file string, data []byte) (document, Spec) {
	var spec Spec
	d := decode(file, data, &spec)
	d.checkSpec(spec)
	return d, spec
}

var (
	validName  = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)
	validLabel = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func (d document) checkSpec(s Spec) {
	d.Want(s.Version == specVersion, "version", s.Version, specVersion)
	d.checkName("service", s.Service)
	d.checkLabels("labels", s.Labels)
	d.Expect(len(s.SLOs) > 0, "slos", "is empty")
	for i, objective := range s.SLOs {
		d.checkSLO(fmt.Sprintf("slos[%d]", i), objective)
	}
}

func (d document) checkSLO(path string, s SLO) {
	d.checkName(path+".name", s.Name)
	d.Expect(!strings.Contains(s.Description, "{{"), path+".description", "must not contain a template")
	// At 100 there is no error budget.
	d.Want(s.Objective > 0 && s.Objective < 100, path+".objective", s.Objective, "more than 0 and less than 100")
	d.checkLabels(path+".labels", s.Labels)
	d.checkSLI(path+".sli", s.SLI)
	d.checkAlerting(path+".alerting", s.Alerting)
}

func (d document) checkName(path, name string) {
	d.Want(validName.MatchString(name), path, name, "letters, digits, '-', '_' and '.'; first and last a letter or digit")
}

func (d document) checkSLI(path string, s SLI) {
	d.Expect((s.Events == nil) != (s.Raw == nil), path, "must have either events or raw")
	if s.Events != nil {
		d.checkCount(path+".events.error_query", s.Events.ErrorQuery)
		d.checkCount(path+".events.total_query", s.Events.TotalQuery)
	}
	if s.Raw != nil {
		d.checkQuery(path+".raw.error_ratio_query", s.Raw.ErrorRatioQuery)
	}
}

// checkQuery checks the template but not the PromQL, which promtool checks. Prometheus' parser is too large a dependency for this.
func (d document) checkQuery(path, query string) {
	d.Expect(windowVariable.MatchString(query), path, "must contain {{.window}} as the range")
	rest := windowVariable.ReplaceAllLiteralString(query, "")
	d.Expect(!strings.Contains(rest, "{{"), path, "contains a template other than {{.window}}")
}

// checkCount checks a query that counts events.
func (d document) checkCount(path, query string) {
	d.checkQuery(path, query)
	rest := rateOfCounter.ReplaceAllLiteralString(query, "")
	d.Expect(!windowVariable.MatchString(rest), path, "must contain {{.window}} only as in rate(counter[{{.window}}])")
}

func (d document) checkAlerting(path string, a Alerting) {
	needed := !a.PageAlert.Disable || !a.TicketAlert.Disable
	d.Expect(a.Name != "" || !needed, path+".name", "is empty")
	d.checkLabels(path+".labels", a.Labels)
	d.checkAnnotations(path+".annotations", a.Annotations)
	for _, alert := range []struct {
		path string
		Alert
	}{{path + ".page_alert", a.PageAlert}, {path + ".ticket_alert", a.TicketAlert}} {
		d.checkLabels(alert.path+".labels", alert.Labels)
		d.checkAnnotations(alert.path+".annotations", alert.Annotations)
	}
}

func (d document) checkLabels(path string, labels map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		d.checkPair(path+"."+name, name, labels[name])
		reserved := strings.HasPrefix(name, "__") || strings.HasPrefix(name, "sloth_") || name == "alertname"
		d.Expect(!reserved, path+"."+name, "is reserved: the rules or Prometheus set it")
	}
}

func (d document) checkAnnotations(path string, annotations map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(annotations)) {
		d.checkPair(path+"."+name, name, annotations[name])
	}
}

func (d document) checkPair(path, name, value string) {
	d.Expect(validLabel.MatchString(name), path, "the name may have letters, digits and '_', and must not begin with a digit")
	d.Expect(value != "", path, "is empty")
}
