package criticality_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/criticality"
)

func TestCriticalityTravels(t *testing.T) {
	for _, level := range criticality.All() {
		h := http.Header{}
		criticality.Inject(criticality.With(t.Context(), level), h)
		got, ok := criticality.Extract(h)
		assert.True(t, ok, level)
		assert.Equal(t, level, got)
	}
}

func TestInjectKeepsOtherBaggage(t *testing.T) {
	h := http.Header{"Baggage": {"tenant=a"}}
	criticality.Inject(criticality.With(t.Context(), criticality.Critical), h)
	assert.Contains(t, h.Get("Baggage"), "tenant=a")
	assert.Contains(t, h.Get("Baggage"), "criticality=critical")
}

func TestExtractIgnoresWhatIsNoLevel(t *testing.T) {
	for text, wantOK := range map[string]bool{
		"": true, "tenant=a": true, "criticality=sheddable;p=1": true,
		"criticality=urgent": false, "criticality==": false, "\x00": false, "criticality": false,
	} {
		got, ok := criticality.Extract(http.Header{"Baggage": {text}})
		assert.Equal(t, wantOK, ok, "%q", text)
		if !ok {
			assert.Equal(t, criticality.Default, got, "%q", text)
		}
	}
}

func TestContextWithoutCriticality(t *testing.T) {
	assert.Equal(t, criticality.Default, criticality.From(t.Context()))
}
