package flame

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// frame is a function at one place in the call tree, with its value in each profile: its own, and with its callees.
type frame struct {
	name        string
	self, total [sides]int64
	children    []*frame // sorted by their value in both profiles together, largest first

	byName map[string]*frame
}

// rootName is the name of the root, which all stacks share.
const rootName = "all"

// newTree merges the stacks of both profiles into one tree; index selects the sample value.
func newTree(profiles [sides]*profile.Profile, index int) *frame {
	root := &frame{name: rootName}
	for side, p := range profiles {
		for _, sample := range p.Sample {
			root.add(sample, side, sample.Value[index])
		}
	}
	root.sort()
	return root
}

// Limits on the tree of an untrusted profile. Go's own stacks have at most 128 frames.
const (
	maxStack = 1000 // frames
	maxName  = 500  // bytes
)

// add adds a sample to the tree.
func (f *frame) add(sample *profile.Sample, side int, value int64) {
	f.total[side] += value
	for _, name := range stack(sample) {
		f = f.child(name)
		f.total[side] += value
	}
	f.self[side] += value
}

// stack returns the functions of a sample, outermost first. Functions beyond maxStack are dropped: their value goes to the last one kept.
func stack(sample *profile.Sample) []string {
	var found []string
	for _, location := range slices.Backward(sample.Location) { // innermost first
		found = append(found, names(location)...)
	}
	return found[:min(len(found), maxStack)]
}

// names returns the functions at a location, the caller first, or its address when it has none.
func names(location *profile.Location) []string {
	var found []string
	for _, line := range slices.Backward(location.Line) {
		if line.Function != nil {
			found = append(found, bounded(withoutTypes(line.Function.Name)))
		}
	}
	if len(found) == 0 {
		return []string{fmt.Sprintf("0x%x", location.Address)}
	}
	return found
}

func bounded(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName], "") + "…"
}

func (f *frame) child(name string) *frame {
	if found := f.byName[name]; found != nil {
		return found
	}
	if f.byName == nil {
		f.byName = map[string]*frame{}
	}
	made := &frame{name: name}
	f.byName[name] = made
	f.children = append(f.children, made)
	return made
}

func (f *frame) sort() {
	slices.SortFunc(f.children, func(a, b *frame) int {
		return cmp.Or(cmp.Compare(b.both(), a.both()), cmp.Compare(a.name, b.name))
	})
	for _, child := range f.children {
		child.sort()
	}
}

// both returns the frame's total in both profiles together.
func (f *frame) both() int64 { return f.total[base] + f.total[compare] }

// share returns the frame's share of the whole, in the profile where that is larger.
func (f *frame) share(whole [sides]int64) float64 {
	return max(ratio(f.total[base], whole[base]), ratio(f.total[compare], whole[compare]))
}

func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// walk calls visit for the frame and its descendants, callers before callees, with their depth. It skips the children of a frame for which
// visit returns false.
func (f *frame) walk(depth int, visit func(f *frame, depth int) (deeper bool)) {
	if !visit(f, depth) {
		return
	}
	for _, child := range f.children {
		child.walk(depth+1, visit)
	}
}
