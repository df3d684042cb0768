package experiment_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/lab/experiment"
)

// measured returns rounds with these values of p95 in the arms bad and good.
func measured(bad, good []float64) []experiment.Round {
	var rounds []experiment.Round
	for i, values := range [][]float64{bad, good} {
		for j, value := range values {
			rounds = append(rounds, experiment.Round{Arm: []string{"bad", "good"}[i], Number: j + 1, Values: map[string]*float64{"p95": &value}})
		}
	}
	return rounds
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bad, good []float64
		promise   experiment.Promise
		got       float64
		outcome   experiment.Outcome
		measured  string
	}{
		"a bound that holds":         {[]float64{900, 100, 500}, nil, experiment.Promise{Arm: "bad", Above: new(400.0)}, 500, experiment.Met, "500 ms"},
		"the bound itself":           {nil, []float64{100}, experiment.Promise{Arm: "good", Below: new(100.0)}, 100, experiment.Met, "100 ms"},
		"a bound that does not":      {nil, []float64{100, 102}, experiment.Promise{Arm: "good", Below: new(100.0)}, 101, experiment.NotMet, "101 ms"},
		"a ratio":                    {[]float64{500, 600, 700}, []float64{100, 110, 120}, experiment.Promise{Arm: "bad", Over: "good", Above: new(5.0)}, 600.0 / 110, experiment.Met, "5.45 times"},
		"a ratio the other way":      {[]float64{500}, []float64{100}, experiment.Promise{Arm: "good", Over: "bad", Below: new(0.2)}, 0.2, experiment.Met, "0.2 times"},
		"ranges that overlap":        {[]float64{100, 900, 1000}, []float64{90, 95, 101}, experiment.Promise{Arm: "bad", Over: "good", Above: new(5.0)}, 900.0 / 95, experiment.NotMet, "9.47 times"},
		"no difference, as promised": {[]float64{100, 110}, []float64{100, 105}, experiment.Promise{Arm: "bad", Over: "good", Below: new(1.2)}, 105.0 / 102.5, experiment.Met, "1.02 times"},
		"nothing in the other arm":   {[]float64{5}, []float64{0}, experiment.Promise{Arm: "bad", Over: "good", Above: new(5.0)}, 1.797e308, experiment.Met, "more than a million times"},
		"an arm that did not run":    {[]float64{5}, nil, experiment.Promise{Arm: "bad", Over: "good", Above: new(5.0)}, 0, experiment.NoData, "–"},
		"an arm without any values":  {nil, nil, experiment.Promise{Arm: "bad", Above: new(5.0)}, 0, experiment.NoData, "–"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := retries()
			test.promise.Measure = "p95"
			e.Promises = []experiment.Promise{test.promise}
			verdict := experiment.Judge(e, "", measured(test.bad, test.good))
			checked := verdict.Promises[0]
			assert.Equal(t, test.outcome, checked.Outcome)
			assert.Equal(t, test.outcome == experiment.Met, verdict.Kept())
			assert.Equal(t, test.measured, verdict.Measured(checked))
			if test.outcome == experiment.NoData {
				assert.Nil(t, checked.Got)
				return
			}
			require.NotNil(t, checked.Got)
			assert.InEpsilon(t, test.got, *checked.Got, 1e-3)
		})
	}
}

func TestTableOfMeasures(t *testing.T) {
	t.Parallel()
	row := experiment.Judge(retries(), "", measured([]float64{500, 700, 600, 800}, []float64{100, 120})).Table[0]
	assert.Equal(t, []float64{500, 700, 600, 800}, row.Arms[0].Values)
	assert.Equal(t, [3]float64{500, 650, 800}, [3]float64{*row.Arms[0].Least, *row.Arms[0].Median, *row.Arms[0].Most})
	assert.InDelta(t, 650.0/110, *row.Ratio, 1e-9)
	assert.False(t, row.Overlap)
	assert.True(t, experiment.Judge(retries(), "", measured([]float64{100}, []float64{100})).Table[0].Overlap)
}

func TestPromisesOfArmsThatDidNotRunAreLeftOut(t *testing.T) {
	t.Parallel()
	e := retries()
	e.Promises = []experiment.Promise{
		{Measure: "p95", Arm: "bad", Above: new(400.0)}, {Measure: "p95", Arm: "bad", Over: "good", Above: new(2.0)}, {Measure: "p95", Arm: "good", Below: new(200.0)},
	}
	verdict := experiment.Judge(e, "bad", measured([]float64{500}, nil))
	require.Len(t, verdict.Promises, 1)
	assert.Equal(t, experiment.Met, verdict.Promises[0].Outcome)
	assert.True(t, verdict.Kept())
}

func TestAnswersToSliders(t *testing.T) {
	t.Parallel()
	verdict := experiment.Judge(retries(), "", measured([]float64{500, 700, 600}, []float64{100, 120, 110}))
	assert.InDelta(t, 600, *verdict.AnswerTo(experiment.Slider{Measure: "p95", Arm: "bad"}), 0)
	assert.InDelta(t, 600.0/110, *verdict.AnswerTo(experiment.Slider{Measure: "p95", Arm: "bad", Over: "good"}), 1e-9)
	assert.Nil(t, verdict.AnswerTo(experiment.Slider{}), "a slider about nothing that is measured")
	assert.Nil(t, verdict.AnswerTo(experiment.Slider{Measure: "goodput", Arm: "bad"}), "a measure without values")
	only := experiment.Judge(retries(), "bad", measured([]float64{500}, nil))
	assert.Nil(t, only.AnswerTo(experiment.Slider{Measure: "p95", Arm: "bad", Over: "good"}), "an arm that did not run")
}
