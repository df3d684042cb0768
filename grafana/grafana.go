// Package grafana embeds Grafana's configuration and decodes its dashboards for tests. The tests of this package check each dashboard
// alone; those in test/ send its queries to a running platform.
package grafana

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// Dashboard is the part of a dashboard that tests check.
type Dashboard struct {
	File        string // name without the folder
	UID         string
	Title       string
	Description string
	Tags        []string
	Panels      []Panel
	Templating  struct{ List []Variable }
	Annotations struct{ List []Annotation }
}

// Panel is a panel, or the title of a row if its type is "row".
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
		// Overrides match a series or a column by name, or by a pattern.
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value json.RawMessage
			}
		}
	}
}

// Target is a query of a panel, for the data source that it names.
type Target struct {
	RefID         string
	Expr          string // PromQL or LogQL
	Query         string // TraceQL
	LegendFormat  string
	ProfileTypeID string
	QueryType     string
	LabelSelector string
	Datasource    Source
}

// Source names a data source, by its uid or by ${variable}.
type Source struct{ Type, UID string }

// prometheus is the type of Prometheus' data source.
const prometheus = "prometheus"

// Variable is a dashboard variable. Queries refer to it as $Name.
type Variable struct {
	Name       string
	Type       string
	Query      string
	AllValue   string
	Datasource Source
	Current    struct{ Value string }
}

// Annotation marks events on all panels.
type Annotation struct {
	Name       string
	Expr       string
	Datasource Source
}

// Query is a Prometheus query of a dashboard.
type Query struct {
	Where  string // dashboard and panel
	Expr   string // with variables replaced
	Legend string // with {{label}}
	// MayBeEmpty reports whether the result may be empty on a healthy platform. The panel then has a text for it.
	MayBeEmpty bool
	// Event reports whether the query is of an annotation, which has a result only while something happens.
	Event bool
}

// Dashboards returns all dashboards, sorted by file name.
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

// Queries returns the Prometheus queries of the dashboard, including those of its variables and annotations. rateInterval, such as
// 20s, replaces $__rate_interval.
func (d Dashboard) Queries(rateInterval string) []Query {
	fill := d.filler(rateInterval)
	var all []Query
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			if target.Datasource.Type == prometheus {
				all = append(all, Query{
					Where: d.Title + " / " + panel.Title, Expr: fill.Replace(target.Expr), Legend: target.LegendFormat,
					MayBeEmpty: panel.FieldConfig.Defaults.NoValue != "",
				})
			}
		}
	}
	for _, variable := range d.Templating.List {
		if query, ok := variable.query(d.Title, fill); ok {
			all = append(all, query)
		}
	}
	for _, annotation := range d.Annotations.List {
		if annotation.Expr != "" {
			all = append(all, Query{Where: d.Title + " / " + annotation.Name, Expr: fill.Replace(annotation.Expr), Event: true})
		}
	}
	return all
}

// filler returns a replacer of variables by their initial values.
func (d Dashboard) filler(rateInterval string) *strings.Replacer {
	pairs := []string{"$__rate_interval", rateInterval}
	for _, variable := range d.Templating.List {
		value := variable.Current.Value
		if value == "$__all" {
			value = variable.AllValue
		}
		pairs = append(pairs, "$"+variable.Name, value, "${"+variable.Name+"}", value)
	}
	return strings.NewReplacer(pairs...)
}

// query returns the query that lists the variable's values, which Grafana writes as label_values(series, label) or query_result(PromQL).
func (v Variable) query(dashboard string, fill *strings.Replacer) (Query, bool) {
	query := Query{Where: dashboard + " / $" + v.Name}
	if inner, ok := strings.CutPrefix(v.Query, "query_result("); ok {
		query.Expr = fill.Replace(strings.TrimSuffix(inner, ")"))
		return query, true
	}
	inner, ok := strings.CutPrefix(v.Query, "label_values(")
	if !ok {
		return Query{}, false
	}
	series, label, ok := strings.Cut(strings.TrimSuffix(inner, ")"), ", ")
	query.Expr, query.Legend = fmt.Sprintf("count by (%s) (%s)", label, fill.Replace(series)), "{{"+label+"}}"
	query.MayBeEmpty = v.AllValue != "" // a variable with "All" may have no values
	return query, ok
}
