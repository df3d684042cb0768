package flame_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/flame"
	"deals.example/internal/testkit"
)

const s = int64(time.Second)

func TestFunctions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base, compare stacks
		want          []flame.Function // those that took something by themselves
	}{
		"what differs most comes first": {
			base:    stacks{"main;a;b": 30, "main;a": 10, "main;c": 60},
			compare: stacks{"main;a;b": 10, "main;d": 90},
			want: []flame.Function{
				{Name: "d", Compare: 90 * s, CompareTotal: 90 * s},
				{Name: "c", Base: 60 * s, BaseTotal: 60 * s},
				{Name: "b", Base: 30 * s, Compare: 10 * s, BaseTotal: 30 * s, CompareTotal: 10 * s},
				{Name: "a", Base: 10 * s, BaseTotal: 40 * s, CompareTotal: 10 * s},
			},
		},
		"a function that calls itself counts once": {
			base:    stacks{"main;f;g;f": 4, "main;f": 1},
			compare: stacks{"main;f": 1},
			want:    []flame.Function{{Name: "f", Base: 5 * s, Compare: 1 * s, BaseTotal: 5 * s, CompareTotal: 1 * s}},
		},
		"the same function in two places": {
			base:    stacks{"main;a;x": 2, "main;b;x": 3},
			compare: stacks{"main;a;x": 1},
			want:    []flame.Function{{Name: "x", Base: 5 * s, Compare: 1 * s, BaseTotal: 5 * s, CompareTotal: 1 * s}},
		},
		"type arguments are left out": {
			base:    stacks{"p.F[go.shape.int,a/b.T].func1": 1, "p.F[go.shape.string].func1": 2},
			compare: stacks{"p.F[go.shape.int].func1": 1},
			want:    []flame.Function{{Name: "p.F[...].func1", Base: 3 * s, Compare: 1 * s, BaseTotal: 3 * s, CompareTotal: 1 * s}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := compared(t, testkit.CPUProfile(time.Minute, test.base), testkit.CPUProfile(time.Minute, test.compare))
			assert.Equal(t, test.want, report.Functions[:len(test.want)])
			for _, function := range report.Functions[len(test.want):] {
				assert.Zero(t, function.Base+function.Compare, function.Name)
			}
		})
	}
}

func TestEqualDurations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base, compare time.Duration
		total         int64
		note          string
	}{
		"equal":         {10 * time.Second, 10 * time.Second, 4 * s, "Both profiles cover 10 s."},
		"half as long":  {10 * time.Second, 5 * time.Second, 8 * s, "Values of compare are multiplied by 2, in its file too: it covers 5 s, base 10 s."},
		"twice as long": {10 * time.Second, 20 * time.Second, 2 * s, "Values of compare are multiplied by 0.5, in its file too: it covers 20 s, base 10 s."},
		"hardly differ": {10 * time.Second, 10*time.Second + time.Millisecond, 4 * s, "Both profiles cover 10 s."},
		"unknown":       {0, 20 * time.Second, 4 * s, "Values are not scaled: a profile has no duration."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := compared(t, testkit.CPUProfile(test.base, stacks{"main": 4}), testkit.CPUProfile(test.compare, stacks{"main": 4}))
			assert.Equal(t, 4*s, report.Base.Total)
			assert.Equal(t, test.total, report.Compare.Total)
			assert.Equal(t, []string{test.note}, report.Notes)
			assert.Equal(t, test.total, read(t, report, flame.CompareFile).Sample[0].Value[1])
		})
	}
}

// pprof takes samples labelled pprof::base for the base, of which percentages are.
func TestDifferenceIsOneForPprof(t *testing.T) {
	t.Parallel()
	report := compared(t, testkit.CPUProfile(time.Minute, stacks{"main;a": 3, "main;b": 1}), testkit.CPUProfile(time.Minute, stacks{"main;a": 5}))
	diff := read(t, report, flame.DiffFile)
	got := map[string]int64{}
	for _, sample := range diff.Sample {
		side := "compare "
		if sample.DiffBaseSample() {
			side = "base "
		}
		got[side+sample.Location[0].Line[0].Function.Name] = sample.Value[1]
	}
	assert.Equal(t, map[string]int64{"base a": -3 * s, "base b": -1 * s, "compare a": 5 * s}, got)
	assert.Equal(t, int64(time.Minute), diff.DurationNanos)
}

func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	report := compared(t, testkit.CPUProfile(time.Minute, stacks{"main;a": 3}), testkit.CPUProfile(time.Minute, stacks{"main;b": 1}))
	text, err := os.ReadFile(filepath.Join(report.Dir, flame.JSONFile))
	require.NoError(t, err)
	var again flame.Report
	require.NoError(t, json.Unmarshal(text, &again))
	again.Dir = report.Dir
	again.Created = report.Created
	assert.Equal(t, report, again)
	assert.Equal(t, []string{flame.BaseFile, flame.CompareFile, flame.DiffFile}, report.Files)
	assert.Equal(t, "The profiles add up to 3 s with was.pb.gz and 1 s with is.pb.gz. "+
		"Without callees, b grew most (+1 s) and a shrank most (−3 s).", report.Meaning)
}

func TestSampleTypes(t *testing.T) {
	t.Parallel()
	file := testkit.SaveProfile(t, "a.pb.gz", testkit.CPUProfile(time.Minute, stacks{"main": 1}))
	report, err := flame.CompareFiles(file, file, "samples", filepath.Join(t.TempDir(), "r"))
	require.NoError(t, err)
	assert.Equal(t, "count", report.Unit)
	assert.Equal(t, int64(100), report.Base.Total)
	assert.Contains(t, report.Meaning, "No function differs.")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := testkit.SaveProfile(t, "good.pb.gz", testkit.CPUProfile(time.Minute, stacks{"main": 1}))
	heap := testkit.CPUProfile(0, stacks{"main": 1})
	heap.SampleType[1] = &profile.ValueType{Type: "inuse_space", Unit: "bytes"}
	text := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(text, []byte("Not a profile."), 0o600))
	cut := filepath.Join(t.TempDir(), "cut.pb.gz")
	require.NoError(t, os.WriteFile(cut, []byte{0x1f, 0x8b, 8, 0}, 0o600))
	difference := filepath.Join(compared(t, testkit.CPUProfile(time.Minute, stacks{"a": 1}), testkit.CPUProfile(time.Minute, stacks{"b": 1})).Dir, flame.DiffFile)

	for name, test := range map[string]struct {
		base, sampleType, dir string
		want                  error
		says                  string
	}{
		"no such file": {base: "nowhere.pb.gz", want: os.ErrNotExist, says: "nowhere.pb.gz"},
		"a directory":  {base: t.TempDir(), says: "is a directory"},
		"a text":       {base: text, want: flame.ErrNotProfile, says: text},
		"cut off":      {base: cut, want: flame.ErrNotProfile, says: cut},
		"empty":        {base: testkit.SaveProfile(t, "idle.pb.gz", testkit.CPUProfile(time.Minute, nil)), want: flame.ErrEmpty, says: "idle.pb.gz: "},
		"a difference": {base: difference, want: flame.ErrDifference, says: "diff.pb.gz: "},
		"another kind": {base: testkit.SaveProfile(t, "heap.pb.gz", heap), want: flame.ErrOtherKind, says: "base has samples/count, inuse_space/bytes, compare has samples/count, cpu/nanoseconds"},
		"no such type": {base: good, sampleType: "heat", want: flame.ErrSampleType, says: `got "heat", want one of samples, cpu`},
		"taken":        {base: good, dir: t.TempDir(), want: flame.ErrExists, says: "already exists"},
		"under a file": {base: good, dir: filepath.Join(text, "report"), says: "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dir := test.dir
			if dir == "" {
				dir = filepath.Join(parent, "report")
			}
			_, err := flame.CompareFiles(test.base, good, test.sampleType, dir)
			require.Error(t, err)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
			require.ErrorContains(t, err, test.says)
			left, err := os.ReadDir(parent)
			require.NoError(t, err)
			assert.Empty(t, left, "nothing is left behind")
		})
	}
}

func TestFilesOfOneNameAreToldApart(t *testing.T) {
	t.Parallel()
	first, second := testkit.SaveProfile(t, "cpu.pb.gz", testkit.CPUProfile(time.Minute, stacks{"a": 1})), testkit.SaveProfile(t, "cpu.pb.gz", testkit.CPUProfile(time.Minute, stacks{"a": 1}))
	report, err := flame.CompareFiles(first, second, "", filepath.Join(t.TempDir(), "r"))
	require.NoError(t, err)
	assert.Equal(t, []string{first, second}, []string{report.Base.Label, report.Compare.Label})
}

func TestPruning(t *testing.T) {
	t.Parallel()
	many := stacks{}
	for i := range 40 {
		for j := range 50 {
			many[strings.Repeat("a", i+1)+";"+strings.Repeat("b", j+1)] = int64(1 + i*50 + j)
		}
	}
	for name, test := range map[string]struct {
		samples stacks
		boxes   int // of one graph, the root among them
		says    string
	}{
		"all are drawn":        {stacks{"main;a": 500, "main;b": 499}, 4, ""},
		"up to a thousandth":   {stacks{"main;a": 998, "main;a;b": 2, "main;c": 1, "main;c;d": 0}, 4, "The graphs leave out 2 frames of at most 0.1 % of each profile."},
		"no deeper than drawn": {stacks{deep(200): 1}, 121, "Stacks are cut at 120 frames."},
		"no more than so many": {many, 0, " frames of at most 0.1 % of each profile."},
		"nor for any profile":  {stacks{deep(3000): 1}, 121, "Stacks are cut at 120 frames."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := compared(t, testkit.CPUProfile(time.Minute, test.samples), testkit.CPUProfile(time.Minute, test.samples))
			boxes := len(newPage(t, report).boxes("base"))
			if test.boxes > 0 {
				assert.Equal(t, test.boxes, boxes)
			}
			assert.LessOrEqual(t, boxes, 1500)
			assert.Contains(t, strings.Join(report.Notes, "\n"), test.says)
		})
	}
}

// deep is a stack of so many functions.
func deep(frames int) string {
	names := make([]string, frames)
	for i := range names {
		names[i] = strings.Repeat("f", i+1)
	}
	return strings.Join(names, ";")
}
