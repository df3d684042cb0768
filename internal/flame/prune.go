package flame

import (
	"fmt"
	"slices"
)

// limits bound what is drawn.
type limits struct {
	share  float64 // of either profile, up to which a frame is left out
	depth  int     // frames in a stack, the root not counted
	frames int     // in all
}

// drawn are the limits of a page: a frame of a thousandth is a pixel wide.
func drawn() limits { return limits{share: 0.001, depth: 120, frames: 1500} }

// pruned says what was left out of a tree. What it took stays with its callers.
type pruned struct {
	frames int
	share  float64 // up to which they were left out
	cut    bool    // some stacks were deeper than may be
}

// prune leaves out the frames that are beyond the limits.
func (f *frame) prune(to limits) pruned {
	whole, before := f.total, f.count()
	result := pruned{share: threshold(f, to), cut: f.height() > to.depth}
	f.walk(0, func(f *frame, depth int) bool {
		f.children = slices.DeleteFunc(f.children, func(child *frame) bool {
			return depth == to.depth || child.share(whole) <= result.share
		})
		return true
	})
	result.frames = before - f.count()
	return result
}

// threshold returns the share that a frame must be over to stay; higher than asked for when there are too many.
func threshold(root *frame, to limits) float64 {
	var shares []float64
	root.walk(0, func(f *frame, _ int) bool {
		shares = append(shares, f.share(root.total))
		return true
	})
	if len(shares) <= to.frames {
		return to.share
	}
	slices.Sort(shares)
	return max(to.share, shares[len(shares)-1-to.frames])
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
		notes = append(notes, fmt.Sprintf("Not drawn are frames of at most %.2g %% of each profile, %d of them. What they took stays with their callers.", p.share*100, p.frames))
	}
	if p.cut {
		notes = append(notes, fmt.Sprintf("Stacks are drawn %d frames deep; some are deeper.", drawn().depth))
	}
	return notes
}
