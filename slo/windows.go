package slo

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

const (
	windowsVersion = "sloth.slok.dev/v1"
	windowsKind    = "AlertWindows"
)

// windowsFile is a file in windows/, in Sloth's AlertWindows format.
type windowsFile struct {
	APIVersion string  `yaml:"apiVersion"`
	Kind       string  `yaml:"kind"`
	Spec       Windows `yaml:"spec"`
}

// Windows is the period of the objectives and the windows of their alerts.
type Windows struct {
	Name   string   `yaml:"-"`
	Period Duration `yaml:"sloPeriod"`
	Page   Pair     `yaml:"page"`
	Ticket Pair     `yaml:"ticket"`
}

// Pair holds the two conditions of an alert. It fires if either holds.
type Pair struct {
	Quick Window `yaml:"quick"` // for a high burn rate
	Slow  Window `yaml:"slow"`  // for a lower burn rate over a longer time
}

// Window is a condition: the burn rate exceeds the limit in both windows. The long window shows that enough budget was spent; the short
// window shows that it is still being spent.
type Window struct {
	BudgetPercent float64  `yaml:"errorBudgetPercent"` // share of the period's budget spent in the long window
	Short         Duration `yaml:"shortWindow"`
	Long          Duration `yaml:"longWindow"`
}

// Duration is a duration in Prometheus' notation: 5m, 1h, 30d.
type Duration time.Duration

// String returns the duration in Prometheus' notation.
func (d Duration) String() string { return model.Duration(d).String() }

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := model.ParseDuration(node.Value)
	*d = Duration(parsed)
	return err
}

// MarshalYAML implements yaml.Marshaler.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }

func parseWindows(file string, data []byte) (*document, Windows) {
	parsed := windowsFile{Spec: Windows{Name: nameOf(file)}}
	d := decode(file, data, &parsed)
	d.checkName("", parsed.Spec.Name) // it becomes part of the service name
	d.checkWindows(parsed)
	return d, parsed.Spec
}

func (d *document) checkWindows(f windowsFile) {
	d.expect(f.APIVersion == windowsVersion, "apiVersion", fmt.Sprintf("got %q, allowed: %s", f.APIVersion, windowsVersion))
	d.expect(f.Kind == windowsKind, "kind", fmt.Sprintf("got %q, allowed: %s", f.Kind, windowsKind))
	d.expect(f.Spec.Period > 0, "spec.sloPeriod", "must be more than 0")
	d.checkPairOf("spec.page", f.Spec.Page, f.Spec.Period)
	d.checkPairOf("spec.ticket", f.Spec.Ticket, f.Spec.Period)
}

func (d *document) checkPairOf(path string, pair Pair, period Duration) {
	d.checkWindow(path+".quick", pair.Quick, period)
	d.checkWindow(path+".slow", pair.Slow, period)
}

func (d *document) checkWindow(path string, w Window, period Duration) {
	d.expect(w != Window{}, path, "is missing")
	d.expect(w.BudgetPercent > 0 && w.BudgetPercent <= 100, path+".errorBudgetPercent",
		fmt.Sprintf("got %v, allowed: more than 0 and at most 100", w.BudgetPercent))
	d.expect(w.Short > 0, path+".shortWindow", "must be more than 0")
	d.expect(w.Long > w.Short, path+".longWindow", fmt.Sprintf("got %s, allowed: more than the short window of %s", w.Long, w.Short))
	d.expect(w.Long < period || period <= 0, path+".longWindow", fmt.Sprintf("got %s, allowed: less than the period of %s", w.Long, period))
}
