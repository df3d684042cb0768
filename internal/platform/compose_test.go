package platform_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/platform"
)

// block is a service of docker-compose.yml.
type block struct {
	Command     yaml.Node
	Environment map[string]string
	Profiles    []string
	Ports       []string
	DependsOn   map[string]any `yaml:"depends_on"`
}

func compose(t *testing.T) map[string]block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	var file struct{ Services map[string]block }
	require.NoError(t, yaml.Unmarshal(text, &file))
	return file.Services
}

// TestCompose names the part that docker-compose.yml lacks, and what its block has wrong.
func TestCompose(t *testing.T) {
	blocks := compose(t)
	for _, p := range platform.Parts() {
		b, there := blocks[p.Name]
		if !assert.True(t, there, "docker-compose.yml has no block for %s", p.Name) {
			continue
		}
		assert.Contains(t, b.Ports, fmt.Sprintf("127.0.0.1:%d:%d", p.Port, p.Port), "%s: ports", p.Name)
		if !p.IsComponent() {
			continue
		}
		var command []string
		require.NoError(t, b.Command.Decode(&command), p.Name)
		assert.Equal(t, []string{"run", p.Name}, command, "%s: command", p.Name)
		assert.Equal(t, strconv.Itoa(p.Port), b.Environment["PORT"], "%s: PORT", p.Name)
		for _, upstream := range p.Upstreams {
			assert.Contains(t, b.DependsOn, upstream, "%s: depends_on", p.Name)
		}
	}
	for name := range blocks {
		if _, known := platform.Named(name); !known && name != "redis-commander" {
			assert.Fail(t, "no row", "docker-compose.yml runs %s, which the table of internal/platform does not have", name)
		}
	}
}
