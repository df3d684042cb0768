package flame

import (
	"cmp"
	"slices"
)

// functionsShown is the number of functions that a report lists.
const functionsShown = 15

// functions sums the tree by function and returns the functions whose own value differs most. The total of a recursive function counts
// each sample once.
func functions(root *frame, most int) []Function {
	byName := map[string]*Function{}
	for _, child := range root.children {
		child.sumInto(byName, map[string]int{})
	}
	sums := make([]Function, 0, len(byName))
	for _, sum := range byName {
		sums = append(sums, *sum)
	}
	slices.SortFunc(sums, func(a, b Function) int {
		return cmp.Or(cmp.Compare(abs(b.Change()), abs(a.Change())), cmp.Compare(b.Base, a.Base), cmp.Compare(a.Name, b.Name))
	})
	return sums[:min(most, len(sums))]
}

// sumInto adds the frame and its descendants to byName; callers counts the functions on the path from the root.
func (f *frame) sumInto(byName map[string]*Function, callers map[string]int) {
	sum := byName[f.name]
	if sum == nil {
		sum = &Function{Name: f.name}
		byName[f.name] = sum
	}
	sum.Base += f.self[base]
	sum.Compare += f.self[compare]
	if callers[f.name] == 0 {
		sum.BaseTotal += f.total[base]
		sum.CompareTotal += f.total[compare]
	}
	callers[f.name]++
	for _, child := range f.children {
		child.sumInto(byName, callers)
	}
	callers[f.name]--
}

func abs(v int64) int64 { return max(v, -v) }
