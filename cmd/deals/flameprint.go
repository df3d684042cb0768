package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"

	"deals.example/internal/flame"
	"deals.example/lab/heavyhash"
)

// flameProgress prints each step at its start, and its progress every two seconds.
func flameProgress(out io.Writer) func(heavyhash.Step) {
	var last time.Time
	return func(step heavyhash.Step) {
		switch {
		case step.Elapsed == 0:
			fmt.Fprintf(out, "[%d/%d] %s%s\n", step.Number, step.Of, step.Name, about(step.Takes))
		case time.Since(last) < progressEvery:
			return
		case step.Goroutines > 0:
			fmt.Fprintf(out, "      %s of %s: %d goroutines, %d of them runnable\n",
				step.Elapsed.Round(time.Second), step.Takes, step.Goroutines, step.Runnable)
		default:
			fmt.Fprintf(out, "      %s of %s\n", step.Elapsed.Round(time.Second), step.Takes)
		}
		last = time.Now()
	}
}

func about(takes time.Duration) string {
	if takes == 0 {
		return ""
	}
	return fmt.Sprintf(", %s", takes)
}

// printReport prints the figures, their meaning and the path of the page.
func printReport(out io.Writer, report flame.Report) error {
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	if len(report.Rows) > 0 {
		fmt.Fprintf(table, "\t%s\t%s\tCHANGE\n", report.Base.Label, report.Compare.Label)
	}
	for _, row := range report.Rows {
		base, compare, change := row.Texts()
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.Label, base, compare, change)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", report.Meaning)
	for _, note := range report.Notes {
		fmt.Fprintf(out, "- %s\n", note)
	}
	fmt.Fprintf(out, "\n%s\n", filepath.Join(report.Dir, flame.PageFile))
	return nil
}
