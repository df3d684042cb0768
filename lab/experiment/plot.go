package experiment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"deals.example/internal/platform"
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
	Bars          []bar
}

type shade struct{ X, Y, Width, Height string }

// bar is a time in which the alert of an arm pages somebody.
type bar struct {
	shade

	Arm   int // index
	Title string
}

type tick struct {
	X1, Y1, X2, Y2 string
	X, Y           string
	Text, Anchor   string
}

type line struct {
	Class         string // of an arm, or "ratio"
	Points, Title string
}

// plots returns two charts per stream: complete answers per second, and p95. Those of a replay are the error ratio and the pages.
func plots(r Result) []plot {
	if r.Experiment.Recording != nil {
		return []plot{plotRatio(r.Experiment), plotPages(r)}
	}
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
	p.Shades, p.Ticks = scale.shades(r.Experiment), scale.ticks()
	for _, round := range r.Rounds {
		arm := r.Experiment.index(round.Arm)
		for _, chart := range round.Charts {
			if chart.Stream == stream {
				p.Lines = append(p.Lines, line{
					"arm" + strconv.Itoa(arm), scale.points(of(chart), 1), fmt.Sprintf("%s, round %d", r.Experiment.Arms[arm].Label, round.Number),
				})
			}
		}
	}
	return p
}

// index returns the place of an arm.
func (e Experiment) index(arm string) int {
	return slices.IndexFunc(e.Arms, func(a Arm) bool { return a.ID == arm })
}

// plotRatio returns the error ratio of a recording.
func plotRatio(e Experiment) plot {
	ratios := e.Recording.ErrorRatios()
	scale := axes{seconds: e.Length().Seconds(), most: 1}
	return plot{
		Title: "Error ratio", Width: plotWidth, Height: plotHeight, Shades: scale.shades(e), Ticks: scale.ticks(),
		Lines: []line{{"ratio", scale.points(ratios, platform.ScrapeInterval.Seconds()), "errors as a share of the requests"}},
	}
}

// plotPages returns when the alert of each arm pages somebody: a row of bars for each.
func plotPages(r Result) plot {
	e := r.Experiment
	scale := axes{seconds: e.Length().Seconds(), most: float64(len(e.Arms))}
	p := plot{Title: "Pages, a row for each arm", Width: plotWidth, Height: plotHeight, Shades: scale.shades(e)}
	p.Ticks = slices.DeleteFunc(scale.ticks(), func(t tick) bool { return t.Anchor != inMiddle })
	for _, round := range r.Rounds {
		arm := e.index(round.Arm)
		bottom := scale.most - float64(arm) - 1
		const least, most = 0.25, 0.75 // of the height of a row
		top := scale.y(bottom + most)
		for _, page := range round.Pages {
			from, to := scale.x(time.Duration(page.From).Seconds()), scale.x(time.Duration(page.To).Seconds())
			p.Bars = append(p.Bars, bar{
				shade{place(from), place(top), place(to - from), place(scale.y(bottom+least) - top)},
				arm,
				fmt.Sprintf("%s: from %s to %s", e.Arms[arm].Label, page.From, page.To),
			})
		}
	}
	return p
}

// shades returns the times of the disturbances.
func (a axes) shades(e Experiment) []shade {
	var all []shade
	for _, d := range e.Disturb {
		from, to := a.x(time.Duration(d.At).Seconds()), a.x(time.Duration(d.At+d.For).Seconds())
		all = append(all, shade{place(from), place(plotTop), place(to - from), place(plotHeight - plotBottom - plotTop)})
	}
	return all
}

// inMiddle anchors the texts of the time axis.
const inMiddle = "middle"

// ticks returns four grid lines in each direction.
func (a axes) ticks() []tick {
	const steps = 4
	var all []tick
	for i := range steps + 1 {
		share := float64(i) / steps
		y, x := a.y(a.most*share), a.x(a.seconds*share)
		all = append(all,
			tick{place(plotLeft), place(y), place(plotWidth), place(y), place(plotLeft - 4), place(y + 4), number(a.most * share), "end"},
			tick{place(x), place(plotTop), place(x), place(plotHeight - plotBottom), place(min(x, plotWidth-12)), place(plotHeight - 4), number(a.seconds*share) + " s", inMiddle})
	}
	return all
}

// points returns the points of a line, of which there is a value every so many seconds.
func (a axes) points(values []float64, every float64) string {
	var points []string
	for i, value := range values {
		points = append(points, place(a.x(float64(i)*every))+","+place(a.y(value)))
	}
	return strings.Join(points, " ")
}

func place(at float64) string { return fmt.Sprintf("%.1f", at) }
