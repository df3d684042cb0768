package flame_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"deals.example/internal/flame"
	"deals.example/internal/testkit"
)

type stacks = testkit.Stacks

// compared returns the report of two profiles.
func compared(t *testing.T, base, compare *profile.Profile) flame.Report {
	t.Helper()
	report, err := flame.CompareFiles(testkit.SaveProfile(t, "was.pb.gz", base), testkit.SaveProfile(t, "is.pb.gz", compare), "", filepath.Join(t.TempDir(), "report"))
	require.NoError(t, err)
	return report
}

// read returns a profile of a report.
func read(t *testing.T, report flame.Report, name string) *profile.Profile {
	t.Helper()
	file, err := os.Open(filepath.Join(report.Dir, name)) //nolint:gosec // in the test's own directory
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	p, err := profile.Parse(file)
	require.NoError(t, err)
	return p
}
