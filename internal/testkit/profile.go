package testkit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

// Stacks maps stacks to seconds of CPU time. The functions of a stack are separated by semicolons, the caller first.
type Stacks map[string]int64

// CPUProfile returns a CPU profile with the samples.
func CPUProfile(duration time.Duration, samples Stacks) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 10_000_000, DurationNanos: int64(duration),
	}
	locations := map[string]*profile.Location{}
	for stack, value := range samples {
		sample := &profile.Sample{Value: []int64{value * 100, value * int64(time.Second)}}
		for name := range strings.SplitSeq(stack, ";") {
			if locations[name] == nil {
				locations[name] = addFunction(p, name)
			}
			sample.Location = append([]*profile.Location{locations[name]}, sample.Location...)
		}
		p.Sample = append(p.Sample, sample)
	}
	return p
}

func addFunction(p *profile.Profile, name string) *profile.Location {
	function := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
	location := &profile.Location{ID: function.ID, Line: []profile.Line{{Function: function}}}
	p.Function, p.Location = append(p.Function, function), append(p.Location, location)
	return location
}

// SaveProfile writes a profile to a file in a temporary directory and returns its path.
func SaveProfile(tb testing.TB, name string, p *profile.Profile) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	file, err := os.Create(path) //nolint:gosec // G304: in the test's own directory
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.Write(file); err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}
