package orca_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/orca"
)

func TestRoundTrip(t *testing.T) {
	h := http.Header{}
	orca.Set(h, 1.25)
	assert.Equal(t, "TEXT application_utilization=1.250", h.Get(orca.Header))
	u, ok := orca.Get(h)
	assert.True(t, ok)
	assert.InDelta(t, 1.25, u, 1e-9)
}

func TestGetIgnoresWhatIsNoUtilization(t *testing.T) {
	for text, want := range map[string]float64{
		"TEXT cpu_utilization=0.3, application_utilization=0.8": 0.8,
		"":                                  0,
		"JSON {}":                           0,
		"TEXT cpu_utilization=0.3":          0,
		"TEXT application_utilization=":     0,
		"TEXT application_utilization=-1":   0,
		"TEXT application_utilization=0":    0,
		"TEXT application_utilization=NaN":  0,
		"TEXT application_utilization=+Inf": 0,
	} {
		u, ok := orca.Get(http.Header{orca.Header: {text}})
		assert.Equal(t, want > 0, ok, text)
		if ok {
			assert.InDelta(t, want, u, 1e-9, text)
		}
	}
}
