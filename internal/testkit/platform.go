package testkit

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"deals.example/internal/platform"
)

// Platform runs the platform's components as processes on free ports, with their own Redis. It is not safe for concurrent use.
type Platform struct {
	Redis *RedisServer

	binary    string
	ports     map[string]int
	environ   []string
	processes map[string]*Process
}

// NewPlatform chooses the addresses and starts Redis, but no component. environ, each NAME=value, is for all processes and overrides the
// platform's settings. redisOptions are options of redis-server.
func NewPlatform(tb testing.TB, binary string, environ, redisOptions []string) *Platform {
	tb.Helper()
	p := &Platform{Redis: Redis(tb, redisOptions...), binary: binary, ports: map[string]int{}, processes: map[string]*Process{}}
	p.environ = append(p.environ, "REDIS_URL="+p.Redis.URL)
	urls := platform.URLs(func(part platform.Part) string { return p.URL(tb, part.Name) })
	for variable, url := range urls {
		p.environ = append(p.environ, variable+"="+url)
	}
	p.environ = append(p.environ, environ...)
	return p
}

// URL returns the URL of a component, before or after its start.
func (p *Platform) URL(tb testing.TB, component string) string {
	tb.Helper()
	if _, chosen := p.ports[component]; !chosen {
		p.ports[component] = p.freePort(tb)
	}
	return fmt.Sprintf("http://127.0.0.1:%d", p.ports[component])
}

func (p *Platform) freePort(tb testing.TB) int {
	tb.Helper()
	taken := slices.Collect(maps.Values(p.ports))
	for {
		if port := FreePort(tb); !slices.Contains(taken, port) {
			return port
		}
	}
}

// Start starts components in the given order. environ overrides the platform's settings.
func (p *Platform) Start(tb testing.TB, components []string, environ ...string) {
	tb.Helper()
	for _, component := range components {
		p.URL(tb, component)
		p.processes[component] = StartOn(tb, p.binary, component, p.ports[component], append(slices.Clone(p.environ), environ...)...)
	}
}

// StartReplica starts another process of a component on a free port.
func (p *Platform) StartReplica(tb testing.TB, component string, environ ...string) *Process {
	tb.Helper()
	return StartOn(tb, p.binary, component, p.freePort(tb), append(slices.Clone(p.environ), environ...)...)
}

// Process returns a started component.
func (p *Platform) Process(component string) *Process { return p.processes[component] }

// Upstreams returns the names of the components that the experience API calls.
func Upstreams() []string {
	var names []string
	for _, part := range platform.Components() {
		if part.Kind == platform.Service || part.Kind == platform.Balancer {
			names = append(names, part.Name)
		}
	}
	return names
}
