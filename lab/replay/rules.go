package replay

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/platform"
	"deals.example/slo"
)

// paging is the label of alerts that page somebody.
const (
	severity = "severity"
	paging   = "page"
)

// Rules is a file of Prometheus's rules in which an alert pages.
type Rules struct {
	text   []byte
	groups []string       // in the order of evaluation
	every  model.Duration // between evaluations
}

// Threshold returns one rule, which pages when the expression has held for a time. It is evaluated as often as Prometheus evaluates rules by
// default.
func Threshold(expr string, held model.Duration) (Rules, error) {
	alert := slo.Rule{Alert: "Threshold", Expr: expr, For: held, Labels: map[string]string{severity: paging}}
	file := slo.Groups{Groups: []slo.Group{{
		Name: "threshold", Interval: model.Duration(platform.EvaluationInterval), Rules: []slo.Rule{alert},
	}}}
	text, err := yaml.Marshal(file)
	if err != nil {
		return Rules{}, err
	}
	return newRules(text)
}

// rulesDir is the folder of slo.Files, and extension that of its files.
const (
	rulesDir  = "rules"
	extension = ".yaml"
)

// Objective returns the platform's rules of an objective over a set of windows, such as availability.lab-time.
func Objective(name string) (Rules, error) {
	text, err := fs.ReadFile(slo.Files, rulesDir+"/"+name+extension)
	if err != nil {
		return Rules{}, fmt.Errorf("rules %s: %w", name, err)
	}
	return newRules(text)
}

// Objectives returns the names of the platform's rules that page.
func Objectives() []string {
	files, _ := fs.Glob(slo.Files, rulesDir+"/*"+extension) // the pattern is valid
	var names []string
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), extension)
		if _, err := Objective(name); err == nil {
			names = append(names, name)
		}
	}
	return names
}

var errNobodyPaged = errors.New("no alert has the severity " + paging)

func newRules(text []byte) (Rules, error) {
	var file slo.Groups
	if err := yaml.Unmarshal(text, &file); err != nil {
		return Rules{}, fmt.Errorf("decode rules: %w", err)
	}
	r := Rules{text: text}
	pages := false
	for _, group := range file.Groups {
		r.groups, r.every = append(r.groups, group.Name), group.Interval
		for _, rule := range group.Rules {
			pages = pages || rule.Alert != "" && rule.Labels[severity] == paging
		}
	}
	if !pages {
		return Rules{}, errNobodyPaged
	}
	return r, nil
}
