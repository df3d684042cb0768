package experiment

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the parts of the page
	"encoding/base64"
	"fmt"
	"html/template"
)

// The parts of the page of a run.
var (
	//go:embed page/report.gohtml
	layout string
	//go:embed page/report.css
	style string
)

// Policy returns the Content-Security-Policy of a report, which forbids it all requests and scripts.
func Policy() string {
	sum := sha256.Sum256([]byte(style))
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'", base64.StdEncoding.EncodeToString(sum[:]))
}

// pageData is the data of the page's template.
type pageData struct {
	Result      Result
	Policy      string
	Style       template.CSS
	When, Until string
	Met         int
	Promises    []pagePromise
	Rows        []pageRow
	Plots       []plot
	Load, Setup []string
	Arms        []pageArm
}

type pagePromise struct{ Text, Bound, Got, Outcome, Class string }

type pageRow struct {
	Text  string
	Arms  []string
	Ratio string
}

type pageArm struct {
	Label string
	Set   []string
}

// report returns the page of a run, which needs no other file.
func report(r Result) ([]byte, error) {
	parsed, err := template.New("report").Parse(layout)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := parsed.Execute(&page, newPage(r)); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return page.Bytes(), nil
}

func newPage(r Result) pageData {
	const stamp = "2 January 2006, 15:04:05 MST"
	e := r.Experiment
	data := pageData{
		Result: r, Policy: Policy(), Style: template.CSS(style), //nolint:gosec // G203: our own file
		When: r.Started.Format(stamp), Until: r.Ended.Format("15:04:05"), Plots: plots(r), Load: e.Load(), Setup: e.Settings(),
	}
	for _, checked := range r.Verdict.Promises {
		data.Promises = append(data.Promises, newPromise(checked, r.Verdict))
		if checked.Outcome == Met {
			data.Met++
		}
	}
	for _, row := range r.Verdict.Table {
		data.Rows = append(data.Rows, newRow(row))
	}
	for _, arm := range e.Arms {
		data.Arms = append(data.Arms, pageArm{arm.Label, arm.Settings()})
	}
	return data
}

func newPromise(c Checked, v Verdict) pagePromise {
	p := pagePromise{Text: c.Promise.Text, Bound: v.Bound(c), Got: v.Measured(c), Outcome: string(c.Outcome), Class: "missed"}
	if c.Outcome == Met {
		p.Class = "met"
	}
	if c.Overlap {
		p.Outcome += ": the ranges overlap"
	}
	return p
}

func newRow(r Row) pageRow {
	row := pageRow{Text: r.Measure.Text, Ratio: "–"}
	for _, arm := range r.Arms {
		text := Quantity(r.Measure.Unit, arm.Median)
		if len(arm.Values) > 1 {
			text += fmt.Sprintf(" (%s to %s)", Quantity(r.Measure.Unit, arm.Least), Quantity(r.Measure.Unit, arm.Most))
		}
		row.Arms = append(row.Arms, text)
	}
	switch {
	case r.Overlap:
		row.Ratio = "the ranges overlap"
	case r.Ratio != nil:
		row.Ratio = Times(*r.Ratio)
	}
	return row
}
