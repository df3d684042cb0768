package correlation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/correlation"
)

func TestValid(t *testing.T) {
	tests := map[string]struct {
		id   string
		want bool
	}{
		"all allowed characters": {"aZ0._-", true},
		"maximum":                {strings.Repeat("a", 128), true},
		"too long":               {strings.Repeat("a", 129), false},
		"empty":                  {"", false},
		"space":                  {"a b", false},
		"trailing line break":    {"a\n", false},
		"header injection":       {"a\r\nSet-Cookie: b", false},
		"not ASCII":              {"é", false},
		"path":                   {"../a", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, correlation.Valid(tc.id))
		})
	}
}

func TestNewReturnsValidUniqueIDs(t *testing.T) {
	a, b := correlation.New(), correlation.New()
	assert.True(t, correlation.Valid(a))
	assert.NotEqual(t, a, b)
}

func TestContextCarriesID(t *testing.T) {
	assert.Empty(t, correlation.FromContext(t.Context()))
	assert.Equal(t, "abc", correlation.FromContext(correlation.NewContext(t.Context(), "abc")))
}
