package servers_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/platform"
	"deals.example/internal/servers"
)

// Compose has flags of its own only for where a server listens: on all interfaces of its container.
func TestComposeRunsServersWithTheSameFlags(t *testing.T) {
	text, err := os.ReadFile("../../docker-compose.yml")
	require.NoError(t, err)
	var compose struct {
		Services map[string]struct{ Command yaml.Node }
	}
	require.NoError(t, yaml.Unmarshal(text, &compose))

	for _, name := range []string{"prometheus", "alertmanager"} {
		var inCompose []string
		command := compose.Services[name].Command
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
