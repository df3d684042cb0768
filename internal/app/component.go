// Package app runs a component: its settings, its telemetry, its HTTP server with /healthz, /readyz and /metrics, and its ordered
// shutdown.
package app

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"deals.example/internal/settings"
)

// MetricsKind selects the names of a component's HTTP request metrics.
type MetricsKind int

// Kinds of request metrics.
const (
	NoRequestMetrics MetricsKind = iota
	ExperienceMetrics
	DomainMetrics
)

// Info describes a component.
type Info struct {
	Name    string
	Summary string
	Port    int      // default of PORT
	Needs   []string // names of components or "redis" that should be ready before it
	Metrics MetricsKind
	Public  bool // called by clients outside the platform; their traces start here

	Defaults map[string]string // defaults of settings that differ between components
}

// Component is a component that can be run.
type Component struct {
	Info

	describe func() []settings.Setting
	check    func(environ map[string]string) error
	run      func(ctx context.Context, environ map[string]string) error
}

// Define returns a component. build registers routes, checks, background loops and shutdown steps on the Runtime, from the settings S. It
// must not block.
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

// Settings returns the settings of the component.
func (c Component) Settings() []settings.Setting { return c.describe() }

// Check validates the settings in environ. Its error is that of settings.Load.
func (c Component) Check(environ map[string]string) error { return c.check(environ) }

// Run runs the component until ctx ends, then shuts it down. It returns nil after a clean shutdown.
func (c Component) Run(ctx context.Context, environ map[string]string) error {
	return c.run(ctx, environ)
}

func (i Info) defaults() map[string]string {
	defaults := map[string]string{portVariable: strconv.Itoa(i.Port), instanceVariable: i.Name}
	maps.Copy(defaults, i.Defaults)
	return defaults
}

// withDefaults returns environ with the component's defaults for variables that are unset or empty.
func withDefaults(environ map[string]string, info Info) map[string]string {
	merged := info.defaults()
	for name, value := range environ {
		if value != "" {
			merged[name] = value
		}
	}
	return merged
}
