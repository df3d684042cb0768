package experiment_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/capacity"
	"deals.example/k6"
	"deals.example/lab/control"
	"deals.example/lab/experiment"
	"deals.example/lab/timeline"
)

// TestMain makes the test binary a k6 of its own when it is called as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "run" {
		os.Exit(standIn()) //nolint:forbidigo // where this process ends
	}
	goleak.VerifyTestMain(m)
}

// standIn sends no requests. It records ten per second of each stream, of 10 ms with an even seed and of 100 ms with an odd one, and takes
// as long as the load.
func standIn() int {
	var load struct {
		Seed    int
		Streams []struct {
			Name    string
			Call    string
			Seconds float64
		}
	}
	if err := json.Unmarshal([]byte(os.Getenv("LOAD")), &load); err != nil { //nolint:forbidigo // this process is a k6, whose settings are there
		return 1
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	took, lasts := 100*time.Millisecond, 0.0
	if load.Seed%2 == 0 {
		took = 10 * time.Millisecond
	}
	var recorder timeline.Recorder
	start := time.Now()
	for _, stream := range load.Streams {
		if stream.Call == "enqueue" {
			return 107 // as a k6 whose script throws
		}
		for i := range int(10 * stream.Seconds) {
			recorder.Answered(stream.Name, start.Add(time.Duration(i)*100*time.Millisecond), took, timeline.Complete)
		}
		lasts = max(lasts, stream.Seconds)
	}
	for i, argument := range os.Args {
		if file, is := strings.CutPrefix(argument, "timeline="); is && os.Args[i-1] == "--out" && recorder.Write(file) != nil {
			return 1
		}
	}
	select {
	case <-time.After(time.Duration(lasts * float64(time.Second))):
		return 0
	case <-signals:
		return 105
	}
}

// platform is the settings of two components, as their /admin endpoints keep them.
type platform struct {
	mu      sync.Mutex
	calls   []string          // each change
	control map[string]string // options in force, by component and control
	broken  error             // of every change
	refused int               // changes to refuse before one is accepted
}

func newPlatform() *platform {
	return &platform{control: map[string]string{"experience-api retry": "budget", "experience-api breaker": "on"}}
}

func (p *platform) Get(_ context.Context, component, path string, settings any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	list, is := settings.(*control.List)
	if !is || path != control.Path {
		return fmt.Errorf("unexpected get of %s", path)
	}
	if component == "experience-api" {
		list.Controls = []control.State{
			{Name: "retry", Options: []control.OptionState{{Name: "budget"}, {Name: "fixed", Min: 2, Max: 5}}},
			{Name: "breaker", Options: []control.OptionState{{Name: "on"}, {Name: "off"}}},
		}
	}
	return nil
}

func (p *platform) Set(_ context.Context, component, path string, change, _ any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return p.broken
	}
	if p.refused > 0 {
		p.refused--
		return errors.New("connection reset")
	}
	text, err := json.Marshal(change)
	if err != nil {
		return err
	}
	call := component + " " + strings.TrimPrefix(path, "/admin/") + " " + string(text)
	if len(p.calls) == 0 || p.calls[len(p.calls)-1] != call {
		p.calls = append(p.calls, call)
	}
	return nil
}

func (p *platform) Reset(_ context.Context, component, path string, _ any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, component+" "+strings.TrimPrefix(path, "/admin/")+" reset")
	return nil
}

func (p *platform) Delete(_ context.Context, component, _ string, _ any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, component+" controls reset")
	return nil
}

func (p *platform) made() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// lab is an engine with what it depends on.
type lab struct {
	*platform

	engine  *experiment.Engine
	ask     func(query string) (*float64, error)
	paused  []string
	resumed int
}

func newLab(t *testing.T) *lab {
	t.Helper()
	return newLabWith(t, nil)
}

// newLabWith returns a lab whose engine's metrics are in the registry.
func newLabWith(t *testing.T, registry prometheus.Registerer) *lab {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	runner, err := k6.NewRunner(k6.RunnerConfig{Binary: self, Dir: t.TempDir(), Target: "http://127.0.0.1:1"})
	require.NoError(t, err)
	l := &lab{platform: newPlatform(), ask: func(query string) (*float64, error) {
		if strings.HasPrefix(query, "vector") {
			return new(1.0), nil
		}
		return new(0.0), nil
	}}
	l.engine = experiment.New(experiment.Deps{
		Admin: l.platform, Runner: runner, Dir: t.TempDir(), Version: "v1", Registry: registry,
		Ask: func(_ context.Context, query string, _ time.Time) (*float64, error) { return l.ask(query) },
		Pause: func(_ context.Context, why string) (func(context.Context), error) {
			l.paused = append(l.paused, why)
			return func(context.Context) { l.resumed++ }, nil
		},
	})
	return l
}

// retries is an experiment of two seconds per arm, with a disturbance in the second one.
func retries() experiment.Experiment {
	const second = model.Duration(time.Second)
	return experiment.Experiment{
		ID: "retries", Title: "Retries", Question: "What if?", Cards: experiment.AnyCards, Mirrors: []experiment.Published{{Text: "a book"}},
		Setup: []experiment.Setting{{Component: "price-service", Capacity: &capacity.Change{Capacity: new(20), Queue: new(50)}}},
		Arms: []experiment.Arm{
			{ID: "bad", Label: "Many", Set: []experiment.Setting{{Component: "experience-api", Control: "retry", Option: "fixed=3"}}},
			{ID: "good", Label: "Few"},
		},
		Streams: []experiment.Stream{{Name: "details", Call: "detail", Rates: []experiment.Rate{{PerSecond: 10, For: 2 * second}}, Patience: second}},
		Disturb: []experiment.Disturb{{
			At: second, For: second, Text: "prices are slow", Set: []experiment.Setting{{Component: "price-service", Capacity: &capacity.Change{Capacity: new(5)}}},
		}},
		Measures: []experiment.Measure{
			{ID: "p95", Text: "p95", Unit: "ms", Stream: "details", Value: experiment.P95, To: 2 * second},
			{ID: "goodput", Text: "goodput", Unit: "ratio", Stream: "details", Value: experiment.Goodput, To: 2 * second},
			{ID: "calls", Text: "calls", Unit: "calls", Query: "sum(increase(calls[$window]))", To: 2 * second},
		},
		Promises: []experiment.Promise{{Text: "complete", Measure: "goodput", Arm: "good", Above: new(0.9)}},
	}
}

const (
	manyRetries = `experience-api controls {"control":"retry","forSeconds":12,"option":"fixed=3"}`
	usual       = `price-service capacity {"capacity":20,"forSeconds":12,"queue":50}`
	disturbed   = `price-service capacity {"capacity":5,"forSeconds":12,"queue":50}`
	freshAPI    = "experience-api controls reset"
	freshPrices = "price-service controls reset"
	restored    = `experience-api controls {"control":"retry","option":"default"}`
	restoredCap = "price-service capacity reset"
)

func TestArmsAlternateUnderTheSameLoad(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var told []string
	result, err := l.engine.Run(t.Context(), retries(), experiment.Options{Repeats: 2}, func(p experiment.Progress) {
		line := fmt.Sprintf("%s %d %s %s", p.Arm, p.Round, p.Phase, p.Disturbed)
		if len(told) == 0 || told[len(told)-1] != line {
			told = append(told, line)
		}
	})
	require.NoError(t, err)

	var order []string
	for _, round := range result.Rounds {
		order = append(order, fmt.Sprintf("%s %d", round.Arm, round.Number))
		assert.Equal(t, []float64{10, 10}, round.Charts[0].Good)
		assert.InDelta(t, 1, *round.Values["goodput"], 0)
		assert.InDelta(t, 0, *round.Values["calls"], 0)
	}
	assert.Equal(t, []string{"bad 1", "good 1", "bad 2", "good 2"}, order)
	p95 := func(round int) float64 { return *result.Rounds[round].Values["p95"] }
	assert.Equal(t, [2]float64{p95(0), p95(2)}, [2]float64{p95(1), p95(3)}, "both arms of a round have the same seed")
	assert.Greater(t, p95(2), 9*p95(0), "each round has another one")
	assert.True(t, result.Verdict.Kept())
	for _, line := range []string{"bad 1 settling ", "bad 1 preparing ", "bad 1 loading ", "bad 1 loading prices are slow", "bad 1 measuring ", "good 2 measuring "} {
		assert.Contains(t, told, line)
	}
	assert.Equal(t, []string{"the experiment retries is running"}, l.paused)
	assert.Equal(t, 1, l.resumed)

	bad := []string{freshAPI, freshPrices, manyRetries, usual, disturbed, restored, restoredCap}
	good := []string{freshAPI, freshPrices, usual, disturbed, restoredCap}
	var want []string
	for range 2 {
		want = append(append(want, bad...), good...)
	}
	assert.ElementsMatch(t, want, withoutRepeats(l.made()))
}

// withoutRepeats drops what is set again within an arm: renewals, and the usual capacity after the disturbance.
func withoutRepeats(calls []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, call := range calls {
		if call == freshAPI {
			clear(seen)
		}
		if !seen[call] {
			kept = append(kept, call)
		}
		seen[call] = true
	}
	return kept
}

// TestSettingsAreRestored after each kind of end.
func TestSettingsAreRestored(t *testing.T) {
	t.Parallel()
	errGone := errors.New("prometheus is gone")
	for name, test := range map[string]struct {
		change func(*lab, *experiment.Experiment)
		cancel bool // during the load
		want   string
	}{
		"interrupted": {cancel: true, want: "context canceled"},
		"k6 fails":    {change: func(_ *lab, e *experiment.Experiment) { e.Streams[0].Call = "enqueue" }, want: "arm bad, round 1: k6: exit status 107"},
		"no Prometheus at the end": {
			change: func(l *lab, _ *experiment.Experiment) {
				before := l.ask
				l.ask = func(query string) (*float64, error) {
					if strings.Contains(query, "increase") {
						return nil, errGone
					}
					return before(query)
				}
			},
			want: "measure calls: prometheus is gone",
		},
		"a component is gone": {change: func(l *lab, _ *experiment.Experiment) { l.broken = errors.New("ask price-service: refused") }, want: "ask price-service: refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, e := newLab(t), retries()
			if test.change != nil {
				test.change(l, &e)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err := l.engine.Run(ctx, e, experiment.Options{}, func(p experiment.Progress) {
				if test.cancel && p.Phase == experiment.Loading && p.Disturbed != "" {
					cancel()
				}
			})
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, 1, l.resumed)
			made := l.made()
			if l.broken == nil {
				assert.ElementsMatch(t, []string{restored, restoredCap}, made[len(made)-2:])
			}
			_, err = l.engine.Run(ctx, e, experiment.Options{Repeats: 99}, nil)
			require.ErrorIs(t, err, experiment.ErrOptions, "another run could start")
		})
	}
}

// TestAnOverloadedComponentIsAskedAgain, during the load and at its end.
func TestAnOverloadedComponentIsAskedAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	refuse := func() { l.mu.Lock(); l.refused = 2; l.mu.Unlock() }
	disturbing := false
	_, err := l.engine.Run(t.Context(), retries(), experiment.Options{Repeats: 1, Arm: "bad"}, func(p experiment.Progress) {
		if p.Phase == experiment.Measuring || p.Disturbed != "" && !disturbing {
			disturbing = true
			refuse()
		}
	})
	require.NoError(t, err)
	assert.Subset(t, l.made(), []string{disturbed, restored, restoredCap})
}

func TestNothingIsChangedUnlessThePlatformIsReady(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*lab, *experiment.Experiment, *experiment.Options)
		is     error
		want   string
	}{
		"unknown arm":      {func(_ *lab, _ *experiment.Experiment, o *experiment.Options) { o.Arm = "worse" }, experiment.ErrOptions, `arm: got "worse", want one of bad, good`},
		"too many repeats": {func(_ *lab, _ *experiment.Experiment, o *experiment.Options) { o.Repeats = 11 }, experiment.ErrOptions, "repeats: got 11, want 1 to 10"},
		"no Prometheus": {func(l *lab, _ *experiment.Experiment, _ *experiment.Options) {
			l.ask = func(string) (*float64, error) { return nil, errors.New("connection refused") }
		}, experiment.ErrUnready, "Prometheus does not answer: connection refused"},
		"unknown control": {
			func(_ *lab, e *experiment.Experiment, _ *experiment.Options) { e.Arms[0].Set[0].Control = "retries" },
			experiment.ErrUnready, "experience-api: it has no control retries",
		},
		"unknown option": {
			func(_ *lab, e *experiment.Experiment, _ *experiment.Options) { e.Arms[0].Set[0].Option = "fixed=9" },
			experiment.ErrUnready, `control retry: got "fixed=9"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, e, o := newLab(t), retries(), experiment.Options{}
			test.change(l, &e, &o)
			_, err := l.engine.Run(t.Context(), e, o, nil)
			require.ErrorIs(t, err, test.is)
			require.ErrorContains(t, err, test.want)
			assert.Empty(t, l.made())
			assert.Empty(t, l.paused)
		})
	}
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx, cancel := context.WithCancel(t.Context())
	var again error
	_, err := l.engine.Run(ctx, retries(), experiment.Options{}, func(p experiment.Progress) {
		if p.Phase == experiment.Loading {
			_, again = l.engine.Run(t.Context(), retries(), experiment.Options{}, nil)
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, again, experiment.ErrRunning)
}

func TestWithoutK6(t *testing.T) {
	t.Parallel()
	engine := experiment.New(experiment.Deps{Admin: newPlatform(), Missing: k6.ErrNoBinary})
	_, err := engine.Run(t.Context(), retries(), experiment.Options{}, nil)
	require.ErrorIs(t, err, k6.ErrNoBinary)
}

func TestQuickRunsHalveTheTimes(t *testing.T) {
	t.Parallel()
	e := retries()
	e.Promises[0].Quick = new(0.5)
	quick := e.Quick(2)
	assert.Equal(t, time.Second, quick.Length())
	assert.InDelta(t, 0.5, *quick.Promises[0].Above, 0)
	assert.Equal(t, 2*time.Second, e.Length(), "the experiment itself is as it was")
	assert.InDelta(t, 0.9, *e.Promises[0].Above, 0)
}
