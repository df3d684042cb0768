package main_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

//go:generate go test . -run TestSettingsInDocs -update

const platformDoc = "../../docs/platform.md"

// setting is an entry of a component's --help, without its default.
type setting struct{ name, help, allowed string }

// use lists the components that use a setting, and their defaults.
type use struct{ components, defaults []string }

// TestSettingsInDocs compares the table of settings in docs/platform.md with the output of --help.
func TestSettingsInDocs(t *testing.T) {
	entry := regexp.MustCompile(`\n  ([A-Z0-9_]+)=(.*)\n      (.*)(?:\n      allowed: (.*))?`)
	var order []setting
	uses := map[setting]*use{}
	for _, component := range platform.Components() {
		help := run(t, nil, "", "run", component.Name, "--help")
		require.Zero(t, help.code, help.stderr)
		found := entry.FindAllStringSubmatch(help.stdout, -1)
		_, settings, _ := strings.Cut(help.stdout, "Settings, from the environment")
		require.Regexp(t, `^[^\n]*\s*$`, entry.ReplaceAllString(settings, ""), "%s: this test must parse every line of --help", component.Name)
		require.NotEmpty(t, found, "%s has no settings", component.Name)
		for _, match := range found {
			s := setting{match[1], match[3], match[4]}
			if uses[s] == nil {
				order, uses[s] = append(order, s), &use{}
			}
			uses[s].components = append(uses[s].components, component.Name)
			if value := "`" + match[2] + "`"; match[2] != "" && !slices.Contains(uses[s].defaults, value) {
				uses[s].defaults = append(uses[s].defaults, value)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b setting) int { return len(uses[b].components) - len(uses[a].components) })

	text, err := os.ReadFile(platformDoc)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), " -->\n")
	require.True(t, ok)
	_, after, ok := strings.Cut(rest, "<!-- /settings -->")
	require.True(t, ok)
	want := before + " -->\n" + table(order, uses) + "<!-- /settings -->" + after
	if *update {
		require.NoError(t, os.WriteFile(platformDoc, []byte(want), 0o600)) //nolint:gosec // G703: the path is constant
	}
	assert.Equal(t, want, string(text), "go test ./cmd/deals -run TestSettingsInDocs -update")
}

// TestErrorCodesInDocs checks that docs/platform.md explains every code of internal/problem.
func TestErrorCodesInDocs(t *testing.T) {
	source, err := os.ReadFile("../../internal/problem/problem.go")
	require.NoError(t, err)
	text, err := os.ReadFile(platformDoc)
	require.NoError(t, err)
	codes := regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"$`).FindAllStringSubmatch(string(source), -1)
	require.NotEmpty(t, codes)
	for _, code := range codes {
		assert.Contains(t, string(text), "| `"+code[1]+"` |")
	}
}

// table returns the settings as a Markdown table, those of most components first.
func table(order []setting, uses map[setting]*use) string {
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	var out strings.Builder
	out.WriteString("\n| setting | default | meaning | allowed | components |\n|---|---|---|---|---|\n")
	for _, s := range order {
		components := strings.Join(uses[s].components, ", ")
		if len(uses[s].components) == len(platform.Components()) {
			components = "all"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s |\n", s.name, cell.Replace(strings.Join(uses[s].defaults, ", ")),
			cell.Replace(s.help), cell.Replace(s.allowed), components)
	}
	out.WriteString("\n")
	return out.String()
}
