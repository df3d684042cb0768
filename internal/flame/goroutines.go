package flame

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// whereabouts is how many places of goroutines a report lists.
const whereabouts = 10

// goroutines counts, in two profiles of goroutines, how many were where: those places where most were. A side without a profile has none anywhere.
func goroutines(pair [sides]*profile.Profile, most int) []Count {
	byName := map[string]*[sides]int64{}
	for side, p := range pair {
		if p == nil {
			continue
		}
		for _, sample := range p.Sample {
			place := ownFunction(sample)
			if byName[place] == nil {
				byName[place] = &[sides]int64{}
			}
			byName[place][side] += sample.Value[0]
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

// noStack is where a goroutine is that has no function of Go's.
const noStack = "(no stack)"

// ownFunction is the innermost function that is not of Go's standard library, else the outermost of all.
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

// isStandard says whether a function is of the standard library: the first part of all other import paths has a dot, but for main.
func isStandard(function string) bool {
	first, _, _ := strings.Cut(packageOf(function), "/")
	return first != "main" && !strings.Contains(first, ".")
}
