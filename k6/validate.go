package k6

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

const catalogFile = "scenarios/catalog.yaml"

var validID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Load returns the catalog that the program brings along.
func Load() (Catalog, error) { return LoadFrom(Files) }

// LoadFrom reads scenarios/catalog.yaml, with the scripts beside it. The error names every fault at once: the entry, the field, what was
// got and what is allowed.
func LoadFrom(fsys fs.FS) (Catalog, error) {
	text, err := fs.ReadFile(fsys, catalogFile)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	var file struct{ Scenarios Catalog }
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", catalogFile, err)
	}
	v := validator{fsys: fsys, promQL: parser.NewParser(parser.Options{})}
	v.catalog(file.Scenarios)
	if len(v.faults) > 0 {
		return nil, errors.Join(v.faults...)
	}
	return file.Scenarios, nil
}

// validator collects what is wrong with a catalog.
type validator struct {
	fsys   fs.FS
	promQL parser.Parser
	entry  string // that is looked at
	faults []error
}

// refuse adds a fault: the field of the entry, what was got and what is allowed.
func (v *validator) refuse(field, got, allowed string) {
	v.faults = append(v.faults, fmt.Errorf("%s: %s: %s is %s; allowed: %s", catalogFile, v.entry, field, got, allowed))
}

func (v *validator) catalog(c Catalog) {
	v.entry = "scenarios"
	if len(c) == 0 {
		v.refuse("list", "empty", "at least one scenario")
	}
	ids, defaults := map[string]bool{}, 0
	for i, scenario := range c {
		v.entry = entryName(scenario.ID, "scenario", i)
		v.id(scenario.ID, ids)
		if scenario.Default {
			defaults++
		}
		v.scenario(scenario)
	}
	v.entry = "scenarios"
	if defaults > 1 {
		v.refuse("default", fmt.Sprintf("true in %d", defaults), "in at most one")
	}
}

// entryName is the id of an entry, else its number.
func entryName(id, kind string, index int) string {
	if id == "" {
		return fmt.Sprintf("%s %d", kind, index+1)
	}
	return id
}

// id checks that an id is one, and was not seen before.
func (v *validator) id(id string, seen map[string]bool) {
	switch {
	case !validID.MatchString(id):
		v.refuse("id", strconv.Quote(id), "lower-case words, joined by hyphens")
	case seen[id]:
		v.refuse("id", strconv.Quote(id)+" again", "each id once")
	}
	seen[id] = true
}

func (v *validator) scenario(s Scenario) {
	v.script(s)
	v.texts(map[string]string{"label": s.Label, "summary": s.Summary, "explanation": s.Explanation, "lookFor": s.LookFor})
	v.intensity(s.Intensity)
	if s.Lasts <= 0 {
		v.refuse("lasts", s.Lasts.String(), "more than 0s")
	}
	if len(s.Expectations) == 0 {
		v.refuse("expectations", "empty", "at least one")
	}
	ids := map[string]bool{}
	for i, expectation := range s.Expectations {
		v.entry = s.ID + "/" + entryName(expectation.ID, "expectation", i)
		v.id(expectation.ID, ids)
		v.expectation(expectation)
	}
}

func (v *validator) script(s Scenario) {
	script := s.Script()
	if info, err := fs.Stat(v.fsys, script); err != nil || info.IsDir() {
		v.refuse("script", "missing", "a file "+script)
	}
}

func (v *validator) texts(fields map[string]string) {
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if strings.TrimSpace(fields[field]) == "" {
			v.refuse(field, "empty", "a text")
		}
	}
}

func (v *validator) intensity(r Range) {
	if r.Min <= 0 || r.Min > r.Default || r.Default > r.Max {
		v.refuse("intensity", fmt.Sprintf("min %g, default %g, max %g", r.Min, r.Default, r.Max), "0 < min <= default <= max")
	}
}

func (v *validator) expectation(e Expectation) {
	v.texts(map[string]string{"text": e.Text})
	v.query(e.Query)
	if (e.Above == nil) == (e.Below == nil) {
		v.refuse("bound", "none or two", "exactly one of above and below")
	}
	if e.Within <= 0 {
		v.refuse("within", e.Within.String(), "more than 0s")
	}
}

// query checks that PromQL parses and gives one instant's values.
func (v *validator) query(text string) {
	expression, err := v.promQL.ParseExpr(text)
	if err != nil {
		v.refuse("query", strconv.Quote(text), "PromQL ("+err.Error()+")")
		return
	}
	if kind := expression.Type(); kind != parser.ValueTypeVector && kind != parser.ValueTypeScalar {
		v.refuse("query", "a "+string(kind), "PromQL whose result is one number")
	}
}
