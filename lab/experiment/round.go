package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"deals.example/k6"
	"deals.example/lab/control"
	"deals.example/lab/timeline"
)

const (
	script         = "experiment.ts"
	windowVariable = "$window"

	beat     = 250 * time.Millisecond // of settings and progress during a load
	patience = 90 * time.Second       // for the platform to settle, and for the first request
)

// settled is what has to be 0 before a load: what an earlier load has left.
const settled = `sum(experience_queue_depth) + sum(experience_upstream_breaker_state) + sum(domain_capacity_waiting) + sum(experience_upstream_waiting)`

// load is what k6 is told to do. It must match Load in k6/experiment.ts.
type load struct {
	Seed    int          `json:"seed"`
	Cards   Cards        `json:"cards"`
	Streams []loadStream `json:"streams"`
}

type loadStream struct {
	Name       string     `json:"name"`
	Call       string     `json:"call"`
	Rates      []loadRate `json:"rates"`
	Clients    int        `json:"clients"`
	Seconds    float64    `json:"seconds"`
	PatienceMs float64    `json:"patienceMs"`
	Tenants    []string   `json:"tenants"`
	Jobs       int        `json:"jobs"`
}

type loadRate struct {
	PerSecond int     `json:"perSecond"`
	Seconds   float64 `json:"seconds"`
}

func newLoad(seed int, cards Cards, streams []Stream) load {
	l := load{Seed: seed, Cards: cards, Streams: []loadStream{}}
	for _, s := range streams {
		one := loadStream{
			Name: s.Name, Call: s.Call, Rates: []loadRate{}, Clients: s.Clients, Seconds: s.length().Seconds(),
			PatienceMs: time.Duration(s.Patience).Seconds() * 1000, Tenants: append([]string{}, s.Tenants...), Jobs: s.Jobs,
		}
		for _, rate := range s.Rates {
			one.Rates = append(one.Rates, loadRate{rate.PerSecond, time.Duration(rate.For).Seconds()})
		}
		l.Streams = append(l.Streams, one)
	}
	return l
}

// round runs one arm once.
func (n *Engine) round(ctx context.Context, e Experiment, arm Arm, seed int, at Progress, tell func(Progress)) (round Round, err error) {
	phase := func(p Phase) { at.Phase = p; tell(at) }
	phase(Settling)
	if err := n.settle(ctx, e); err != nil {
		return round, err
	}
	phase(Preparing)
	if err := n.k6(ctx, newLoad(seed, e.Cards, nil)); err != nil {
		return round, err
	}
	w := newWorld(n.deps.Admin)
	defer w.release(ctx)
	if err := w.hold(ctx, e.Setup, arm.Set); err != nil {
		return round, err
	}
	t, err := n.underLoad(ctx, e, arm, seed, w, at, tell)
	if err != nil {
		return round, err
	}
	phase(Measuring)
	if err := pause(ctx, scrapes); err != nil {
		return round, err
	}
	round = Round{Arm: arm.ID, Number: at.Round, Started: t.Start, Charts: charts(t), Values: map[string]*float64{}}
	for _, m := range e.Measures {
		if round.Values[m.ID], err = n.value(ctx, m, t); err != nil {
			return round, fmt.Errorf("measure %s: %w", m.ID, err)
		}
	}
	return round, nil
}

// settle resets all controls of the components that the experiment sets something of, and waits until what earlier load has left is gone.
func (n *Engine) settle(ctx context.Context, e Experiment) error {
	for _, component := range e.Affected() {
		if err := n.deps.Admin.Delete(ctx, component, control.Path, new(control.List)); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%w: after %s this is still not 0: %s", ErrUnready, patience, settled))
	defer cancel()
	for {
		left, err := n.deps.Ask(ctx, settled, time.Now())
		if err == nil && left != nil && *left == 0 {
			return nil
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// k6 runs a load to its end.
func (n *Engine) k6(ctx context.Context, l load) error {
	process, err := n.start(ctx, l, "")
	if err != nil {
		return err
	}
	<-process.Done()
	return errors.Join(ctx.Err(), process.Result().Err)
}

func (n *Engine) start(ctx context.Context, l load, file string) (*k6.Process, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	return n.deps.Runner.Start(ctx, k6.Run{Script: script, Env: map[string]string{"LOAD": string(text)}, Timeline: file})
}

// underLoad runs k6 with the load of an arm, holds the settings, and returns what its clients saw.
func (n *Engine) underLoad(ctx context.Context, e Experiment, arm Arm, seed int, w *world, at Progress, tell func(Progress)) (t timeline.Timeline, err error) {
	file := filepath.Join(n.deps.Dir, "timeline-"+strconv.FormatInt(time.Now().UnixNano(), 36)+".json")
	defer func() { _ = os.Remove(file) }()
	process, err := n.start(ctx, newLoad(seed, AnyCards, e.streams(arm)), file)
	if err != nil {
		return t, err
	}
	defer func() { _, _ = process.Stop(context.WithoutCancel(ctx)) }()
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	at.Phase = Loading
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			return t, context.Cause(ctx)
		case <-process.Done():
			ended = true
		case <-ticker.C:
		}
		if t, err = timeline.Read(file); errors.Is(err, os.ErrNotExist) {
			t = timeline.Timeline{Start: time.Now()}
		} else if err != nil {
			return t, err
		}
		at.observe(e, t)
		tell(at)
		// An overloaded component may refuse a connection, and gets another one with the next beat.
		if err := w.hold(ctx, e.Setup, arm.Set, e.disturbed(at.Elapsed)); err != nil && w.lapsed() {
			return t, err
		}
	}
	return t, errors.Join(process.Result().Err, anyRequest(t))
}

func anyRequest(t timeline.Timeline) error {
	if len(t.Streams) == 0 {
		return errors.New("k6 sent no request")
	}
	return nil
}

// observe updates the progress of a load.
func (p *Progress) observe(e Experiment, t timeline.Timeline) {
	p.Started, p.Elapsed, p.Charts, p.Disturbed = t.Start, time.Since(t.Start), charts(t), ""
	for _, d := range e.Disturb {
		if p.Elapsed >= time.Duration(d.At) && p.Elapsed < time.Duration(d.At+d.For) {
			p.Disturbed = d.Text
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// value returns a measure of a round, nil if it has none.
func (n *Engine) value(ctx context.Context, m Measure, t timeline.Timeline) (*float64, error) {
	from, to := time.Duration(m.From), time.Duration(m.To)
	if m.Query != "" {
		query := strings.ReplaceAll(m.Query, windowVariable, model.Duration(to-from).String())
		return n.deps.Ask(ctx, query, t.Start.Add(to))
	}
	return m.ofStream(t.Window(m.Stream, from, to)), nil
}

func (m Measure) ofStream(w timeline.Window) *float64 {
	within := time.Duration(m.Within)
	var value float64
	switch share, latency := quantiles[m.Value]; {
	case latency:
		took, known := w.Quantile(share)
		if !known {
			return nil
		}
		value = float64(took) / float64(time.Millisecond)
	case m.Value == Rate2xx:
		value = w.Rate(within, outcomes[m.Value]...)
	default:
		value = w.Share(within, outcomes[m.Value]...)
	}
	if math.IsNaN(value) {
		return nil
	}
	return &value
}

// charts returns the streams of a timeline, second by second.
func charts(t timeline.Timeline) []Chart {
	all := []Chart{}
	for _, stream := range sortedStreams(t) {
		c := Chart{Stream: stream, Due: []float64{}, Good: []float64{}, Refused: []float64{}, P95Ms: []float64{}}
		for i := range t.Streams[stream] {
			w := t.Window(stream, time.Duration(i)*time.Second, time.Duration(i+1)*time.Second)
			slow, _ := w.Quantile(quantiles[P95])
			c.Due, c.Good = append(c.Due, float64(w.Due())), append(c.Good, float64(w.Count(0, timeline.Complete)))
			c.Refused = append(c.Refused, float64(w.Count(0, timeline.Refused)))
			c.P95Ms = append(c.P95Ms, float64(slow)/float64(time.Millisecond))
		}
		all = append(all, c)
	}
	return all
}

func sortedStreams(t timeline.Timeline) []string {
	names := map[string]bool{}
	for name := range t.Streams {
		names[name] = true
	}
	return sorted(names)
}
