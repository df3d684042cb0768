package slo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/prometheus/common/model"

	"deals.example/internal/platform"
)

// indicatorsFile is the optional file of indicators in a catalog.
const indicatorsFile = "indicators.yaml"

// indicators is the content of indicatorsFile.
type indicators struct {
	Window     model.Duration `yaml:"window"`
	Queries    []formula      `yaml:"queries"`
	Indicators []indicator    `yaml:"indicators"`
	Thresholds []threshold    `yaml:"thresholds"`
}

// formula is a named PromQL expression.
type formula struct {
	Name  string `yaml:"name"`
	Why   string `yaml:"why"`
	Query string `yaml:"query"` // with {{.window}} and names of earlier formulas; after loading only {{.window}} is left
}

// indicator is a service level indicator of the platform.
type indicator struct {
	Name   string   `yaml:"name"`
	Query  string   `yaml:"query"` // name of a formula
	Record string   `yaml:"record"`
	Label  string   `yaml:"label"`
	Unit   string   `yaml:"unit"`
	Axis   string   `yaml:"axis"`
	Target *float64 `yaml:"target"`
	About  string   `yaml:"about"`
}

// threshold holds the values from which a number is worth watching, and bad.
type threshold struct {
	Kind   string  `yaml:"kind"`
	Number string  `yaml:"number"`
	Watch  float64 `yaml:"watch"`
	Bad    float64 `yaml:"bad"`
	Below  bool    `yaml:"below"`
	Why    string  `yaml:"why"`
}

// loadIndicators reads indicatorsFile. It returns nil if the file does not exist.
func loadIndicators(root fs.FS) (*indicators, error) {
	data, err := fs.ReadFile(root, indicatorsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // optional
	}
	if err != nil {
		return nil, fmt.Errorf("read indicators: %w", err)
	}
	var read indicators
	d := decode(indicatorsFile, data, &read)
	d.Want(read.Window > 0, "window", read.Window, "more than 0s")
	expanded := d.expand(read.Queries)
	for i, one := range read.Indicators {
		path := fmt.Sprintf("indicators[%d]", i)
		d.Want(expanded[one.Query] != "", path+".query", one.Query, "the name of a query")
		d.Want(scale(one.Unit) != 0, path+".unit", one.Unit, "rps, percent, ms, count or s")
	}
	return &read, d.Err()
}

// scale returns the factor from the query's unit to the indicator's unit, or 0 for an unknown unit.
func scale(unit string) float64 {
	return map[string]float64{"rps": 1, "percent": 100, "ms": 1000, "count": 1, "s": 1}[unit]
}

var reference = regexp.MustCompile(`{{\.(\w+)}}`)

// expand replaces references to earlier formulas in place and returns the formulas by name.
func (d document) expand(formulas []formula) map[string]string {
	earlier := map[string]string{"window": "{{.window}}"}
	for i := range formulas {
		f := &formulas[i]
		f.Query = reference.ReplaceAllStringFunc(f.Query, func(name string) string {
			value, known := earlier[reference.FindStringSubmatch(name)[1]]
			d.Expect(known, fmt.Sprintf("queries[%d].query", i), name+" is not an earlier query")
			return value
		})
		d.Want(earlier[f.Name] == "", fmt.Sprintf("queries[%d].name", i), f.Name, "each name once")
		earlier[f.Name] = f.Query
	}
	return earlier
}

// overSpan replaces {{.window}} in a query with span.
func overSpan(span, query string) string { return windowVariable.ReplaceAllLiteralString(query, span) }

// files returns the files generated from the indicators and the windows.
func (i *indicators) files(windows []source[Windows]) ([]File, error) {
	rules, err := render([]Group{i.group()}, indicatorsFile)
	if err != nil {
		return nil, err
	}
	files := []File{{Name: rulesDir + "/" + indicatorsFile, Content: rules}}
	for _, target := range []struct{ template, name string }{
		{"indicators.go.tmpl", "indicators/indicators.gen.go"},
		{"grafana.ts.tmpl", "../grafana/src/lib/indicators.gen.ts"},
		{"page.ts.tmpl", "../services/slodashboard/web/src/api/indicators.gen.ts"},
	} {
		content, err := i.execute(target.template, windows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", target.name, err)
		}
		files = append(files, File{Name: target.name, Content: content})
	}
	return files, nil
}

// group returns the rules that record the indicators, evaluated once per scrape.
func (i *indicators) group() Group {
	g := Group{Name: "indicators", Interval: model.Duration(platform.ScrapeInterval)}
	for _, one := range i.Indicators {
		at := slices.IndexFunc(i.Queries, func(f formula) bool { return f.Name == one.Query })
		g.Rules = append(g.Rules, Rule{Record: one.Record, Expr: overSpan(i.Window.String(), i.Queries[at].Query)})
	}
	return g
}

// lengths returns the windows and the periods of all sets, each once, by length.
func lengths(sets []source[Windows]) []model.Duration {
	var all []model.Duration
	for _, set := range sets {
		all = append(all, set.value.Period)
		for _, w := range set.value.all() {
			all = append(all, w.Short, w.Long)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// burnRates returns the burn rates at which alerts fire, by severity, the highest first.
func burnRates(sets []source[Windows]) map[string][]float64 {
	rates := map[string][]float64{}
	for _, set := range sets {
		w := set.value
		rates["page"] = append(rates["page"], w.burnRate(w.Page.Quick), w.burnRate(w.Page.Slow))
		rates["ticket"] = append(rates["ticket"], w.burnRate(w.Ticket.Quick), w.burnRate(w.Ticket.Slow))
	}
	for severity := range rates {
		slices.Sort(rates[severity])
		slices.Reverse(rates[severity])
		rates[severity] = slices.Compact(rates[severity])
	}
	return rates
}

//go:embed templates
var templates embed.FS

// execute executes a template. Go files are formatted with gofmt.
func (i *indicators) execute(name string, windows []source[Windows]) ([]byte, error) {
	parsed, err := template.New(name).Funcs(template.FuncMap{
		"within":  overSpan,
		"scale":   scale,
		"title":   func(name string) string { return strings.ToUpper(name[:1]) + name[1:] },
		"text":    strconv.Quote,
		"seconds": func(d model.Duration) float64 { return time.Duration(d).Seconds() },
	}).ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, struct {
		*indicators

		Windows   []model.Duration
		BurnRates map[string][]float64
	}{i, lengths(windows), burnRates(windows)}); err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".go.tmpl") {
		return format.Source(out.Bytes())
	}
	return out.Bytes(), nil
}
