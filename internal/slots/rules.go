package slots

import (
	"slices"
	"time"
)

// Discipline is how a queue admits and serves.
type Discipline string

// The disciplines.
const (
	// FIFO serves the oldest request first and refuses requests once the queue is full.
	FIFO Discipline = "fifo"
	// Unbounded serves the oldest request first and refuses none until MaxWaiting wait, which only bounds the memory.
	Unbounded Discipline = "unbounded"
	// LIFOCoDel is adaptive LIFO with controlled delay (Maurer, "Fail at Scale", ACM Queue 13(8), 2015). Once the queue has not been
	// empty for the interval, it serves the newest request first and refuses a request that waits longer than the target; otherwise it
	// is FIFO, and the longest wait is the interval.
	LIFOCoDel Discipline = "lifo-codel"
)

// MaxWaiting is how many requests may wait in an Unbounded queue.
const MaxWaiting = 10_000

// Disciplines lists all disciplines.
func Disciplines() []Discipline { return []Discipline{FIFO, Unbounded, LIFOCoDel} }

// Known reports whether there is such a discipline.
func (d Discipline) Known() bool { return slices.Contains(Disciplines(), d) }

// DisciplineNames lists the disciplines as settings spell them.
func DisciplineNames() []string {
	names := make([]string, 0, len(Disciplines()))
	for _, d := range Disciplines() {
		names = append(names, string(d))
	}
	return names
}

// Rules are how many requests are served at a time and how others wait. They may differ from one call to the next.
type Rules struct {
	Slots      int // requests served at a time
	Queue      int // requests that may wait; Unbounded takes MaxWaiting if that is more
	Discipline Discipline
	Target     time.Duration // of LIFOCoDel: the longest wait while the queue stays full
	Interval   time.Duration // of LIFOCoDel: the longest wait otherwise, and how long a queue may go without being empty
	Patience   time.Duration // of the other disciplines: the longest wait; 0 is no limit

	// Fair lets tenants take turns: of the waiting requests of a level, the oldest of the tenant that was served longest ago is next. A full
	// queue refuses the newest request of the tenant that has the most. It ignores the discipline.
	Fair bool
}

// patience returns the longest wait of a request that arrives in an overloaded queue or in another one; 0 is no limit.
func (r Rules) patience(overloaded bool) time.Duration {
	switch {
	case r.Discipline != LIFOCoDel:
		return r.Patience
	case overloaded:
		return r.Target
	default:
		return r.Interval
	}
}

// room returns how many requests may wait.
func (r Rules) room() int {
	if r.Discipline == Unbounded {
		return max(r.Queue, MaxWaiting)
	}
	return r.Queue
}
