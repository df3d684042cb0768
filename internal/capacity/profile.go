package capacity

import (
	"errors"
	"fmt"
	"strings"

	"deals.example/internal/slots"
)

// Profile is what a server can serve, and how requests wait for it.
type Profile struct {
	slots.Rules

	// A server slows down with load: service times are multiplied by 1 while at most SlowAbove of the slots are busy, and by a factor that
	// grows linearly from there to Slowdown when all of them are.
	SlowAbove float64 // share of the slots, 0 to 1
	Slowdown  float64 // factor, at least 1

	Abandoned Abandoned
}

// Abandoned is what becomes of requests whose caller has gone, or has no time left.
type Abandoned string

// What can become of them.
const (
	Drop  Abandoned = "drop"  // they leave the queue unserved, if they came with a deadline
	Serve Abandoned = "serve" // they are served, which is wasted
)

func (p Profile) check() error {
	var faults []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	refuse(p.Slots < 1, "capacity: got %d, want at least 1", p.Slots)
	refuse(p.Queue < 0, "queue: got %d, want at least 0", p.Queue)
	refuse(!p.Discipline.Known(), "discipline: got %q, want %s", p.Discipline, strings.Join(slots.DisciplineNames(), ", "))
	refuse(p.Target <= 0 || p.Interval < p.Target, "target: got %s, want more than 0 and at most the interval of %s", p.Target, p.Interval)
	refuse(p.SlowAbove < 0 || p.SlowAbove > 1, "slow above: got %g, want 0 to 1", p.SlowAbove)
	refuse(p.Slowdown < 1, "slowdown: got %g, want at least 1", p.Slowdown)
	refuse(p.Abandoned != Drop && p.Abandoned != Serve, "abandoned: got %q, want drop or serve", p.Abandoned)
	return errors.Join(faults...)
}

// factor returns by what the service time is multiplied while busy slots are busy.
func (p Profile) factor(busy int) float64 {
	share := float64(busy) / float64(p.Slots)
	if share <= p.SlowAbove || p.SlowAbove >= 1 {
		return 1
	}
	return 1 + (p.Slowdown-1)*min((share-p.SlowAbove)/(1-p.SlowAbove), 1)
}
