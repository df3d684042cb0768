package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	deals "deals.example/cmd/deals"
	"deals.example/internal/platform"
	"deals.example/internal/testkit"
	"deals.example/lab/control"
)

//go:generate go test . -run InDocs -update

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

	inDocs(t, platformDoc, "settings", table(order, uses))
}

// inDocs compares the named block of a page with what it should be, which -update makes it.
func inDocs(t *testing.T, page, name, want string) {
	t.Helper()
	begin, end := "<!-- "+name+": go test ./cmd/deals -run "+t.Name()+" -update -->\n", "<!-- /"+name+" -->"
	text, err := os.ReadFile(page) //nolint:gosec // G304: the path is constant
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok, begin)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok, end)
	want = before + begin + want + end + after
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o600)) //nolint:gosec // G703: the path is constant
	}
	assert.Equal(t, want, string(text), "go test ./cmd/deals -run %s -update", t.Name())
}

// component runs one component of the program.
type component string

// Run implements testkit.Runner.
func (c component) Run(ctx context.Context, environ map[string]string) error {
	var settings []string
	for name, value := range environ {
		settings = append(settings, name+"="+value)
	}
	var stderr bytes.Buffer
	if code := deals.Run(ctx, []string{"run", string(c)}, settings, strings.NewReader(""), io.Discard, &stderr); code != 0 {
		return fmt.Errorf("exit code %d: %s", code, stderr.String())
	}
	return nil
}

// TestControlsInDocs compares the table of controls in docs/platform.md with those of the components.
func TestControlsInDocs(t *testing.T) {
	address := "127.0.0.1:" + freePort(t)
	start(t, nil, "embedded-redis", "--address", address)
	client := clientOf(t, address)
	require.Eventually(t, func() bool { return client.Ping(t.Context()).Err() == nil }, 20*time.Second, 10*time.Millisecond)
	var order []string // rows without their components
	components := map[string][]string{}
	for _, part := range platform.Components() {
		if part.Kind == platform.Page {
			continue // visitors of a page are not what controls are for
		}
		var list control.List
		answer := testkit.Run(t, component(part.Name), map[string]string{"REDIS_URL": "redis://" + address + "/0"}).Get(t, control.Path)
		require.NoError(t, json.Unmarshal([]byte(answer.Body), &list), answer.Body)
		for _, one := range list.Controls {
			row := controlRow(one)
			if len(components[row]) == 0 {
				order = append(order, row)
			}
			components[row] = append(components[row], part.Name)
		}
	}
	var out strings.Builder
	out.WriteString("\n| control | what it decides | options, the default first | components |\n|---|---|---|---|\n")
	for _, row := range order {
		fmt.Fprintf(&out, "%s %s |\n", row, strings.Join(components[row], ", "))
	}
	out.WriteString("\n")
	inDocs(t, platformDoc, "controls", out.String())
}

// controlRow returns the row of a control as far as it does not depend on the component.
func controlRow(c control.State) string {
	options := make([]string, 0, len(c.Options))
	for _, option := range c.Options {
		text := "`" + control.Option(option).String() + "`"
		if option.Help != "" {
			text += " " + option.Help
		}
		options = append(options, text)
	}
	return fmt.Sprintf("| `%s` | %s | %s |", c.Name, c.Help, strings.Join(options, " · "))
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
