package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/sizing"
)

const scalingDoc = "../../docs/scaling.md"

// TestSizingHasTheDefaults compares what plans are computed with to the settings of the components.
func TestSizingHasTheDefaults(t *testing.T) {
	t.Parallel()
	for component, settings := range map[string][]string{
		platform.PriceService: {fmt.Sprintf("CAPACITY=%d", sizing.Places)},
		platform.EnrichmentWorker: {
			fmt.Sprintf("ENRICHMENT_WORKER_CONCURRENCY=%d", sizing.EnrichmentPlaces),
			fmt.Sprintf("READ_MODEL_STALE_AFTER=%.0fm", sizing.StaleAfter.Minutes()),
		},
		platform.CriticalWorker: {fmt.Sprintf("CRITICAL_WORKER_CONCURRENCY=%d", sizing.CriticalPlaces)},
		platform.RatingLB: {
			fmt.Sprintf("allowed: 1 to %d different URLs with http or https, separated by commas", sizing.BalancerTargets),
		},
		platform.ExperienceAPI: {
			fmt.Sprintf("READ_MODEL_SNAPSHOT_AGE=%s", sizing.SnapshotAge), fmt.Sprintf("BASE_DEALS_CACHE_TTL=%s", sizing.CatalogTTL),
			fmt.Sprintf("DEAL_CACHE_TTL=%.0fm", sizing.DealCacheTTL.Minutes()), fmt.Sprintf("OTEL_TRACES_SAMPLER_ARG=%.0f", sizing.TracesPerProcess),
		},
	} {
		help := run(t, nil, "", "run", component, "--help")
		for _, setting := range settings {
			assert.Contains(t, help.stdout, setting+"\n", component)
		}
	}
	assert.Contains(t, run(t, nil, "", "embedded-redis", "--help").stdout, fmt.Sprintf("--max-memory=%d", sizing.RedisMaxMemory))
	objective, err := os.ReadFile("../../slo/specs/job-freshness.yaml")
	require.NoError(t, err)
	assert.Contains(t, string(objective), fmt.Sprintf("within %.0f s", sizing.Fresh.Seconds()))
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	got := run(t, nil, "", "capacity", "--rps", "1000", "--json")
	require.Zero(t, got.code, got.stderr)
	var plan sizing.Plan
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &plan))
	assert.InDelta(t, 1000, plan.Demand.RPS, 0)
	assert.Equal(t, platform.ExperienceAPI, plan.Bill[0].Part)
	assert.NotEmpty(t, plan.Bill[0].Constants)
	assert.NotEmpty(t, plan.Limits)

	table := run(t, nil, "", "capacity", "--rps", "1000", "--regions", "3")
	assert.Contains(t, table.stdout,
		"1,000 requests and 0 jobs per second in 3 regions, of which any 2 carry it all. In each region:\n\nPART ")
	assert.Contains(t, table.stdout, "\nONE OF ")
}

// TestConstantsInDocs compares the tables of constants in docs/scaling.md with the file.
func TestConstantsInDocs(t *testing.T) {
	constants, err := sizing.Load()
	require.NoError(t, err)
	var out strings.Builder
	fmt.Fprintf(&out, "\nMeasured on %s:\n\n| constant | value | what it is | measured by `-bench` |\n|---|---|---|---|\n", constants.Machine)
	for _, one := range constants.MeasuredList() {
		fmt.Fprintf(&out, "| `%s` | %s %s | %s | `%s` |\n", one.ID, written(one.Value), one.Unit, one.What, strings.Fields(one.Command)[6])
	}
	out.WriteString("\nStated by those who make the servers, for what was not run here:\n\n| constant | value | what it is |\n|---|---|---|\n")
	for _, one := range constants.StatedList() {
		fmt.Fprintf(&out, "| `%s` | %s %s | [%s](%s) |\n", one.ID, written(one.Value), one.Unit, one.What, one.Source)
	}
	out.WriteString("\n")
	inDocs(t, scalingDoc, "constants", out.String())
}

// written writes a value of the file as it is there, grouped by thousands if it is whole.
func written(value float64) string {
	if value >= 10 {
		return sizing.Whole(value)
	}
	return fmt.Sprint(value)
}

// TestPlansInDocs compares the plans in docs/scaling.md with what the commands above them print.
func TestPlansInDocs(t *testing.T) {
	text, err := os.ReadFile(scalingDoc)
	require.NoError(t, err)
	const begin, command = "<!-- plan-", "    $ bin/deals "
	for _, block := range strings.Split(string(text), begin)[1:] {
		name, rest, _ := strings.Cut(block, ":")
		_, line, found := strings.Cut(rest, command)
		require.True(t, found, name)
		line, _, _ = strings.Cut(line, "\n")
		got := run(t, nil, "", strings.Fields(line)...)
		require.Zero(t, got.code, got.stderr)
		var out strings.Builder
		fmt.Fprintf(&out, "\n%s%s\n\n", command, line)
		for printed := range strings.Lines(got.stdout) {
			out.WriteString(strings.TrimRight("    "+printed, " \n") + "\n")
		}
		out.WriteString("\n")
		inDocs(t, scalingDoc, "plan-"+name, out.String())
	}
	assert.GreaterOrEqual(t, strings.Count(string(text), begin), 4, filepath.Base(scalingDoc))
}
