package stack

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

const tablePadding = 2

// announce prints where everything is.
func (s *Stack) announce(units []*unit, took time.Duration) {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintf(table, "\n  NAME\tURL\tPID\tWHAT\n")
	for _, u := range units {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", u.Name, orDash(u.URL), u.pidText(), u.Summary)
	}
	_ = table.Flush() // a builder takes everything
	s.console.say("all %d ready in %v", len(units), rounded(took))
	s.console.print(text.String() + "\n")
	s.console.say("Ctrl-C stops everything")
}

// sayMissing prints what is not ready yet, and why.
func (s *Stack) sayMissing(units []*unit) {
	for _, u := range units {
		if !u.isReady() {
			s.console.say("not ready yet: %s: %s", u.Name, u.missing())
		}
	}
}

// pidText is the id of the present run, or a dash when it has just ended or is somebody else's.
func (u *unit) pidText() string {
	if pid := u.pid.Load(); pid != 0 {
		return strconv.FormatInt(pid, 10)
	}
	return "-"
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
