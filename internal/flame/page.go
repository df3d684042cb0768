package flame

import (
	"crypto/sha256"
	_ "embed" // for the parts of the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

// The parts of the page. Script and style are the same in every report, so a policy can allow them by their hashes.
var (
	//go:embed page/report.gohtml
	layout string
	//go:embed page/report.css
	style string
	//go:embed page/report.js
	script string
)

// sources returns the hashes of the inline script and style.
func sources() PageSources { return PageSources{Script: hashOf(script), Style: hashOf(style)} }

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// policy forbids the page all requests, even to its own origin.
func policy() string {
	allowed := sources()
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; base-uri 'none'; form-action 'none'", allowed.Script, allowed.Style)
}

// pageData is the data of the page's template.
type pageData struct {
	Report                          Report
	Policy                          string
	Style                           template.CSS
	Script                          template.JS
	When, What                      string
	Rows                            []pageRow
	Functions                       []pageFunction
	Base, Compare, Diff             graph
	BaseFile, CompareFile, DiffFile string
}

type pageRow struct{ Label, Base, Compare, Change, Verdict string }

type pageFunction struct{ Name, Base, Compare, Change, Direction, BaseTotal, CompareTotal string }

// page returns a function that writes the page of a report.
func page(r Report, root *frame) func(io.Writer) error {
	return func(out io.Writer) error {
		parsed, err := template.New("report").Parse(layout)
		if err != nil {
			return err
		}
		return parsed.Execute(out, newPage(r, root))
	}
}

func newPage(r Report, root *frame) pageData {
	data := pageData{
		Report: r, Policy: policy(),
		Style: template.CSS(style), Script: template.JS(script), //nolint:gosec // G203: our own files
		When: r.Created.Format("2 January 2006, 15:04:05 MST") + covered(r), What: what(r.SampleType),
		BaseFile: BaseFile, CompareFile: CompareFile, DiffFile: DiffFile,
	}
	for _, row := range r.Rows {
		data.Rows = append(data.Rows, newRow(row))
	}
	for _, function := range r.Functions {
		data.Functions = append(data.Functions, newFunction(function, r.Unit))
	}
	title := titles(r)
	data.Base = named("base", r.Base.Label, text(r.Base.Total, r.Unit), draw(root, sideOf(base, title)))
	data.Compare = named("compare", r.Compare.Label, text(r.Compare.Total, r.Unit), draw(root, sideOf(compare, title)))
	data.Diff = named("diff", fmt.Sprintf("Difference, from %s to %s", r.Base.Label, r.Compare.Label), signed(r.Compare.Total-r.Base.Total, r.Unit), draw(root, differential(root, title)))
	return data
}

func named(id, label, total string, g graph) graph {
	g.ID, g.Label, g.Total = id, label, total
	return g
}

func covered(r Report) string {
	if r.Base.Seconds == 0 {
		return ""
	}
	return fmt.Sprintf(" · %s each", seconds(int64(r.Base.Seconds*1e9)))
}

// what returns the name of a sample type for people.
func what(sampleType string) string {
	if sampleType == "cpu" {
		return "CPU time"
	}
	return sampleType
}

func newRow(row Row) pageRow {
	shown := pageRow{Label: row.Label}
	shown.Base, shown.Compare, shown.Change = row.Texts()
	shown.Verdict = map[int]string{1: "better", -1: "worse"}[row.verdict()]
	return shown
}

// Texts formats the two values and the change for people.
func (row Row) Texts() (base, compare, change string) {
	return figure(row.Base, row.Unit), figure(row.Compare, row.Unit), changed(row.Base, row.Compare)
}

func figure(value float64, unit string) string {
	if unit == "" {
		return digits(value)
	}
	return digits(value) + " " + unit
}

func newFunction(f Function, unit string) pageFunction {
	direction := "grew"
	if f.Change() < 0 {
		direction = "shrank"
	}
	return pageFunction{
		Name: f.Name, Base: text(f.Base, unit), Compare: text(f.Compare, unit), Change: signed(f.Change(), unit), Direction: direction,
		BaseTotal: text(f.BaseTotal, unit), CompareTotal: text(f.CompareTotal, unit),
	}
}

// titles returns a function that formats a frame's tooltip: its name on one line, its values on the next.
func titles(r Report) func(*frame) string {
	return func(f *frame) string {
		part := func(side int, of Side) string {
			return fmt.Sprintf("%s %s, %s", of.Label, text(f.total[side], r.Unit), percent(ratio(f.total[side], of.Total)))
		}
		return fmt.Sprintf("%s\n%s · %s · %s", f.name, part(base, r.Base), part(compare, r.Compare), signed(f.total[compare]-f.total[base], r.Unit))
	}
}
