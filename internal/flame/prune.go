package flame

import (
	"fmt"
	"slices"
)

// limits bound what is drawn.
type limits struct {
	share  float64 // frames of at most this share of either profile are left out
	depth  int     // of a stack, without the root
	frames int     // in the tree
}

// drawn returns the limits of a page. A frame of a thousandth is about a pixel wide.
func drawn() limits { return limits{share: 0.001, depth: 120, frames: 1500} }

// pruned describes what was left out of a tree. Its value stays with its callers.
type pruned struct {
	frames int
	share  float64 // frames of at most this share were left out
	cut    bool    // whether stacks were cut at the depth limit
}

// prune removes the frames beyond the limits.
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

// threshold returns the share that a frame must exceed to stay: to.share, or more when too many frames exceed that.
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

// count returns the number of frames, including the root.
func (f *frame) count() int {
	count := 0
	f.walk(0, func(*frame, int) bool { count++; return true })
	return count
}

// height returns the number of frames below this one in its deepest stack.
func (f *frame) height() int {
	height := 0
	f.walk(0, func(_ *frame, depth int) bool { height = max(height, depth); return true })
	return height
}

// notes returns what was left out, in sentences.
func (p pruned) notes() []string {
	var notes []string
	if p.frames > 0 {
		notes = append(notes, fmt.Sprintf("The graphs leave out %d frames of at most %.2g %% of each profile. Their values are part of their callers'.", p.frames, p.share*100))
	}
	if p.cut {
		notes = append(notes, fmt.Sprintf("Stacks are cut at %d frames.", drawn().depth))
	}
	return notes
}
