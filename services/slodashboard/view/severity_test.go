package view //nolint:testpackage // severity is no part of the package's interface

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/services/slodashboard/api"
	"deals.example/slo/indicators"
)

// TestFewEventsHaveNoSeverity: a share needs five failures in the window before it colours a node, ten at a worker, and a lag needs ten jobs.
func TestFewEventsHaveNoSeverity(t *testing.T) {
	window := indicators.Window.Seconds()
	for name, tc := range map[string]struct {
		attempts, failed float64
		want             api.Severity
	}{
		"one of two":    {2, 1, api.Good},
		"four of five":  {5, 4, api.Good},
		"five of eight": {8, 5, api.Bad},
		"five of 50":    {50, 5, api.Watch},
		"five of 1000":  {1000, 5, api.Good},
	} {
		readings := []reading{{numberRate, tc.attempts / window}, {numberFailures, percent * tc.failed / tc.attempts}}
		assert.Equal(t, tc.want, severity(kindService, readings), name)
	}
	assert.Equal(t, api.Bad, severity(kindWorker, []reading{{numberFailures, 90}}), "without a rate")
	assert.Equal(t, api.Good, severity(kindWorker, []reading{{numberRate, 10 / window}, {numberFailures, 90}}))
	assert.Equal(t, api.Bad, severity(kindWorker, []reading{{numberRate, 10 / window}, {numberFailures, 100}}))
	assert.Equal(t, api.Good, severity(kindQueue, []reading{{numberDepth, 1}, {numberLag, math.Inf(1)}}))
	assert.Equal(t, api.Bad, severity(kindQueue, []reading{{numberDepth, 10}, {numberLag, math.Inf(1)}}))
	assert.Equal(t, api.Bad, severity(kindWorker, []reading{{numberRate, 0.1}, {numberFailures, 0}, {"p95Ms", 5000}}))
}
