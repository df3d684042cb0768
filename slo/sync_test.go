package slo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/slo"
)

// catalogDir is a copy of the catalog in testdata without its rules.
func catalogDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"specs", "windows"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join("testdata", "catalog", part))))
	}
	return dir
}

func names(drifts []slo.Drift) []string {
	found := make([]string, len(drifts))
	for i, drift := range drifts {
		found[i] = drift.File
	}
	return found
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	dir := catalogDir(t)
	made, err := slo.Generate(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"rules/door.1w.yaml", "rules/door.rehearsal.yaml"}, names(made))
	for _, file := range names(made) {
		assert.Equal(t, string(read(t, filepath.Join("testdata", "catalog", file))), string(read(t, filepath.Join(dir, file))))
	}
	again, err := slo.Generate(dir)
	require.NoError(t, err)
	assert.Empty(t, again, "the second run changes nothing")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(t *testing.T, dir string)
		diffs  []string // text that the diff of each file contains
	}{
		"as generated": {
			change: func(*testing.T, string) {},
		},
		"a rule changed by hand": {
			change: func(t *testing.T, dir string) {
				t.Helper()
				replace(t, filepath.Join(dir, "rules/door.1w.yaml"), "vector(7)", "vector(8)")
			},
			diffs: []string{"\n       - record: slo:time_period:days\n-        expr: vector(8)\n+        expr: vector(7)\n         labels:\n"},
		},
		"an objective changed": {
			change: func(t *testing.T, dir string) {
				t.Helper()
				replace(t, filepath.Join(dir, "specs/door.yaml"), "objective: 99.9", "objective: 99")
			},
			diffs: []string{"-        expr: vector(0.999)\n+        expr: vector(0.99)\n", "+        expr: vector(0.99)\n"},
		},
		"a file of rules is missing": {
			change: func(t *testing.T, dir string) {
				t.Helper()
				require.NoError(t, os.Remove(filepath.Join(dir, "rules/door.rehearsal.yaml")))
			},
			diffs: []string{"+groups:\n"},
		},
		"windows are removed": {
			change: func(t *testing.T, dir string) {
				t.Helper()
				require.NoError(t, os.Remove(filepath.Join(dir, "windows/rehearsal.yaml")))
			},
			diffs: []string{"-groups:\n"},
		},
		"rules written by hand are left alone": {
			change: func(t *testing.T, dir string) {
				t.Helper()
				require.NoError(t, os.WriteFile(filepath.Join(dir, "rules/own.yaml"), []byte("groups: []\n"), 0o600))
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := catalogDir(t)
			_, err := slo.Generate(dir)
			require.NoError(t, err)
			test.change(t, dir)

			drifts, err := slo.Check(dir)
			require.NoError(t, err)
			require.Len(t, drifts, len(test.diffs))
			for i, diff := range test.diffs {
				assert.Contains(t, drifts[i].Diff(), diff)
			}
			_, err = slo.Generate(dir)
			require.NoError(t, err)
			settled, err := slo.Check(dir)
			require.NoError(t, err)
			assert.Empty(t, settled)
		})
	}
}

func TestGenerateWritesNothingForInvalidSpec(t *testing.T) {
	t.Parallel()
	dir := catalogDir(t)
	_, err := slo.Generate(dir)
	require.NoError(t, err)
	replace(t, filepath.Join(dir, "specs/door.yaml"), "objective: 99.9", "objective: 999")
	before := read(t, filepath.Join(dir, "rules/door.1w.yaml"))

	_, err = slo.Generate(dir)
	require.ErrorContains(t, err, "slos[0].objective")
	assert.Equal(t, before, read(t, filepath.Join(dir, "rules/door.1w.yaml")))
}

func replace(t *testing.T, file, from, to string) {
	t.Helper()
	content := string(read(t, file))
	require.Contains(t, content, from)
	changed := strings.ReplaceAll(content, from, to)
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
}
