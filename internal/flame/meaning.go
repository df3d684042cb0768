package flame

import (
	"fmt"
	"math"
	"strings"
)

// clear is how many times as much is called a difference. Two runs of the same load on a shared machine differ by less.
const clear = 1.5

// Figures that the paragraph is made of.
const (
	rowThroughput = "listsPerSecond"
	rowP50        = "listP50"
	rowP95        = "listP95"
	rowP99        = "listP99"
	rowScheduler  = "schedulerP99"
	rowCPU        = "cpu"
)

// meaning says in one paragraph what the figures of a report mean; it says so when they don't show a difference.
func meaning(r Report) string {
	var sentences []string
	if len(r.Rows) > 0 {
		sentences = append(sentences, aboutLists(r)...)
		sentences = append(sentences, aboutScheduler(r)...)
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

// times is how many times as large the second figure is.
func (row Row) times() float64 {
	if row.Base == 0 {
		return math.NaN()
	}
	return row.Compare / row.Base
}

// differs says whether a figure clearly went one way, and by how many times.
func (row Row) differs() (grew, shrank bool) {
	times := row.times()
	return times >= clear, times <= 1/clear
}

func aboutLists(r Report) []string {
	rate, haveRate := r.row(rowThroughput)
	slow, haveSlow := r.row(rowP99)
	if !haveRate || !haveSlow {
		return nil
	}
	more, fewer := rate.differs()
	slower, faster := slow.differs()
	figures := fmt.Sprintf("%s lists a second with %s and %s with %s; one list in a hundred took longer than %s and %s.",
		digits(rate.Base), r.Base.Label, digits(rate.Compare), r.Compare.Label, milliseconds(slow.Base), milliseconds(slow.Compare))
	switch {
	case !more && !fewer && !slower && !faster:
		return []string{"The lists show no clear difference: " + figures, "Measure for longer, or with more hashes at once, before concluding anything."}
	case (more || faster) && !fewer && !slower:
		return []string{fmt.Sprintf("The same clients got their lists sooner with %s: ", r.Compare.Label) + figures}
	case (fewer || slower) && !more && !faster:
		return []string{fmt.Sprintf("The same clients got their lists later with %s: ", r.Compare.Label) + figures}
	default:
		return []string{"The lists went both ways: " + figures}
	}
}

func milliseconds(value float64) string { return digits(value) + " ms" }

func aboutScheduler(r Report) []string {
	row, ok := r.row(rowScheduler)
	if !ok {
		return nil
	}
	waits := fmt.Sprintf("a goroutine that could run waited up to %s for a processor with %s and %s with %s (p99)",
		milliseconds(row.Base), r.Base.Label, milliseconds(row.Compare), r.Compare.Label)
	switch longer, shorter := row.differs(); {
	case shorter:
		return []string{"The scheduler says why: " + waits + "."}
	case longer:
		return []string{"The scheduler got worse: " + waits + "."}
	default:
		return []string{"The scheduler hardly differs: " + waits + "."}
	}
}

// aboutProfiles says how the totals differ, and which functions grew and shrank most.
func aboutProfiles(r Report) []string {
	total := Row{Base: float64(r.Base.Total), Compare: float64(r.Compare.Total)}
	totals := fmt.Sprintf("%s with %s, %s with %s", text(r.Base.Total, r.Unit), r.Base.Label, text(r.Compare.Total, r.Unit), r.Compare.Label)
	sentences := []string{fmt.Sprintf("The profiles' total went from one to the other by %s: %s.", orNothing(changed(total.Base, total.Compare)), totals)}
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

func orNothing(change string) string {
	if change == "the same" {
		return "nothing"
	}
	return change
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
