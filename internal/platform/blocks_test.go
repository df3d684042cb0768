package platform_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

var update = flag.Bool("update", false, "write the blocks anew") //nolint:gochecknoglobals // a flag of the test binary

const root = "../.."

// TestBlocks holds the parts of other files that repeat the table to it. Each is between two comments, "NAME: go generate …"
// and "end of NAME".
func TestBlocks(t *testing.T) {
	for file, block := range map[string]struct {
		name string
		text string
	}{
		"README.md":          {"parts", readme()},
		"docker-compose.yml": {"URLs", composeURLs()},
		"observability/prometheus/compose/targets.yaml": {"targets", targets(compose(t))},
		"grafana/src/lib/colors.ts":                     {"parts", grafanaColors()},
		"services/slodashboard/web/src/lib/colors.ts":   {"parts", pageColors()},
	} {
		path := filepath.Join(root, filepath.FromSlash(file))
		written, err := os.ReadFile(path) //nolint:gosec // G304: a file of this repository
		require.NoError(t, err)
		before, rest, begins := strings.Cut(string(written), block.name+": go generate ./internal/platform writes it")
		closing, body, _ := strings.Cut(rest, "\n")
		old, after, ends := strings.Cut(body, "end of "+block.name)
		require.True(t, begins && ends, "%s has no block %q", file, block.name)
		margin := old[strings.LastIndexByte(old, '\n')+1:] // of the closing comment
		made := before + block.name + ": go generate ./internal/platform writes it" + closing + "\n" + block.text + margin + "end of " + block.name + after
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(made), 0o600)) //nolint:gosec // G703: a file of this repository
			continue
		}
		assert.Equal(t, made, string(written), "%s: go generate ./internal/platform writes it anew", file)
	}
}

// TestColors names a hue that the page does not have; Grafana's do not compile without theirs.
func TestColors(t *testing.T) {
	tokens, err := os.ReadFile(filepath.Join(root, "services", "slodashboard", "web", "src", "styles", "tokens.css"))
	require.NoError(t, err)
	for _, p := range platform.Parts() {
		assert.Contains(t, string(tokens), "--"+p.Color+":", p.Name)
	}
}

func readme() string {
	var b strings.Builder
	b.WriteString("| part | port | what it is for |\n|---|---|---|\n")
	for _, p := range platform.Parts() {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", p.Name, p.Port, p.Summary)
	}
	return b.String()
}

func composeURLs() string {
	var b strings.Builder
	urls := platform.URLs(func(p platform.Part) string { return p.At(p.Name) })
	for _, variable := range slices.Sorted(maps.Keys(urls)) {
		fmt.Fprintf(&b, "  %s: %s\n", variable, urls[variable])
	}
	return b.String()
}

// targets are what compose always runs and Prometheus can scrape.
func targets(blocks map[string]block) string {
	var b strings.Builder
	for _, p := range platform.Parts() {
		if p.Kind != platform.Store && len(blocks[p.Name].Profiles) == 0 {
			fmt.Fprintf(&b, "- {targets: [\"%s:%d\"], labels: {job: %s}}\n", p.Name, p.Port, p.Name)
		}
	}
	return b.String()
}

// grafanaColors are those of all that Prometheus scrapes, and of the name that replicas share.
func grafanaColors() string {
	var b strings.Builder
	shared := map[string]bool{"": true}
	for _, p := range platform.Parts() {
		first, rest, _ := strings.Cut(p.Color, "-")
		hue := first + strings.ToUpper(rest[:min(1, len(rest))]) + rest[min(1, len(rest)):]
		if p.Kind == platform.Store {
			continue
		}
		if !shared[p.ReplicaOf] {
			shared[p.ReplicaOf] = true
			fmt.Fprintf(&b, "  %s: color.%s,\n", key(p.ReplicaOf), hue)
		}
		fmt.Fprintf(&b, "  %s: color.%s,\n", key(p.Name), hue)
	}
	return b.String()
}

func pageColors() string {
	var b strings.Builder
	for _, p := range platform.Components() {
		fmt.Fprintf(&b, "  %s: '%s',\n", key(p.Name), p.Color)
	}
	return b.String()
}

// key writes a member's name as Prettier does.
func key(name string) string {
	if strings.Contains(name, "-") {
		return "'" + name + "'"
	}
	return name
}
