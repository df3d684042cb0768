package city_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/city"
	"deals.example/internal/settings"
)

func TestFind(t *testing.T) {
	var cities city.List
	require.NoError(t, settings.Load(map[string]string{"CITIES": "rome,oslo"}, &cities))
	assert.Equal(t, "rome", cities.Default())
	for name, want := range map[string]string{"oslo": "oslo", "OsLo": "oslo", "": "", "valencia": "", "osl": "", "o\x00slo": ""} {
		got, known := cities.Find(name)
		assert.Equal(t, want, got)
		assert.Equal(t, want != "", known, name)
	}
}

func TestInvalidLists(t *testing.T) {
	for _, names := range []string{",", "rome,rome", "Rome", "rome,", "ro me", "río"} {
		assert.ErrorContains(t, settings.Load(map[string]string{"CITIES": names}, &city.List{}), "CITIES", names)
	}
}
