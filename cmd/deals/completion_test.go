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
		"up --state-dir":   nil,
		"no such --flag x": {"up"},
	} {
		got := run(t, nil, "", append(append([]string{"complete", "--"}, strings.Fields(words)...), "")...)
		assert.Equal(t, 0, got.code, got.stderr)
		lines := strings.Fields(got.stdout)
		assert.Subset(t, lines, want, words)
		assert.Equal(t, want == nil, len(lines) == 0, words)
		assert.NotContains(t, lines, "embedded-redis", "it is hidden")
	}
	assert.Equal(t, 2, run(t, nil, "", "completion", "tcsh").code)
}

// The scripts are used as the shells use them: the shell calls the program.
func TestCompletionInShells(t *testing.T) {
	folder := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(folder, "deals")))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "reports"), nil, 0o600))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH")) //nolint:forbidigo // the test puts a program in front of PATH

	for shell, complete := range map[string]string{
		"bash": `COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _deals deals
			echo "${COMPREPLY[@]:-$(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")}"`, // -o default completes files
		"zsh": `compadd() { print -l -- ${(M)${@:2}:#${words[CURRENT]}*}; }; _files() { print -l -- ${words[CURRENT]}*; }
			words=(%s); CURRENT=$#words; _deals`,
		"fish": `complete -C '%s'`,
	} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("no %s on PATH", shell)
			}
			assigned, completed := "deals load --mode=mi", "--mode=mixed"
			if shell == "bash" { // it splits the words there, and keeps what is before the last
				assigned, completed = "deals load --mode = mi", "mixed"
			}
			for words, want := range map[string]string{
				"deals stop re":        "redis",
				"deals load --mode mi": "mixed",
				assigned:               completed,
				"deals flame --out re": "reports",
			} {
				script := run(t, nil, "", "completion", shell).stdout + strings.ReplaceAll(complete, "%s", words)
				if shell == "zsh" {
					script = "compdef() {}; " + script
				}
				command := exec.CommandContext(t.Context(), path, "-c", script) //nolint:gosec // G204: our own script
				command.Dir = folder
				out, err := command.CombinedOutput()
				require.NoError(t, err, "%s", out)
				assert.Equal(t, want, strings.TrimSpace(string(out)), words)
			}
		})
	}
}
