package k6

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"deals.example/internal/strict"
)

const catalogFile = "scenarios/catalog.yaml"

var validID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Load returns the catalog that the program brings along.
func Load() (Catalog, error) { return LoadFrom(Files) }

// LoadFrom reads scenarios/catalog.yaml, with the scripts beside it. The error joins one strict.Fault for each mistake.
func LoadFrom(fsys fs.FS) (Catalog, error) {
	text, err := fs.ReadFile(fsys, catalogFile)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	var file struct{ Scenarios Catalog }
	v := validator{Document: strict.YAML(catalogFile, text, &file), fsys: fsys, promQL: parser.NewParser(parser.Options{})}
	v.catalog(file.Scenarios)
	if err := v.Err(); err != nil {
		return nil, err
	}
	return file.Scenarios, nil
}

// validator collects what is wrong with a catalog.
type validator struct {
	*strict.Document

	fsys   fs.FS
	promQL parser.Parser
}

func (v validator) catalog(c Catalog) {
	v.Expect(len(c) > 0, "scenarios", "is empty")
	ids, defaults := map[string]bool{}, 0
	for i, scenario := range c {
		path := fmt.Sprintf("scenarios[%d]", i)
		v.id(path, scenario.ID, ids)
		if scenario.Default {
			defaults++
		}
		v.Expect(defaults <= 1, path+".default", "is true already for another scenario")
		v.scenario(path, scenario)
	}
}

// id checks that an id is one, and was not seen before.
func (v validator) id(path, id string, seen map[string]bool) {
	v.Want(validID.MatchString(id), path+".id", id, "lower-case words, joined by hyphens")
	v.Want(!seen[id], path+".id", id, "each id once")
	seen[id] = true
}

func (v validator) scenario(path string, s Scenario) {
	info, err := fs.Stat(v.fsys, s.Script())
	v.Expect(err == nil && !info.IsDir(), path+".id", "there is no script "+s.Script())
	v.text(path+".label", s.Label)
	v.text(path+".summary", s.Summary)
	v.text(path+".explanation", s.Explanation)
	v.text(path+".lookFor", s.LookFor)
	r := s.Intensity
	v.Want(0 < r.Min && r.Min <= r.Default && r.Default <= r.Max, path+".intensity",
		fmt.Sprintf("min %g, default %g, max %g", r.Min, r.Default, r.Max), "0 < min <= default <= max")
	v.Want(s.Lasts > 0, path+".lasts", s.Lasts, "more than 0s")
	v.Expect(len(s.Expectations) > 0, path+".expectations", "is empty")
	ids := map[string]bool{}
	for i, expectation := range s.Expectations {
		at := fmt.Sprintf("%s.expectations[%d]", path, i)
		v.id(at, expectation.ID, ids)
		v.expectation(at, expectation)
	}
}

func (v validator) text(path, text string) {
	v.Expect(strings.TrimSpace(text) != "", path, "is empty")
}

func (v validator) expectation(path string, e Expectation) {
	v.text(path+".text", e.Text)
	v.query(path+".query", e.Query)
	v.Expect((e.Above == nil) != (e.Below == nil), path, "must have either above or below")
	v.Want(e.Within > 0, path+".within", e.Within, "more than 0s")
}

// query checks that PromQL parses and gives one instant's values.
func (v validator) query(path, text string) {
	expression, err := v.promQL.ParseExpr(text)
	if err != nil {
		v.Want(false, path, text, "PromQL ("+err.Error()+")")
		return
	}
	kind := expression.Type()
	v.Want(kind == parser.ValueTypeVector || kind == parser.ValueTypeScalar, path, text, "PromQL whose result is one number, not a "+string(kind))
}
