package experiment

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Measures of a plot, in the units of its SVG.
const (
	plotWidth, plotHeight = 800, 220
	plotLeft, plotBottom  = 48, 20 // for the ticks
	plotTop               = 8
)

// plot is a chart of all rounds.
type plot struct {
	Title         string
	Width, Height int
	Shades        []shade
	Ticks         []tick
	Lines         []line
}

type shade struct{ X, Y, Width, Height string }

type tick struct {
	X1, Y1, X2, Y2 string
	X, Y           string
	Text, Anchor   string
}

type line struct {
	Arm           int // index
	Points, Title string
}

// plots returns two charts per stream: complete answers per second, and p95.
func plots(r Result) []plot {
	var all []plot
	for _, stream := range streamsOf(r.Rounds) {
		all = append(all,
			newPlot(r, stream, stream+": complete answers per second", func(c Chart) []float64 { return c.Good }),
			newPlot(r, stream, stream+": p95 latency, ms", func(c Chart) []float64 { return c.P95Ms }))
	}
	return all
}

func streamsOf(rounds []Round) []string {
	names := map[string]bool{}
	for _, round := range rounds {
		for _, chart := range round.Charts {
			names[chart.Stream] = true
		}
	}
	return sorted(names)
}

// axes maps seconds and values to places.
type axes struct{ seconds, most float64 }

func (a axes) x(second float64) float64 {
	return plotLeft + (plotWidth-plotLeft)*min(second/a.seconds, 1)
}

func (a axes) y(value float64) float64 {
	return plotHeight - plotBottom - (plotHeight-plotBottom-plotTop)*value/a.most
}

func newPlot(r Result, stream, title string, of func(Chart) []float64) plot {
	p := plot{Title: title, Width: plotWidth, Height: plotHeight}
	scale := axes{seconds: r.Experiment.Length().Seconds(), most: 1}
	for _, round := range r.Rounds {
		for _, chart := range round.Charts {
			if chart.Stream == stream {
				scale.most = max(scale.most, slices.Max(append(of(chart), 0)))
			}
		}
	}
	for _, d := range r.Experiment.Disturb {
		from, to := scale.x(time.Duration(d.At).Seconds()), scale.x(time.Duration(d.At+d.For).Seconds())
		p.Shades = append(p.Shades, shade{place(from), place(plotTop), place(to - from), place(plotHeight - plotBottom - plotTop)})
	}
	p.Ticks = scale.ticks()
	for _, round := range r.Rounds {
		arm := slices.IndexFunc(r.Experiment.Arms, func(a Arm) bool { return a.ID == round.Arm })
		for _, chart := range round.Charts {
			if chart.Stream == stream {
				p.Lines = append(p.Lines, line{arm, scale.points(of(chart)), fmt.Sprintf("%s, round %d", r.Experiment.Arms[arm].Label, round.Number)})
			}
		}
	}
	return p
}

// ticks returns four grid lines in each direction.
func (a axes) ticks() []tick {
	const steps = 4
	var all []tick
	for i := range steps + 1 {
		share := float64(i) / steps
		y, x := a.y(a.most*share), a.x(a.seconds*share)
		all = append(all,
			tick{place(plotLeft), place(y), place(plotWidth), place(y), place(plotLeft - 4), place(y + 4), number(a.most * share), "end"},
			tick{place(x), place(plotTop), place(x), place(plotHeight - plotBottom), place(min(x, plotWidth-12)), place(plotHeight - 4), number(a.seconds*share) + " s", "middle"})
	}
	return all
}

func (a axes) points(values []float64) string {
	var points []string
	for i, value := range values {
		points = append(points, place(a.x(float64(i)))+","+place(a.y(value)))
	}
	return strings.Join(points, " ")
}

func place(at float64) string { return fmt.Sprintf("%.1f", at) }
