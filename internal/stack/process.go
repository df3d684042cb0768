package stack

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Process describes a process: its command, its dependencies and its readiness probe.
type Process struct {
	Name    string // in output, file names and Needs
	Summary string // for the table of URLs

	Path string   // executable; empty for an external process, which is only probed
	Args []string // arguments, without the executable's name
	Env  []string // "NAME=value", in addition to the stack's environment
	Dir  string   // working directory; empty for that of the stack

	Needs   []string // processes that must be ready before this one starts; missing ones are ignored
	Address string   // host:port that it binds, checked before the start; may be empty
	Ready   Probe    // nil: ready when started
	URL     string   // for the table of URLs; may be empty

	Grace time.Duration // from SIGTERM to SIGKILL; 0 means Config.Grace

	// Optional processes that do not start are reported and skipped.
	Optional bool
	// Last processes are stopped after all others.
	Last  bool
	Quiet bool // do not print its output unless Config.Verbose is set
}

// ErrUnknown reports a name that no process has.
var ErrUnknown = errors.New("unknown process")

// Names are used in file names and URL paths.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// validate reports invalid or duplicate names, duplicate addresses and dependency cycles.
func validate(processes []Process) error {
	var faults []error
	addresses := make(map[string]string, len(processes))
	names := make(map[string]bool, len(processes))
	for _, p := range processes {
		switch {
		case !nameForm.MatchString(p.Name):
			faults = append(faults, fmt.Errorf("process name %q: allowed are a-z, 0-9 and -", p.Name))
		case names[p.Name]:
			faults = append(faults, fmt.Errorf("duplicate process name %s", p.Name))
		}
		names[p.Name] = true
		if other, taken := addresses[p.Address]; taken && p.Address != "" {
			faults = append(faults, fmt.Errorf("%s and %s both bind %s", other, p.Name, p.Address))
		}
		addresses[p.Address] = p.Name
	}
	if cycle := findCycle(processes); cycle != nil {
		faults = append(faults, fmt.Errorf("dependency cycle: %s", strings.Join(cycle, " -> ")))
	}
	return errors.Join(faults...)
}

// findCycle returns the names along one dependency cycle, nil if there is none.
func findCycle(processes []Process) []string {
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
			if cycle := walk(append(path, name), need); cycle != nil {
				return cycle
			}
		}
		done[name] = true
		return nil
	}
	for _, p := range processes {
		if cycle := walk(nil, p.Name); cycle != nil {
			return cycle
		}
	}
	return nil
}
