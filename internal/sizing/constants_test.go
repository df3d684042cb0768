package sizing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/sizing"
	"deals.example/observability"
)

const benchmarks = "../../test/bench"

// TestConstantsAreMeasured checks that each constant is measured by the benchmarks, and that these have the benchmark that its command runs.
func TestConstantsAreMeasured(t *testing.T) {
	constants, err := sizing.Load()
	require.NoError(t, err)
	files, err := filepath.Glob(benchmarks + "/*_test.go")
	require.NoError(t, err)
	var source strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // G304: our own benchmarks
		require.NoError(t, err)
		source.Write(text)
	}
	for _, one := range constants.MeasuredList() {
		assert.Contains(t, source.String(), fmt.Sprintf("%q", one.ID), "no benchmark measures it")
		_, rest, found := strings.Cut(one.Command, "go test ./test/bench -run '^$' -bench ")
		require.True(t, found, one.Command)
		name, _, found := strings.Cut(rest, " -benchtime 1x")
		require.True(t, found, one.Command)
		benchmark, part, _ := strings.Cut(name, "/")
		assert.Contains(t, source.String(), "func Benchmark"+benchmark+"(", one.Command)
		assert.Contains(t, source.String(), `"`+part, one.Command)
	}
}

func TestFaultsOfConstants(t *testing.T) {
	text, err := os.ReadFile(sizing.File)
	require.NoError(t, err)
	_, err = sizing.Read(text)
	require.NoError(t, err)
	change := func(old, changed string) string {
		require.Contains(t, string(text), old)
		return strings.Replace(string(text), old, changed, 1)
	}
	const source = "    source: https://redis.io"
	tests := map[string]struct{ text, want string }{
		"empty":          {"", "constants: measured.yaml: is empty"},
		"machine":        {change("machine: ", "machine: ' ' # "), "measured.yaml:4: machine: is empty"},
		"unknown id":     {change("lists-per-core:", "lists-per-cpu:"), "measured.lists-per-cpu: is an unknown field"},
		"missing id":     {change("lists-per-core:", "lists-per-cpu:"), "measured.yaml:6: measured.lists-per-core: got 0, want a value over 0"},
		"value":          {change("value: ", "value: -"), "measured.yaml:7: measured.lists-per-core: got -"},
		"no number":      {change("value: ", "value: about "), "measured.lists-per-core.value: got \"about "},
		"not finite":     {change("value: ", "value: .inf # "), "measured.lists-per-core: got +Inf, want a value over 0"},
		"unit":           {change("unit: ", "unit: '' # "), "measured.lists-per-core: has no unit"},
		"what":           {change("what: ", "what: '' # "), "measured.lists-per-core: does not say what it is"},
		"command":        {change("&req go test", "&req go run"), "measured.lists-per-core: has no command that begins with go test"},
		"two origins":    {change("    unit: ", source+"\n    unit: "), "measured.lists-per-core: is measured, so it has no source"},
		"source":         {change(source, "    source: x"), "stated.redis-connections: has no source that begins with https://"},
		"stated command": {change(source, "    command: go test\n"+source), "stated.redis-connections: is stated, so it has no command"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := sizing.Read([]byte(tc.text))
			assert.ErrorContains(t, err, tc.want)
		})
	}
}

// TestTempoBytes compares the limit with the configuration of Tempo.
func TestTempoBytes(t *testing.T) {
	text, err := observability.Files.ReadFile("tempo/tempo.yaml")
	require.NoError(t, err)
	assert.Contains(t, string(text), fmt.Sprintf("rate_limit_bytes: %d\n", sizing.TempoBytes))
}
