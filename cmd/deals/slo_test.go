package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSLO(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../slo/testdata/catalog")))
	spec, rules := filepath.Join(dir, "specs", "door.yaml"), filepath.Join(dir, "rules", "door.1w.yaml")
	want, err := os.ReadFile(rules) //nolint:gosec // in the test's own directory
	require.NoError(t, err)
	slo := func(command string) outcome { return run(t, nil, "", "slo", command, "--dir", dir) }

	assert.Equal(t, outcome{}, slo("check"))

	require.NoError(t, os.WriteFile(rules, want[:len(want)/2], 0o600)) //nolint:gosec // in the test's own directory
	drifted := slo("check")
	assert.Equal(t, 1, drifted.code)
	assert.Contains(t, drifted.stdout, "rules/door.1w.yaml\n")
	assert.Contains(t, drifted.stdout, "\n+  - name: sloth-slo-alerts-shop-warmth\n")
	assert.Contains(t, drifted.stderr, "run make generate")

	assert.Equal(t, outcome{stdout: "rules/door.1w.yaml\n"}, slo("generate"))
	assert.Equal(t, outcome{}, slo("check"))

	require.NoError(t, os.WriteFile(spec, []byte("version: prometheus/v2\n"), 0o600))
	for _, command := range []string{"check", "generate"} {
		refused := slo(command)
		assert.Equal(t, 1, refused.code)
		assert.Contains(t, refused.stderr, "\nspecs/door.yaml:1: version: got \"prometheus/v2\", want prometheus/v1\n")
	}
}
