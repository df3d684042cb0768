// Package app is the life of a component: its settings, its telemetry, its HTTP server with /healthz, /readyz and /metrics,
// and the order in which it stops. A service is then its data, its handlers and their tests.
package app

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"deals.example/internal/settings"
)

// MetricsKind says under which names a component's HTTP requests are counted.
type MetricsKind int

// Kinds of request metrics.
const (
	NoRequestMetrics MetricsKind = iota
	ExperienceMetrics
	DomainMetrics
)

// Info is what the table of components says of one.
type Info struct {
	Name    string
	Summary string
	Port    int      // where it listens unless PORT says otherwise
	Needs   []string // components, or "redis", that should be up before it
	Metrics MetricsKind
	Public  bool // clients of anybody call it: a trace of theirs has its root here

	Defaults map[string]string // of settings whose default differs from one component to the next
}

// Component is a process that can be run.
type Component struct {
	Info

	describe func() []settings.Setting
	check    func(environ map[string]string) error
	run      func(ctx context.Context, environ map[string]string) error
}

// Define makes a component of its description and a function that builds it from its settings S: registers routes, checks,
// background loops and what to do at the end on the Runtime. build must not block.
func Define[S any, D settings.Of[S]](info Info, build func(ctx context.Context, rt *Runtime, cfg S) error) Component {
	load := func(environ map[string]string) (standard Config, own S, err error) {
		err = settings.Load(withDefaults(environ, info), &standard, D(&own))
		return standard, own, err
	}
	return Component{
		Info: info,
		describe: func() []settings.Setting {
			described, defaults := settings.Describe(new(Config), D(new(S))), info.defaults()
			for i, s := range described {
				if value, own := defaults[s.Name]; own {
					described[i].Default = value
				}
			}
			return described
		},
		check: func(environ map[string]string) error {
			_, _, err := load(environ)
			return err
		},
		run: func(ctx context.Context, environ map[string]string) error {
			standard, own, err := load(environ)
			if err != nil {
				return fmt.Errorf("settings of %s:\n%w", info.Name, err)
			}
			return run(ctx, info, standard, func(ctx context.Context, rt *Runtime) error { return build(ctx, rt, own) })
		},
	}
}

// Settings lists the environment variables that the component reads.
func (c Component) Settings() []settings.Setting { return c.describe() }

// Check returns what is wrong with the settings in environ, as settings.Load does, and starts nothing.
func (c Component) Check(environ map[string]string) error { return c.check(environ) }

// Run runs the component until ctx ends, then stops it in order. It returns nil after a clean stop.
func (c Component) Run(ctx context.Context, environ map[string]string) error {
	return c.run(ctx, environ)
}

func (i Info) defaults() map[string]string {
	defaults := map[string]string{portVariable: strconv.Itoa(i.Port), instanceVariable: i.Name}
	maps.Copy(defaults, i.Defaults)
	return defaults
}

// withDefaults returns environ over the component's own defaults; an empty variable counts as unset.
func withDefaults(environ map[string]string, info Info) map[string]string {
	merged := info.defaults()
	for name, value := range environ {
		if value != "" {
			merged[name] = value
		}
	}
	return merged
}
