package flame

import (
	"fmt"
	"slices"
)

// limits bound what is drawn.
type limits struct {
	share  float64 // of either profile, under which a frame is left out
	depth  int     // frames in a stack, the root not counted
	frames int     // in all
}

// drawn are the limits of a page: a frame of a thousandth is a pixel wide.
func drawn() limits { return limits{share: 0.001, depth: 120, frames: 1500} }

// pruned says what was left out of a tree. What it took stays with its callers.
type pruned struct {
	frames int
	share  float64 // the smallest that was kept
	depth  int     // of the deepest stack, when that is over the limit
}

// prune leaves out the frames that are beyond the limits.
func (f *frame) prune(to limits) pruned {
	whole, before := f.total, f.count()
	keep, cut := threshold(f, to)
	result := pruned{share: keep}
	f.walk(0, func(f *frame, depth int) bool {
		if depth >= to.depth && len(f.children) > 0 {
			result.depth = max(result.depth, depth+f.height())
			f.children = nil
		}
		f.children = slices.DeleteFunc(f.children, func(child *frame) bool {
			share := child.share(whole)
			return share < keep || share <= cut
		})
		return true
	})
	result.frames = before - f.count()
	return result
}

// threshold returns the share that a frame needs to stay, and the one that it must be over since there are too many.
func threshold(root *frame, to limits) (keep, cut float64) {
	var shares []float64
	root.walk(0, func(f *frame, _ int) bool {
		shares = append(shares, f.share(root.total))
		return true
	})
	if len(shares) <= to.frames {
		return to.share, 0
	}
	slices.Sort(shares)
	slices.Reverse(shares)
	cut = shares[to.frames]
	return max(to.share, cut), cut
}

// count is the number of frames, the root among them.
func (f *frame) count() int {
	count := 0
	f.walk(0, func(*frame, int) bool { count++; return true })
	return count
}

// height is the number of frames under this one in its deepest stack.
func (f *frame) height() int {
	height := 0
	f.walk(0, func(_ *frame, depth int) bool { height = max(height, depth); return true })
	return height
}

// notes say what was left out, in sentences.
func (p pruned) notes() []string {
	var notes []string
	if p.frames > 0 {
		notes = append(notes, fmt.Sprintf("%d frames are not drawn: those under %.2g %% of both profiles. What they took stays with their callers.", p.frames, p.share*100))
	}
	if p.depth > 0 {
		notes = append(notes, fmt.Sprintf("Stacks are drawn %d deep; the deepest has %d frames.", drawn().depth, p.depth))
	}
	return notes
}
