package view

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/services/slodashboard/api"
)

// Each threshold must apply to a number of the API.
func TestThresholdsMatchMeasures(t *testing.T) {
	t.Parallel()
	measured := map[string]bool{}
	note := func(kind string, curves []curve) {
		for _, c := range curves {
			measured[kind+" "+c.name] = true
		}
	}
	for _, n := range nodes() {
		note(n.kind, n.numbers.curves())
		note(n.kind, n.more.curves())
	}
	note(kindObjective, objectiveMeasures("any").curves())
	for _, threshold := range thresholds() {
		assert.True(t, measured[threshold.Kind+" "+threshold.Number], "%s has no %s", threshold.Kind, threshold.Number)
	}
}

func TestFieldName(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "p95Ms", fieldName(func(n *api.Node) any { return &n.P95Ms }), "of an embedded struct")
	assert.Equal(t, "dead", fieldName(func(n *api.Node) any { return &n.Dead }))
	assert.Panics(t, func() { fieldName(func(*api.Node) any { return new(1.0) }) })
}
