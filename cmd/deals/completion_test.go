package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompletion(t *testing.T) {
	for words, want := range map[string][]string{
		"":                 {"up", "ps", "stop", "run", "dlq", "--help", "--version"},
		"dlq":              {"list", "purge"},
		"run":              {"price-service", "slo-dashboard"},
		"stop":             {"redis", "prometheus", "--state-dir"},
		"up --only":        {"redis", "price-service"},
		"load --mode":      {"hash-bad", "mixed"},
		"completion":       {"bash", "zsh", "fish"},
		"load --json":      {"--duration"},
		"no such --flag x": {"up"},
	} {
		got := run(t, nil, "", append([]string{"complete", "--"}, strings.Fields(words)...)...)
		assert.Equal(t, 0, got.code, got.stderr)
		lines := strings.Fields(got.stdout)
		assert.Subset(t, lines, want, words)
		assert.NotContains(t, lines, "embedded-redis", "it is hidden")
	}
	assert.Equal(t, 2, run(t, nil, "", "completion", "tcsh").code)
}

// The script is used as a shell uses it: the shell calls the program.
func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on PATH")
	}
	program := filepath.Join(t.TempDir(), "deals")
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, program))
	script := run(t, nil, "", "completion", "bash").stdout +
		`COMP_WORDS=(deals stop re); COMP_CWORD=2; _deals ` + program + `; echo "${COMPREPLY[@]}"`
	out, err := exec.CommandContext(t.Context(), bash, "-c", script).CombinedOutput() //nolint:gosec // G204: our own script
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "redis\n", string(out))
}
