package flame_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"deals.example/internal/flame"
)

// stacks are samples: functions from the caller to the callee, by semicolons, and the seconds of CPU time that they took.
type stacks map[string]int64

// made is a CPU profile.
func made(covers time.Duration, samples stacks) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 10_000_000, DurationNanos: int64(covers),
	}
	locations := map[string]*profile.Location{}
	for stack, value := range samples {
		sample := &profile.Sample{Value: []int64{value * 100, value * int64(time.Second)}}
		for name := range strings.SplitSeq(stack, ";") {
			if locations[name] == nil {
				locations[name] = located(p, name)
			}
			sample.Location = append([]*profile.Location{locations[name]}, sample.Location...)
		}
		p.Sample = append(p.Sample, sample)
	}
	return p
}

// located adds a function to a profile.
func located(p *profile.Profile, name string) *profile.Location {
	function := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
	location := &profile.Location{ID: function.ID, Line: []profile.Line{{Function: function}}}
	p.Function, p.Location = append(p.Function, function), append(p.Location, location)
	return location
}

// saved writes a profile to a file of the test.
func saved(t *testing.T, name string, p *profile.Profile) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	file, err := os.Create(path) //nolint:gosec // in the test's own directory
	require.NoError(t, err)
	require.NoError(t, p.Write(file))
	require.NoError(t, file.Close())
	return path
}

// compared is the report of two profiles.
func compared(t *testing.T, base, compare *profile.Profile) flame.Report {
	t.Helper()
	report, err := flame.Compare(flame.FilesConfig{
		Base: saved(t, "was.pb.gz", base), Compare: saved(t, "is.pb.gz", compare), Dir: filepath.Join(t.TempDir(), "report"),
	})
	require.NoError(t, err)
	return report
}

// read is a profile of a report.
func read(t *testing.T, report flame.Report, name string) *profile.Profile {
	t.Helper()
	file, err := os.Open(filepath.Join(report.Dir, name)) //nolint:gosec // in the test's own directory
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	p, err := profile.Parse(file)
	require.NoError(t, err)
	return p
}
