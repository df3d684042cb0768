package stack

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

const tablePadding = 2

// announce prints the table of processes and URLs.
func (s *Stack) announce(units []*unit, took time.Duration) {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, tablePadding, ' ', 0)
	fmt.Fprintf(table, "\n  NAME\tURL\tPID\tSUMMARY\n")
	running := 0
	for _, u := range units {
		if u.isMissed() {
			continue
		}
		running++
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", u.Name, orDash(u.URL), u.pidText(), u.Summary)
	}
	_ = table.Flush() // writes to a strings.Builder do not fail
	s.console.say("%s ready in %v", outOf(running, len(units)), rounded(took))
	s.console.print(text.String() + "\n")
	if page := s.pageAmong(units); page != "" {
		s.console.say("open %s", page)
	}
	s.console.say("press Ctrl-C to stop")
}

// pageAmong returns the URL to open, "" if there is none.
func (s *Stack) pageAmong(units []*unit) string {
	for _, u := range units {
		if u.Name == s.cfg.Page && !u.isMissed() {
			return u.URL
		}
	}
	return ""
}

// sayMissing prints the processes that are not ready, with reasons.
func (s *Stack) sayMissing(units []*unit) {
	for _, u := range units {
		if !u.isReady() && !u.isMissed() {
			s.console.say("not ready yet: %s: %s", u.Name, u.missing())
		}
	}
}

// pidText returns the process id, or a dash if the process does not run or is external.
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

// outOf returns text such as "all 3" or "2 of 3".
func outOf(n, all int) string {
	if n == all {
		return fmt.Sprintf("all %d", all)
	}
	return fmt.Sprintf("%d of %d", n, all)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
