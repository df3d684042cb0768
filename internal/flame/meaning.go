package flame

import (
	"fmt"
	"strings"
)

// marked is how many times as much is called a difference. Two runs of the same load on a shared machine differ by less.
const marked = 1.5

// Figures that the paragraph is made of.
const (
	rowThroughput = "listsPerSecond"
	rowP50        = "listP50"
	rowP95        = "listP95"
	rowP99        = "listP99"
	rowScheduler  = "schedulerP99"
	rowHashes     = "hashesPerSecond"
	rowRefused    = "hashesRefused"
)

// meaning says in one paragraph what the figures of a report mean; it says so when they don't show a difference.
func meaning(r Report) string {
	var sentences []string
	if len(r.Rows) > 0 {
		sentences = append(sentences, aboutLists(r)...)
		sentences = append(sentences, aboutScheduler(r)...)
		sentences = append(sentences, aboutHashes(r)...)
	}
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

// trend is 1 for a figure that clearly grew from the first side to the second, -1 for one that shrank, else 0.
func (row Row) trend() int {
	switch {
	case row.Compare > row.Base*marked:
		return 1
	case row.Base > row.Compare*marked:
		return -1
	default:
		return 0
	}
}

// verdict is 1 for a figure that is clearly better on the second side, -1 for one that is worse, else 0.
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
	rate, haveRate := r.row(rowThroughput)
	slow, haveSlow := r.row(rowP99)
	if !haveRate || !haveSlow {
		return nil
	}
	figures := fmt.Sprintf("%s lists a second with %s and %s with %s; one in a hundred took longer than %s with the one and %s with the other.",
		digits(rate.Base), r.Base.Label, digits(rate.Compare), r.Compare.Label, milliseconds(slow.Base), milliseconds(slow.Compare))
	figures += aboutMedian(r, slow)
	worst, best := min(rate.verdict(), slow.verdict()), max(rate.verdict(), slow.verdict())
	switch {
	case worst == 0 && best == 0:
		return []string{"The lists show no clear difference: " + figures, "Measure for longer, or with more hashes at once, before concluding anything."}
	case worst < 0 && best > 0:
		return []string{"The lists went both ways: " + figures}
	case best > 0:
		return []string{fmt.Sprintf("The same clients got their lists sooner with %s: ", r.Compare.Label) + figures}
	default:
		return []string{fmt.Sprintf("The same clients got their lists later with %s: ", r.Compare.Label) + figures}
	}
}

// aboutMedian says so when the typical list went the other way than the slowest.
func aboutMedian(r Report, slow Row) string {
	typical, ok := r.row(rowP50)
	if !ok || typical.verdict()*slow.verdict() >= 0 {
		return ""
	}
	return fmt.Sprintf(" The typical list went the other way, from %s to %s.", milliseconds(typical.Base), milliseconds(typical.Compare))
}

func milliseconds(value float64) string { return digits(value) + " ms" }

func aboutScheduler(r Report) []string {
	row, ok := r.row(rowScheduler)
	if !ok {
		return nil
	}
	waits := fmt.Sprintf("a goroutine that could run waited up to %s for a processor with %s and %s with %s (p99)",
		milliseconds(row.Base), r.Base.Label, milliseconds(row.Compare), r.Compare.Label)
	switch row.verdict() {
	case 1:
		return []string{"The run queue is shorter: " + waits + "."}
	case -1:
		return []string{"The run queue is longer: " + waits + "."}
	default:
		return []string{"The run queue hardly differs: " + waits + "."}
	}
}

// aboutHashes says what the lists' gain cost the hashes.
func aboutHashes(r Report) []string {
	done, haveDone := r.row(rowHashes)
	refused, haveRefused := r.row(rowRefused)
	if !haveDone || !haveRefused {
		return nil
	}
	sentence := fmt.Sprintf("%s hashes a second were computed with %s and %s with %s",
		digits(done.Base), r.Base.Label, digits(done.Compare), r.Compare.Label)
	if refused.Base+refused.Compare > 0 {
		sentence += fmt.Sprintf("; %s and %s a second were refused", digits(refused.Base), digits(refused.Compare))
	}
	return []string{sentence + "."}
}

// aboutProfiles says what the profiles add up to, and which functions grew and shrank most.
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
	return append(sentences, "By itself, "+strings.Join(moves, " and ")+".")
}

// largest is the function whose own value went furthest in a direction.
func largest(functions []Function, direction int64) (found Function, ok bool) {
	for _, function := range functions {
		if step := function.Change() * direction; step > 0 && (!ok || step > found.Change()*direction) {
			found, ok = function, true
		}
	}
	return found, ok
}
