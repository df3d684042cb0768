package flame

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
)

// graph is a tree as it is drawn: a row for each level, the root on top.
type graph struct {
	ID, Label string
	Total     string // of the root
	Height    int    // pixels
	Boxes     []box
}

// box is a frame as it is drawn. Places and widths are in percent of the whole.
type box struct {
	Node     int // of the tree: the same in all graphs of a report
	Level    int // from 1, the root
	X, Width string
	Y        int // pixels
	Class    string
	Short    string
	Title    string
}

const rowHeight = 19 // pixels, of which the last is a gap

// painter draws one of a report's graphs.
type painter struct {
	width func(*frame) int64  // what a frame's width stands for
	class func(*frame) string // its colour
	title func(*frame) string
	whole float64 // width of the root
	graph graph
	node  int
}

func draw(root *frame, p painter) graph {
	p.whole = float64(p.width(root))
	p.frame(root, 0, 0)
	p.graph.Height *= rowHeight
	return p.graph
}

// frame draws a frame and those below it, the first at its left edge. Frames that took nothing are counted and not drawn.
func (p *painter) frame(f *frame, level int, left int64) {
	node := p.node
	p.node++
	if width := p.width(f); width > 0 {
		p.graph.Height = max(p.graph.Height, level+1)
		p.graph.Boxes = append(p.graph.Boxes, box{
			Node: node, Level: level + 1,
			X: p.place(left), Width: p.place(width), Y: level * rowHeight,
			Class: p.class(f), Short: shortName(f.name), Title: p.title(f),
		})
	}
	for _, child := range f.children {
		p.frame(child, level+1, left)
		left += p.width(child)
	}
}

func (p *painter) place(value int64) string {
	return strconv.FormatFloat(float64(value)/p.whole*100, 'f', 4, 64) + "%"
}

// sideOf draws what the frames took in one of the profiles.
func sideOf(side int, title func(*frame) string) painter {
	return painter{
		width: func(f *frame) int64 { return f.total[side] },
		class: func(f *frame) string { return warm(f.name) },
		title: title,
	}
}

// differential draws both profiles one on the other, so that what is only in one of them shows too; the colour says which way it went.
func differential(root *frame, title func(*frame) string) painter {
	var most float64
	root.walk(0, func(f *frame, _ int) bool {
		most = max(most, math.Abs(f.change()))
		return true
	})
	return painter{
		width: (*frame).both,
		class: func(f *frame) string { return heat(f.change(), most) },
		title: title,
	}
}

// change is how much more the frame took in the second profile.
func (f *frame) change() float64 { return float64(f.total[compare] - f.total[base]) }

const warmColours = 8

// warm is a colour for a package.
func warm(name string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(packageOf(name))) // a hash takes everything
	return fmt.Sprintf("w%d", sum.Sum32()%warmColours)
}

const (
	heats    = 4
	lukewarm = 0.01 // of the largest change: no colour
)

// heat is a colour for a change: up1 to up4 for what grew, down1 to down4 for what shrank, same for what hardly did.
func heat(change, most float64) string {
	part := math.Abs(change) / max(most, 1)
	if part < lukewarm {
		return "same"
	}
	level := int(math.Ceil(math.Sqrt(part) * heats))
	if change < 0 {
		return fmt.Sprintf("down%d", level)
	}
	return fmt.Sprintf("up%d", level)
}
