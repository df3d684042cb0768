package stack

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Process says how one process is started, what must be ready before it, and how it shows that it is ready itself.
type Process struct {
	Name    string // names the process in output, file names and Needs
	Summary string // what it is, for the table of URLs

	Path string   // executable; empty for a process that runs already and is only waited for
	Args []string // arguments, without the executable's name
	Env  []string // "NAME=value", over the stack's environment
	Dir  string   // working directory; empty for the stack's own

	Needs   []string // names of the processes that must be ready before this one starts; absent ones are ignored
	Address string   // host:port that it will bind, checked before the start; empty when it binds none
	Ready   Probe    // nil when it counts as ready once it is started
	URL     string   // for the table of URLs; may be empty

	Grace time.Duration // from SIGTERM to SIGKILL; 0: that of the stack

	// Optional says that the others do well without it: when it can't start that is said, and the start goes on.
	Optional bool
	// Last says that it is stopped once all others have ended, as what the others tell of their end.
	Last  bool
	Quiet bool // its output is printed only by a verbose stack; the log file has it all the same
}

// ErrUnknown marks the selection of a process that is not in the table.
var ErrUnknown = errors.New("unknown process")

// A name becomes part of a file name.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// validate reports names and addresses that clash, and needs that go round in a circle.
func validate(processes []Process) error {
	var faults []error
	addresses := make(map[string]string, len(processes))
	names := make(map[string]bool, len(processes))
	for _, p := range processes {
		switch {
		case !nameForm.MatchString(p.Name):
			faults = append(faults, fmt.Errorf("process name %q: only a-z, 0-9 and - are allowed", p.Name))
		case names[p.Name]:
			faults = append(faults, fmt.Errorf("process %s is there twice", p.Name))
		}
		names[p.Name] = true
		if other, taken := addresses[p.Address]; taken && p.Address != "" {
			faults = append(faults, fmt.Errorf("%s and %s both bind %s", other, p.Name, p.Address))
		}
		addresses[p.Address] = p.Name
	}
	if circle := findCircle(processes); circle != nil {
		faults = append(faults, fmt.Errorf("processes need each other in a circle: %s", strings.Join(circle, " -> ")))
	}
	return errors.Join(faults...)
}

// findCircle returns the names along one circle of needs, nil when there is none.
func findCircle(processes []Process) []string {
	needs := make(map[string][]string, len(processes))
	for _, p := range processes {
		needs[p.Name] = p.Needs
	}
	done := make(map[string]bool, len(processes))
	var walk func(path []string, name string) []string
	walk = func(path []string, name string) []string {
		for i, seen := range path {
			if seen == name {
				return append(path[i:], name)
			}
		}
		if done[name] {
			return nil
		}
		for _, need := range needs[name] {
			if circle := walk(append(path, name), need); circle != nil {
				return circle
			}
		}
		done[name] = true
		return nil
	}
	for _, p := range processes {
		if circle := walk(nil, p.Name); circle != nil {
			return circle
		}
	}
	return nil
}
