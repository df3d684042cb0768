package slo

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

const (
	windowsVersion = "sloth.slok.dev/v1"
	windowsKind    = "AlertWindows"
)

// windowsFile is a file of windows/, in Sloth's AlertWindows format.
type windowsFile struct {
	APIVersion string  `yaml:"apiVersion"`
	Kind       string  `yaml:"kind"`
	Spec       Windows `yaml:"spec"`
}

// Windows is a period that objectives are promised over, and the spans of time that their alerts look at.
type Windows struct {
	Name   string   `yaml:"-"`
	Period Duration `yaml:"sloPeriod"`
	Page   Pair     `yaml:"page"`
	Ticket Pair     `yaml:"ticket"`
}

// Pair are the conditions of an alert, of which either is enough.
type Pair struct {
	Quick Window `yaml:"quick"` // for a great burn rate
	Slow  Window `yaml:"slow"`  // for a lesser one that lasts
}

// Window is a condition: the error budget burns too fast in the long window, so that it matters, and in the short one, so that it still does.
type Window struct {
	BudgetPercent float64  `yaml:"errorBudgetPercent"` // of the period's budget, burned in the long window
	Short         Duration `yaml:"shortWindow"`
	Long          Duration `yaml:"longWindow"`
}

// Duration is a span of time that is written as Prometheus does: 5m, 1h, 30d.
type Duration time.Duration

// String writes it as Prometheus does.
func (d Duration) String() string { return model.Duration(d).String() }

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := model.ParseDuration(node.Value)
	if err != nil {
		// Of this type the decoder collects all rather than stop at the first.
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: got %q, allowed: a duration such as 5m, 1h or 30d", node.Line, node.Value)}}
	}
	*d = Duration(parsed)
	return nil
}

// MarshalYAML implements yaml.Marshaler.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }

func parseWindows(file string, data []byte) (*document, Windows, error) {
	var parsed windowsFile
	doc, err := decode(file, data, &parsed)
	if err != nil {
		return doc, Windows{}, err
	}
	check := &checker{document: doc}
	check.windows(parsed)
	parsed.Spec.Name = nameOf(file)
	return doc, parsed.Spec, errors.Join(check.faults...)
}

func (c *checker) windows(f windowsFile) {
	c.expect(f.APIVersion == windowsVersion, "apiVersion", fmt.Sprintf("got %q, allowed: %s", f.APIVersion, windowsVersion))
	c.expect(f.Kind == windowsKind, "kind", fmt.Sprintf("got %q, allowed: %s", f.Kind, windowsKind))
	c.expect(f.Spec.Period > 0, "spec.sloPeriod", "must be more than 0")
	c.pairOf("spec.page", f.Spec.Page, f.Spec.Period)
	c.pairOf("spec.ticket", f.Spec.Ticket, f.Spec.Period)
}

func (c *checker) pairOf(path string, pair Pair, period Duration) {
	c.window(path+".quick", pair.Quick, period)
	c.window(path+".slow", pair.Slow, period)
}

func (c *checker) window(path string, w Window, period Duration) {
	c.expect(w.BudgetPercent > 0 && w.BudgetPercent <= 100, path+".errorBudgetPercent",
		fmt.Sprintf("got %v, allowed: more than 0, at most 100", w.BudgetPercent))
	c.expect(w.Short > 0, path+".shortWindow", "must be more than 0")
	c.expect(w.Long > w.Short, path+".longWindow", fmt.Sprintf("got %s, allowed: more than the short window of %s", w.Long, w.Short))
	c.expect(w.Long < period, path+".longWindow", fmt.Sprintf("got %s, allowed: less than the period of %s", w.Long, period))
}
