package slo

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// specVersion is the version of Sloth's format that a Spec is written in.
const specVersion = "prometheus/v1"

// Spec is a file of specs/: objectives of one service, in Sloth's prometheus/v1 format less its plugins.
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
	Objective   float64           `yaml:"objective"` // percentage of what is counted that must be good
	Labels      map[string]string `yaml:"labels"`    // on every rule of this objective
	SLI         SLI               `yaml:"sli"`
	Alerting    Alerting          `yaml:"alerting"`
}

// SLI says how the share of the bad is measured. It is one of the two.
type SLI struct {
	Events *Events `yaml:"events"`
	Raw    *Raw    `yaml:"raw"`
}

// Events divides one PromQL query by another. Both have {{.window}} where the length of time belongs.
type Events struct {
	ErrorQuery string `yaml:"error_query"`
	TotalQuery string `yaml:"total_query"`
}

// Raw is a PromQL query for the ratio itself, between 0 and 1, with {{.window}} where the length of time belongs.
type Raw struct {
	ErrorRatioQuery string `yaml:"error_ratio_query"`
}

// Alerting is what the alerts of an objective are called and carry.
type Alerting struct {
	Name        string            `yaml:"name"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
	PageAlert   Alert             `yaml:"page_alert"`
	TicketAlert Alert             `yaml:"ticket_alert"`
}

// Alert is what one of the two alerts carries beyond what both do.
type Alert struct {
	Disable     bool              `yaml:"disable"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func parseSpec(file string, data []byte) (*document, Spec, error) {
	var spec Spec
	doc, err := decode(file, data, &spec)
	if err != nil {
		return doc, Spec{}, err
	}
	check := &checker{document: doc}
	check.spec(spec)
	return doc, spec, errors.Join(check.faults...)
}

var (
	validName  = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)
	validLabel = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// checker collects the faults of a document.
type checker struct {
	*document
	faults []error
}

// expect adds a fault at path unless the condition holds.
func (c *checker) expect(holds bool, path, reason string) {
	if !holds {
		c.faults = append(c.faults, c.fault(path, reason))
	}
}

func (c *checker) spec(s Spec) {
	c.expect(s.Version == specVersion, "version", fmt.Sprintf("got %q, allowed: %s", s.Version, specVersion))
	c.name("service", s.Service)
	c.labels("labels", s.Labels)
	c.expect(len(s.SLOs) > 0, "slos", "is empty")
	for i, objective := range s.SLOs {
		c.slo(fmt.Sprintf("slos[%d]", i), objective)
	}
}

func (c *checker) slo(path string, s SLO) {
	c.name(path+".name", s.Name)
	// At 100 there is no budget that could burn.
	c.expect(s.Objective > 0 && s.Objective < 100, path+".objective", fmt.Sprintf("got %v, allowed: more than 0 and less than 100", s.Objective))
	c.labels(path+".labels", s.Labels)
	c.sli(path+".sli", s.SLI)
	c.alerting(path+".alerting", s.Alerting)
}

func (c *checker) name(path, name string) {
	c.expect(validName.MatchString(name), path, fmt.Sprintf("got %q, allowed: letters, digits, '-', '_' and '.', the last three not at the ends", name))
}

func (c *checker) sli(path string, s SLI) {
	c.expect((s.Events == nil) != (s.Raw == nil), path, "must have either events or raw")
	if s.Events != nil {
		c.query(path+".events.error_query", s.Events.ErrorQuery)
		c.query(path+".events.total_query", s.Events.TotalQuery)
	}
	if s.Raw != nil {
		c.query(path+".raw.error_ratio_query", s.Raw.ErrorRatioQuery)
	}
}

// query checks all but the PromQL itself, which is left to promtool: a parser of it would weigh more than the rest of the program.
func (c *checker) query(path, query string) {
	c.expect(windowVariable.MatchString(query), path, "must have {{.window}} where the length of time belongs")
	rest := windowVariable.ReplaceAllLiteralString(query, "")
	c.expect(!strings.Contains(rest, "{{"), path, "has a template other than {{.window}}")
}

func (c *checker) alerting(path string, a Alerting) {
	needed := !a.PageAlert.Disable || !a.TicketAlert.Disable
	c.expect(a.Name != "" || !needed, path+".name", "is empty")
	c.labels(path+".labels", a.Labels)
	c.annotations(path+".annotations", a.Annotations)
	for _, alert := range []struct {
		path string
		Alert
	}{{path + ".page_alert", a.PageAlert}, {path + ".ticket_alert", a.TicketAlert}} {
		c.labels(alert.path+".labels", alert.Labels)
		c.annotations(alert.path+".annotations", alert.Annotations)
	}
}

func (c *checker) labels(path string, labels map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		c.pair(path+"."+name, name, labels[name])
		reserved := strings.HasPrefix(name, "__") || strings.HasPrefix(name, "sloth_") || name == "alertname"
		c.expect(!reserved, path+"."+name, "is set by the rules or by Prometheus itself")
	}
}

func (c *checker) annotations(path string, annotations map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(annotations)) {
		c.pair(path+"."+name, name, annotations[name])
	}
}

func (c *checker) pair(path, name, value string) {
	c.expect(validLabel.MatchString(name), path, "allowed as a name: letters, digits and '_', no digit first")
	c.expect(value != "", path, "is empty")
}
