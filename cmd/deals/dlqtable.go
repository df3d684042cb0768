package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"deals.example/internal/queue"
)

const (
	timeLayout   = "2006-01-02 15:04:05"
	maxErrorText = 60 // characters of an error in the list
)

func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func printPages(out io.Writer, pages []queue.DeadPage) error {
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	dead := 0
	for _, page := range pages {
		if len(page.Jobs) > 0 && dead == 0 {
			fmt.Fprintf(table, "QUEUE\tID\tDIED\tATTEMPTS\tSTEP\tERROR\n")
		}
		dead += len(page.Jobs)
		for _, job := range page.Jobs {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d/%d\t%s\t%s\n", job.Queue, oneLine(job.ID), localTime(job.DiedAt),
				job.Attempts, job.MaxAttempts, job.FailedStep, short(oneLine(job.LastError)))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, page := range pages {
		fmt.Fprintf(out, "%s: %d dead, page %d of %d\n", page.Queue, page.Total, page.Page, page.Pages)
	}
	return nil
}

func printJob(out io.Writer, job queue.DeadJob) error {
	table := tabwriter.NewWriter(out, 0, 0, tablePadding, ' ', 0)
	replayed := time.Time{}
	if job.ReplayedAt != nil {
		replayed = *job.ReplayedAt
	}
	for _, row := range [][2]string{
		{"id", job.ID},
		{"queue", job.Queue},
		{"type", job.Type},
		{"payload", string(job.Payload)},
		{"attempts", fmt.Sprintf("%d of %d", job.Attempts, job.MaxAttempts)},
		{"failed step", job.FailedStep},
		{"last error", job.LastError},
		{"enqueued", localTime(job.EnqueuedAt)},
		{"died", localTime(job.DiedAt)},
		{"replayed", localTime(replayed)},
		{"trace", job.TraceID},
		{"correlation", job.CorrelationID},
	} {
		if row[1] != "" {
			fmt.Fprintf(table, "%s\t%s\n", row[0], oneLine(row[1]))
		}
	}
	return table.Flush()
}

// localTime returns "" for the zero time.
func localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(timeLayout)
}

// oneLine replaces control characters, which would break the table or the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

func short(text string) string {
	if runes := []rune(text); len(runes) > maxErrorText {
		return string(runes[:maxErrorText]) + "…"
	}
	return text
}
