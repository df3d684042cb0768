package flame

import (
	"fmt"
	"strings"
)

// clearFactor is the factor from which a change counts as a difference. Two runs of the same load on a shared machine differ by less.
const clearFactor = 1.5

// meaning explains the figures of a report in one paragraph. It says so when they show no difference.
func meaning(r Report) string {
	sentences := append(aboutLists(r), aboutScheduler(r)...)
	sentences = append(sentences, aboutHashes(r)...)
	return strings.Join(append(sentences, aboutProfiles(r)...), " ")
}

func (r Report) row(id string) (Row, bool) {
	for _, row := range r.Rows {
		if row.ID == id {
			return row, true
		}
	}
	return Row{}, false
}

// trend returns 1 when the figure clearly grew, -1 when it clearly shrank, else 0.
func (row Row) trend() int {
	switch {
	case row.Compare > row.Base*clearFactor:
		return 1
	case row.Base > row.Compare*clearFactor:
		return -1
	default:
		return 0
	}
}

// verdict returns 1 when the figure is clearly better on the second side, -1 when it is clearly worse, else 0.
func (row Row) verdict() int {
	switch row.Better {
	case Higher:
		return row.trend()
	case Lower:
		return -row.trend()
	default:
		return 0
	}
}

func aboutLists(r Report) []string {
	rate, haveRate := r.row(RowThroughput)
	slow, haveSlow := r.row(RowP99)
	if !haveRate || !haveSlow {
		return nil
	}
	figures := fmt.Sprintf("%s lists per second with %s and %s with %s; p99 latency %s and %s.",
		digits(rate.Base), r.Base.Label, digits(rate.Compare), r.Compare.Label, milliseconds(slow.Base), milliseconds(slow.Compare))
	if rate.verdict() == 0 {
		figures = fmt.Sprintf("the p99 latency of %s lists per second was %s with %s and %s with %s.",
			digits(rate.Compare), milliseconds(slow.Base), r.Base.Label, milliseconds(slow.Compare), r.Compare.Label)
	}
	figures += aboutMedian(r, slow)
	worst, best := min(rate.verdict(), slow.verdict()), max(rate.verdict(), slow.verdict())
	switch {
	case worst == 0 && best == 0:
		return []string{"The lists show no clear difference: " + figures, "Measure for longer or with more concurrent hashes before you draw a conclusion."}
	case worst < 0 && best > 0:
		return []string{"Throughput and latency of the lists moved in opposite directions: " + figures}
	case best > 0:
		return []string{fmt.Sprintf("Lists are faster with %s: ", r.Compare.Label) + figures}
	default:
		return []string{fmt.Sprintf("Lists are slower with %s: ", r.Compare.Label) + figures}
	}
}

// aboutMedian reports a median that moved in the opposite direction of the p99.
func aboutMedian(r Report, slow Row) string {
	median, ok := r.row(RowP50)
	if !ok || median.verdict()*slow.verdict() >= 0 {
		return ""
	}
	return fmt.Sprintf(" The median moved in the opposite direction, from %s to %s.", milliseconds(median.Base), milliseconds(median.Compare))
}

func milliseconds(value float64) string { return digits(value) + " ms" }

func aboutScheduler(r Report) []string {
	row, ok := r.row(RowScheduler)
	if !ok {
		return nil
	}
	waits := fmt.Sprintf("a runnable goroutine waited up to %s for a processor with %s and %s with %s (p99).",
		milliseconds(row.Base), r.Base.Label, milliseconds(row.Compare), r.Compare.Label)
	switch row.verdict() {
	case 1:
		return []string{"The run queue is shorter: " + waits}
	case -1:
		return []string{"The run queue is longer: " + waits}
	default:
		return []string{"The run queue shows no clear difference: " + waits}
	}
}

// aboutHashes reports what the gain of the lists cost the hashes.
func aboutHashes(r Report) []string {
	done, haveDone := r.row(RowHashes)
	refused, haveRefused := r.row(RowRefused)
	if !haveDone || !haveRefused {
		return nil
	}
	sentence := fmt.Sprintf("%s hashes per second were computed with %s and %s with %s",
		digits(done.Base), r.Base.Label, digits(done.Compare), r.Compare.Label)
	if refused.Base+refused.Compare > 0 {
		sentence += fmt.Sprintf("; %s and %s per second were refused", digits(refused.Base), digits(refused.Compare))
	}
	return []string{sentence + "."}
}

// aboutProfiles reports the totals of the profiles, and the functions that grew and shrank most.
func aboutProfiles(r Report) []string {
	sentences := []string{fmt.Sprintf("The profiles add up to %s with %s and %s with %s.",
		text(r.Base.Total, r.Unit), r.Base.Label, text(r.Compare.Total, r.Unit), r.Compare.Label)}
	var moves []string
	if grew, ok := largest(r.Functions, 1); ok {
		moves = append(moves, fmt.Sprintf("%s grew most (%s)", shortName(grew.Name), signed(grew.Change(), r.Unit)))
	}
	if shrank, ok := largest(r.Functions, -1); ok {
		moves = append(moves, fmt.Sprintf("%s shrank most (%s)", shortName(shrank.Name), signed(shrank.Change(), r.Unit)))
	}
	if len(moves) == 0 {
		return append(sentences, "No function differs.")
	}
	return append(sentences, "Without callees, "+strings.Join(moves, " and ")+".")
}

// largest returns the function whose own value changed most in a direction, 1 or -1.
func largest(functions []Function, direction int64) (found Function, ok bool) {
	for _, function := range functions {
		if step := function.Change() * direction; step > 0 && (!ok || step > found.Change()*direction) {
			found, ok = function, true
		}
	}
	return found, ok
}
