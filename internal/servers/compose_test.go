package servers_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/platform"
	"deals.example/internal/servers"
)

// composed is a service of docker-compose.yml.
type composed struct {
	Command     yaml.Node
	GracePeriod string `yaml:"stop_grace_period"`
}

func compose(t *testing.T) map[string]composed {
	t.Helper()
	text, err := os.ReadFile("../../docker-compose.yml")
	require.NoError(t, err)
	var file struct{ Services map[string]composed }
	require.NoError(t, yaml.Unmarshal(text, &file))
	return file.Services
}

// Compose has flags of its own only for where a server listens: on all interfaces of its container.
func TestComposeRunsServersWithTheSameFlags(t *testing.T) {
	services := compose(t)
	for _, name := range []string{"prometheus", "alertmanager"} {
		var inCompose []string
		command := services[name].Command
		require.NoError(t, command.Decode(&inCompose))
		part, _ := platform.Named(name)
		native := servers.Process(name, name, "/state", part.Port).Args
		native = slices.DeleteFunc(native, func(flag string) bool { return strings.HasPrefix(flag, "--web.listen-address=") })
		for i := range native {
			native[i] = strings.NewReplacer("/state/etc/", "/etc/", "/state/data/", "/").Replace(native[i])
		}
		assert.Equal(t, native, inCompose, name)
	}
}

// A server that stops slowly has the same time for it in compose.
func TestComposeGivesServersTheSameTimeToStop(t *testing.T) {
	services := compose(t)
	for _, name := range []string{"tempo", "pyroscope"} {
		grace, err := time.ParseDuration(services[name].GracePeriod)
		require.NoError(t, err, name)
		assert.Equal(t, servers.Process(name, name, "/state", 1).Grace, grace, name)
	}
}
