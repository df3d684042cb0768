package experiment_test

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/lab/experiment"
)

func TestOptionsTakes(t *testing.T) {
	t.Parallel()
	e := experiment.Experiment{
		Arms:    []experiment.Arm{{ID: "off"}, {ID: "on"}},
		Streams: []experiment.Stream{{Name: "details", Rates: []experiment.Rate{{PerSecond: 30, For: model.Duration(time.Minute)}}}},
	}
	const preparing = 12 * time.Second // beside the load of an arm
	for name, test := range map[string]struct {
		options experiment.Options
		want    time.Duration
	}{
		"by default three rounds": {experiment.Options{}, 6 * (time.Minute + preparing)},
		"one round":               {experiment.Options{Repeats: 1}, 2 * (time.Minute + preparing)},
		"only one arm":            {experiment.Options{Repeats: 1, Arm: "on"}, time.Minute + preparing},
		"quick":                   {experiment.Options{Repeats: 1, Quick: true}, 2 * (30*time.Second + preparing)},
	} {
		assert.Equal(t, test.want, test.options.Takes(e), name)
	}
}

// TestBounds: promises are compared with the bounds of the options, and a bound that is about no promise is refused.
func TestBounds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bounds experiment.Bounds
		want   map[string]experiment.Outcome // by arm
		err    string
	}{
		"as promised":            {nil, map[string]experiment.Outcome{"off": experiment.Met, "on": experiment.Met}, ""},
		"of a measure":           {experiment.Bounds{"p95": 150}, map[string]experiment.Outcome{"off": experiment.Met, "on": experiment.NotMet}, ""},
		"of one arm":             {experiment.Bounds{"p95/off": 500}, map[string]experiment.Outcome{"off": experiment.NotMet, "on": experiment.Met}, ""},
		"that of a promise wins": {experiment.Bounds{"p95": 1, "p95/off": 400, "p95/on": 200}, map[string]experiment.Outcome{"off": experiment.Met, "on": experiment.Met}, ""},
		"of an unknown one":      {experiment.Bounds{"p50": 1}, nil, `invalid option: bounds: got "p50", want one of p95, p95/off, p95/on`},
		"of an arm without it":   {experiment.Bounds{"p95/other": 1}, nil, `invalid option: bounds: got "p95/other", want one of p95, p95/off, p95/on`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := experiment.Experiment{
				Arms:     []experiment.Arm{{ID: "off"}, {ID: "on"}},
				Measures: []experiment.Measure{{ID: "p95"}},
				Promises: []experiment.Promise{{Measure: "p95", Arm: "off", Above: new(300.0)}, {Measure: "p95", Arm: "on", Below: new(300.0)}},
			}
			o := experiment.Options{Bounds: test.bounds}
			if test.err != "" {
				require.EqualError(t, o.Check(e), test.err)
				return
			}
			require.NoError(t, o.Check(e))
			rounds := []experiment.Round{{Arm: "off", Values: map[string]*float64{"p95": new(400.0)}}, {Arm: "on", Values: map[string]*float64{"p95": new(200.0)}}}
			got := map[string]experiment.Outcome{}
			for _, checked := range experiment.Judge(o.Bounds.In(e), "", rounds).Promises {
				got[checked.Promise.Arm] = checked.Outcome
			}
			assert.Equal(t, test.want, got)
			assert.InDelta(t, 300, *e.Promises[0].Above, 0, "the catalog is as before")
		})
	}
}
