package flame

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
)

// graph is a drawn tree: one row per level, the root on top.
type graph struct {
	ID, Label string
	Total     string // of the root
	Height    int    // pixels
	Boxes     []box
}

// box is a drawn frame. X and Width are percentages of the graph's width.
type box struct {
	Node     int // number of the frame in the tree, the same in all graphs of a report
	Level    int // the root has 1
	X, Width string
	Y        int // pixels
	Class    string
	Short    string
	Title    string
}

const rowHeight = 19 // pixels, with a gap of 1

// painter draws one graph of a report.
type painter struct {
	width func(*frame) int64  // value that a frame's width represents
	class func(*frame) string // colour
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

// frame draws a frame and its descendants, starting at left. Frames without a width get a number but no box.
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

// sideOf draws one of the profiles.
func sideOf(side int, title func(*frame) string) painter {
	return painter{
		width: func(f *frame) int64 { return f.total[side] },
		class: func(f *frame) string { return warm(f.name) },
		title: title,
	}
}

// differential draws both profiles together, so that a function of only one of them is visible; the colour shows the change.
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

// change returns the growth of the frame's total from the first profile to the second.
func (f *frame) change() float64 { return float64(f.total[compare] - f.total[base]) }

const warmColours = 8

// warm returns the colour class of a function's package.
func warm(name string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(packageOf(name))) // never fails
	return fmt.Sprintf("w%d", sum.Sum32()%warmColours)
}

const (
	heats   = 4
	neutral = 0.01 // share of the largest change up to which a frame has no colour
)

// heat returns the colour class of a change: up1 to up4, down1 to down4, or same.
func heat(change, most float64) string {
	part := math.Abs(change) / max(most, 1)
	if part < neutral {
		return "same"
	}
	level := int(math.Ceil(math.Sqrt(part) * heats))
	if change < 0 {
		return fmt.Sprintf("down%d", level)
	}
	return fmt.Sprintf("up%d", level)
}
