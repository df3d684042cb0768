package k6_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/city"
	"deals.example/internal/settings"
)

// TestScriptsUseTheConfiguredCities compares the cities of the scripts with the default of the setting.
func TestScriptsUseTheConfiguredCities(t *testing.T) {
	var cities city.List
	require.NoError(t, settings.Load(nil, &cities))
	source, err := os.ReadFile("lib/traffic.ts")
	require.NoError(t, err)
	list := regexp.MustCompile(`(?m)^export const cities = \[(.*)\] as const;$`).FindSubmatch(source)
	require.NotNil(t, list)
	assert.Equal(t, "'"+strings.Join(cities.Names, "', '")+"'", string(list[1]))
}
