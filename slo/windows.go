package slo

import (
	"github.com/prometheus/common/model"
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
	Name   string         `yaml:"-"`
	Period model.Duration `yaml:"sloPeriod"`
	Page   Pair           `yaml:"page"`
	Ticket Pair           `yaml:"ticket"`
}

// Pair holds the two conditions of an alert. It fires if either holds.
type Pair struct {
	Quick Window `yaml:"quick"` // for a high burn rate
	Slow  Window `yaml:"slow"`  // for a lower burn rate over a longer time
}

// all returns the four windows.
func (w Windows) all() []Window {
	return []Window{w.Page.Quick, w.Page.Slow, w.Ticket.Quick, w.Ticket.Slow}
}

// Window is a condition: the burn rate exceeds the limit in both windows. The long window shows that enough budget was spent; the short
// window shows that it is still being spent.
type Window struct {
	BudgetPercent float64        `yaml:"errorBudgetPercent"` // share of the period's budget spent in the long window
	Short         model.Duration `yaml:"shortWindow"`
	Long          model.Duration `yaml:"longWindow"`
}

func parseWindows(file string, data []byte) (document, Windows) {
	parsed := windowsFile{Spec: Windows{Name: nameOf(file)}}
	d := decode(file, data, &parsed)
	d.checkName("", parsed.Spec.Name) // it becomes part of the service name
	d.checkWindows(parsed)
	return d, parsed.Spec
}

func (d document) checkWindows(f windowsFile) {
	d.Want(f.APIVersion == windowsVersion, "apiVersion", f.APIVersion, windowsVersion)
	d.Want(f.Kind == windowsKind, "kind", f.Kind, windowsKind)
	d.Want(f.Spec.Period > 0, "spec.sloPeriod", f.Spec.Period, "more than 0s")
	d.checkPairOf("spec.page", f.Spec.Page, f.Spec.Period)
	d.checkPairOf("spec.ticket", f.Spec.Ticket, f.Spec.Period)
}

func (d document) checkPairOf(path string, pair Pair, period model.Duration) {
	d.checkWindow(path+".quick", pair.Quick, period)
	d.checkWindow(path+".slow", pair.Slow, period)
}

func (d document) checkWindow(path string, w Window, period model.Duration) {
	d.Expect(w != Window{}, path, "is missing")
	d.Want(w.BudgetPercent > 0 && w.BudgetPercent <= 100, path+".errorBudgetPercent", w.BudgetPercent, "more than 0 and at most 100")
	d.Want(w.Short > 0, path+".shortWindow", w.Short, "more than 0s")
	d.Want(w.Long > w.Short, path+".longWindow", w.Long, "more than the short window of "+w.Short.String())
	d.Want(w.Long < period || period <= 0, path+".longWindow", w.Long, "less than the period of "+period.String())
}
