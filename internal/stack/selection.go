package stack

import (
	"fmt"
	"slices"
	"strings"
)

// Selection is the result of [Select].
type Selection struct {
	Processes []Process // selected, in the order of the table
	Added     []string  // not named in only, but dependencies of those
	LeftOut   []LeftOut // excluded dependencies of selected processes
}

// LeftOut is an excluded process and the selected processes that depend on it.
type LeftOut struct {
	Name     string
	NeededBy []string
}

// Select returns the processes named in only and their dependencies, or all processes if only is empty, except those named in without. The
// error wraps [ErrUnknown] if a name is not in the table.
func Select(processes []Process, only, without []string) (Selection, error) {
	if err := checkNames(processes, slices.Concat(only, without)); err != nil {
		return Selection{}, err
	}
	wanted := withNeeds(processes, only, without)

	var selection Selection
	for _, p := range processes {
		switch {
		case wanted[p.Name]:
			selection.Processes = append(selection.Processes, p)
			if len(only) > 0 && !slices.Contains(only, p.Name) {
				selection.Added = append(selection.Added, p.Name)
			}
		default:
			if by := neededBy(processes, p.Name, wanted); len(by) > 0 {
				selection.LeftOut = append(selection.LeftOut, LeftOut{Name: p.Name, NeededBy: by})
			}
		}
	}
	return selection, nil
}

func checkNames(processes []Process, asked []string) error {
	names := make([]string, len(processes))
	for i, p := range processes {
		names[i] = p.Name
	}
	var unknown []string
	for _, name := range asked {
		if !slices.Contains(names, name) {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("%w %s: allowed are %s", ErrUnknown, strings.Join(unknown, ", "), strings.Join(names, ", "))
}

// withNeeds returns the names in only and their transitive dependencies. It does not follow processes named in without.
func withNeeds(processes []Process, only, without []string) map[string]bool {
	wanted := make(map[string]bool, len(processes))
	var want func(name string)
	want = func(name string) {
		at := slices.IndexFunc(processes, func(p Process) bool { return p.Name == name })
		if at < 0 || wanted[name] || slices.Contains(without, name) {
			return
		}
		wanted[name] = true
		for _, need := range processes[at].Needs {
			want(need)
		}
	}
	for _, p := range processes {
		if len(only) == 0 || slices.Contains(only, p.Name) {
			want(p.Name)
		}
	}
	return wanted
}

func neededBy(processes []Process, name string, running map[string]bool) []string {
	var by []string
	for _, p := range processes {
		if running[p.Name] && slices.Contains(p.Needs, name) {
			by = append(by, p.Name)
		}
	}
	return by
}
