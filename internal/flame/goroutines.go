package flame

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// goroutinesShown is the number of functions with goroutines that a report lists.
const goroutinesShown = 10

// goroutines counts the goroutines of two goroutine profiles by function and returns the functions with most of them. A profile may be nil.
func goroutines(pair [sides]*profile.Profile, most int) []Count {
	byName := map[string]*[sides]int64{}
	for side, p := range pair {
		if p == nil {
			continue
		}
		for _, sample := range p.Sample {
			name := ownFunction(sample)
			if byName[name] == nil {
				byName[name] = &[sides]int64{}
			}
			byName[name][side] += sample.Value[0]
		}
	}
	counts := make([]Count, 0, len(byName))
	for name, count := range byName {
		counts = append(counts, Count{Name: name, Base: count[base], Compare: count[compare]})
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Base+b.Compare, a.Base+a.Compare), cmp.Compare(a.Name, b.Name))
	})
	return counts[:min(most, len(counts))]
}

// noStack is the function of a goroutine without a stack.
const noStack = "(no stack)"

// ownFunction returns the innermost function outside the standard library, else the outermost function.
func ownFunction(sample *profile.Sample) string {
	outermost := noStack
	for _, location := range sample.Location {
		for _, name := range slices.Backward(names(location)) {
			if outermost = name; !isStandard(name) {
				return name
			}
		}
	}
	return outermost
}

// isStandard reports whether a function is in the standard library. The first element of other import paths has a dot, except for main.
func isStandard(function string) bool {
	first, _, _ := strings.Cut(packageOf(function), "/")
	return first != "main" && !strings.Contains(first, ".")
}
