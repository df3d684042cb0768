package experiment_test

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"

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
