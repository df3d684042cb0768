// Package grafana has what Grafana is given, and reads the dashboards in it for those who check them: that each is sound by itself
// is tested here, that each query has data to show is tested on the running platform in test/.
package grafana

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// Dashboard is a dashboard, as far as it is looked at here.
type Dashboard struct {
	File        string // its name, without the folder
	UID         string
	Title       string
	Description string
	Tags        []string
	Panels      []Panel
	Templating  struct{ List []Variable }
	Annotations struct{ List []Annotation }
}

// Panel is a panel or, by its type, the title of a row.
type Panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Datasource  Source
	Targets     []Target
	FieldConfig struct {
		Defaults struct{ Unit, NoValue string }
		// Overrides are by the name of a series, that of a column, or a pattern.
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value json.RawMessage
			}
		}
	}
}

// Target is a query of a panel: of Prometheus when it has an Expr, of Pyroscope when it has a ProfileTypeID, else of Tempo by its
// QueryType.
type Target struct {
	RefID         string
	Expr          string
	LegendFormat  string
	ProfileTypeID string
	QueryType     string
	LabelSelector string
	Datasource    Source
}

// Source names a data source.
type Source struct{ Type, UID string }

// Variable is what a user chooses; queries have its name where its value goes.
type Variable struct {
	Name       string
	Type       string
	Query      string
	AllValue   string
	Datasource Source
	Current    struct{ Value string }
}

// Annotation marks moments on all panels.
type Annotation struct {
	Name       string
	Expr       string
	Datasource Source
}

// Query is a query of Prometheus that a dashboard makes.
type Query struct {
	Where  string // dashboard and panel, for a person
	Expr   string // with a value for each variable
	Legend string // what the legend says, with {{label}}
	// MayBeEmpty says that there may be nothing to show on a platform in health: the panel has a text for that.
	MayBeEmpty bool
}

// Dashboards returns all dashboards, by the names of their files.
func Dashboards() ([]Dashboard, error) {
	const folder = "dashboards"
	entries, err := Files.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list dashboards: %w", err)
	}
	var all []Dashboard
	for _, entry := range entries {
		text, err := Files.ReadFile(path.Join(folder, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("read dashboard: %w", err)
		}
		dashboard := Dashboard{File: entry.Name()}
		if err := json.Unmarshal(text, &dashboard); err != nil {
			return nil, fmt.Errorf("decode %s: %w", entry.Name(), err)
		}
		all = append(all, dashboard)
	}
	return all, nil
}

// Queries returns all queries that the dashboard makes of Prometheus, those of its variables and annotations among them. Ranges
// of $__rate_interval are rateInterval long, such as 20s.
func (d Dashboard) Queries(rateInterval string) []Query {
	fill := d.filler(rateInterval)
	var all []Query
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			if target.Expr != "" {
				all = append(all, Query{
					Where: d.Title + " / " + panel.Title, Expr: fill.Replace(target.Expr), Legend: target.LegendFormat,
					MayBeEmpty: panel.FieldConfig.Defaults.NoValue != "",
				})
			}
		}
	}
	for _, variable := range d.Templating.List {
		if series, label, ok := variable.labelValues(); ok {
			all = append(all, Query{
				Where: d.Title + " / $" + variable.Name, Expr: fmt.Sprintf("count by (%s) (%s)", label, series), Legend: "{{" + label + "}}",
				// One that may be everything may be nothing as well.
				MayBeEmpty: variable.AllValue != "",
			})
		}
	}
	for _, annotation := range d.Annotations.List {
		if annotation.Expr != "" {
			all = append(all, Query{Where: d.Title + " / " + annotation.Name, Expr: fill.Replace(annotation.Expr), MayBeEmpty: true})
		}
	}
	return all
}

// filler puts the values that variables have at first in their places, as Grafana does.
func (d Dashboard) filler(rateInterval string) *strings.Replacer {
	pairs := []string{"$__rate_interval", rateInterval}
	for _, variable := range d.Templating.List {
		value := variable.Current.Value
		if value == "$__all" {
			value = variable.AllValue
		}
		pairs = append(pairs, "$"+variable.Name, value)
	}
	return strings.NewReplacer(pairs...)
}

// labelValues takes apart a query for the values of a label, of the form label_values(series, label).
func (v Variable) labelValues() (series, label string, ok bool) {
	inner, ok := strings.CutPrefix(v.Query, "label_values(")
	if !ok {
		return "", "", false
	}
	series, label, ok = strings.Cut(strings.TrimSuffix(inner, ")"), ", ")
	return series, label, ok
}
