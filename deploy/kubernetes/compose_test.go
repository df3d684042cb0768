package kubernetes_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/platform"
)

const root = "../.."

// service is a service of docker-compose.yml.
type service struct {
	Image       string
	Command     yaml.Node
	WorkingDir  string `yaml:"working_dir"`
	Environment map[string]string
	Memory      string `yaml:"mem_limit"`
	GracePeriod string `yaml:"stop_grace_period"`
	Volumes     []string
	Ports       []string
	Healthcheck struct{ Test []string }
}

// readFile returns a file of this repository.
func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(text)
}

// compose returns the services of docker-compose.yml, with the variables that .env sets.
func compose(t *testing.T) map[string]service {
	t.Helper()
	variables := map[string]string{}
	for _, assignment := range regexp.MustCompile(`(?m)^([A-Z_]+)=(.*)$`).FindAllStringSubmatch(readFile(t, ".env"), -1) {
		variables[assignment[1]] = assignment[2]
	}
	text := os.Expand(readFile(t, "docker-compose.yml"), func(name string) string {
		value, set := variables[name]
		require.True(t, set, ".env does not set %s", name)
		return value
	})
	var file struct{ Services map[string]service }
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	return file.Services
}

// memory returns a size of compose, such as 96m, in the notation of Kubernetes.
func memory(size string) string { return strings.TrimSuffix(size, "m") + "Mi" }

// goMemory returns a size of Go, such as 80MiB, in the notation of Kubernetes.
func goMemory(size string) string { return strings.TrimSuffix(size, "B") }

// command returns the command of a service. One that is a string has no quotes but for an empty argument.
func (s service) command(t *testing.T) []string {
	t.Helper()
	if s.Command.Kind != yaml.ScalarNode {
		var words []string
		require.NoError(t, s.Command.Decode(&words))
		return words
	}
	words := strings.Fields(s.Command.Value)
	for i, word := range words {
		if word == `""` {
			words[i] = ""
		}
	}
	return words
}

// data returns the folder of a server's volume, which compose names after it.
func (s service) data(t *testing.T, name string) string {
	t.Helper()
	for _, volume := range s.Volumes {
		if path, found := strings.CutPrefix(volume, name+":"); found {
			return path
		}
	}
	require.Fail(t, "no volume", "docker-compose.yml: %s has no volume of that name", name)
	return ""
}

// ready returns the path at which a server says that it is ready: that of its health check, which some servers' own commands know.
func (s service) ready() string {
	const known = "/ready"
	for _, word := range s.Healthcheck.Test {
		_, address, isURL := strings.Cut(word, "http://")
		if _, path, found := strings.Cut(address, "/"); isURL && found {
			return "/" + path
		}
	}
	return known
}

// shellCheck returns the health check as a command, if it is one for a shell.
func (s service) shellCheck() []string {
	if s.Healthcheck.Test[0] != "CMD-SHELL" {
		return nil
	}
	return append([]string{"sh", "-c"}, s.Healthcheck.Test[1:]...)
}

// isServer reports whether a part is a server that keeps or shows telemetry: the component stack has those.
func isServer(p platform.Part) bool { return p.Kind == platform.Server }
