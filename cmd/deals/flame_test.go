package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cpuProfile is the file of a profile in which a function took so many milliseconds.
func cpuProfile(t *testing.T, function string, milliseconds int64) string {
	t.Helper()
	p := &profile.Profile{
		SampleType:    []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		DurationNanos: 1e9,
		Function:      []*profile.Function{{ID: 1, Name: function}},
	}
	p.Location = []*profile.Location{{ID: 1, Line: []profile.Line{{Function: p.Function[0]}}}}
	p.Sample = []*profile.Sample{{Location: p.Location, Value: []int64{milliseconds / 10, milliseconds * 1e6}}}
	file, err := os.Create(filepath.Join(t.TempDir(), function+".pb.gz")) //nolint:gosec // in the test's own directory
	require.NoError(t, err)
	require.NoError(t, p.Write(file))
	require.NoError(t, file.Close())
	return file.Name()
}

func TestFlameOfTwoProfiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "report")
	flame := func() outcome {
		return run(t, nil, "", "flame", "--base", cpuProfile(t, "slow", 900), "--compare", cpuProfile(t, "fast", 100), "--out", dir)
	}
	assert.Equal(t, outcome{stdout: `
The profiles add up to 900 ms with slow.pb.gz and 100 ms with fast.pb.gz. By itself, fast grew most (+100 ms) and slow shrank most (−900 ms).
- Both profiles cover 1 s.

` + dir + "/report.html\n"}, flame())
	assert.FileExists(t, filepath.Join(dir, "report.html"))

	assert.Equal(t, outcome{code: 2, stderr: "deals: " + dir + " exists already\n"}, flame())
}
