package slo_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/slo"
)

var update = flag.Bool("update", false, "write the generated and golden files") //nolint:gochecknoglobals // a flag of the test binary

func TestRulesMatchGoldenFiles(t *testing.T) {
	t.Parallel()
	const dir = "testdata/catalog"
	if *update {
		_, err := slo.Generate(dir)
		require.NoError(t, err)
	}
	catalog, err := slo.Load(os.DirFS(dir))
	require.NoError(t, err)
	files, err := catalog.Files()
	require.NoError(t, err)
	golden, err := filepath.Glob(filepath.Join(dir, "rules", "*"))
	require.NoError(t, err)
	assert.Len(t, files, len(golden))
	for _, file := range files {
		want, err := os.ReadFile(filepath.Join(dir, file.Name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(file.Content), file.Name)
	}
}

// The burn rates and windows are those of the SRE workbook, chapter 5.
func TestBurnRates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		windows  string
		service  string
		burns    []string
		interval string
	}{
		"30 days": {
			windows: "30d", service: "deals", interval: "1m",
			burns: []string{"14.4 over 1h and 5m, or 6 over 6h and 30m", "3 over 1d and 2h, or 1 over 3d and 6h"},
		},
		"lab-time": {
			windows: "lab-time", service: "deals-lab-time", interval: "4s",
			burns: []string{"14.4 over 2m and 20s, or 6 over 5m and 40s", "3 over 10m and 1m, or 1 over 30m and 3m"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			groups := committed(t, "rules/availability."+test.windows+".yaml")
			require.Len(t, groups, 3)
			for _, group := range groups {
				assert.Equal(t, test.interval, group.Interval)
			}
			alerts := groups[2].Rules
			require.Len(t, alerts, len(test.burns))
			for i, burns := range test.burns {
				assert.Contains(t, alerts[i].Annotations["description"], "Fires at a burn rate of "+burns+".")
				assert.Equal(t, test.service+" availability: error budget burn rate is too high", alerts[i].Annotations["summary"])
			}
		})
	}
}

func TestOneSpecOneWindows(t *testing.T) {
	t.Parallel()
	catalog, err := slo.Load(fstest.MapFS{
		"specs/door.yaml":         {Data: read(t, "testdata/catalog/specs/door.yaml")},
		"specs/notes.txt":         {Data: []byte("no spec")},
		"windows/1w.yaml":         {Data: read(t, "testdata/catalog/windows/1w.yaml")},
		"windows/more/other.yaml": {Data: []byte("not looked at")},
	})
	require.NoError(t, err)
	files, err := catalog.Files()
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.Equal(t, "rules/door.1w.yaml", files[0].Name)
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file) //nolint:gosec // the test names it
	require.NoError(t, err)
	return content
}
