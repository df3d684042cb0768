package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"time"

	"deals.example/lab/control"
)

// Settings are held for lease and renewed every renew, so that all of them are back soon after an engine was killed.
const (
	lease = 12 * time.Second
	renew = 4 * time.Second
)

// Admin reads and changes settings of components. *admin.Client implements it.
type Admin interface {
	Get(ctx context.Context, component, path string, settings any) error
	Set(ctx context.Context, component, path string, change, settings any) error
	Reset(ctx context.Context, component, path string, settings any) error
	Delete(ctx context.Context, component, path string, settings any) error
}

// Paths of the settings that have one value per component; those of controls are at control.Path.
const (
	capacityPath = "/admin/capacity"
	faultPath    = "/admin/fault"
)

// target is what a Setting sets.
type target struct {
	component, path string
	control         string // name, with control.Path
}

// change is the body that sets a target, without how long.
type change map[string]any

// world holds settings of the platform. It must not be used concurrently.
type world struct {
	admin Admin
	held  map[target]change
	since time.Time // of the last renewal of all
}

func newWorld(a Admin) *world { return &world{admin: a, held: map[target]change{}} }

// hold puts settings in force, and puts back what was held and is none of them. The later of two settings of the same target wins, member by
// member. To be called at least every second, so that the settings stay in force. After an error the next call tries again.
func (w *world) hold(ctx context.Context, settings ...[]Setting) error {
	wanted := map[target]change{}
	for _, some := range settings {
		for _, s := range some {
			at := s.target()
			if wanted[at] == nil {
				wanted[at] = change{}
			}
			maps.Copy(wanted[at], s.change())
		}
	}
	var faults []error
	due := time.Since(w.since) >= renew
	for at, body := range wanted {
		if due || !reflect.DeepEqual(w.held[at], body) {
			faults = append(faults, w.set(ctx, at, body))
		}
	}
	for at := range w.held {
		if wanted[at] == nil {
			faults = append(faults, w.restore(ctx, at))
		}
	}
	err := errors.Join(faults...)
	if due && err == nil {
		w.since = time.Now()
	}
	return err
}

// lapsed reports whether settings may be back, since they have not been renewed for the lease.
func (w *world) lapsed() bool { return time.Since(w.since) > lease }

func (w *world) set(ctx context.Context, at target, body change) error {
	sent := change{"forSeconds": lease.Seconds()}
	maps.Copy(sent, body)
	if err := w.admin.Set(ctx, at.component, at.path, sent, new(any)); err != nil {
		return err
	}
	w.held[at] = body
	return nil
}

func (w *world) restore(ctx context.Context, at target) (err error) {
	if at.control == "" {
		err = w.admin.Reset(ctx, at.component, at.path, new(any))
	} else {
		err = w.admin.Set(ctx, at.component, at.path, control.Change{Control: at.control, Option: control.Default}, new(any))
	}
	if err == nil {
		delete(w.held, at)
	}
	return err
}

// release puts everything back, even if ctx has ended. What a component refuses until the lease is over, it has put back itself.
func (w *world) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease)
	defer cancel()
	for ctx.Err() == nil && w.hold(ctx) != nil {
		_ = pause(ctx, time.Second) // the end of ctx ends the loop
	}
}

func (s Setting) target() target {
	switch {
	case s.Control != "":
		return target{s.Component, control.Path, s.Control}
	case s.Capacity != nil:
		return target{component: s.Component, path: capacityPath}
	default:
		return target{component: s.Component, path: faultPath}
	}
}

func (s Setting) change() change {
	switch {
	case s.Control != "":
		return change{"control": s.Control, "option": s.Option}
	case s.Capacity != nil:
		return members(s.Capacity)
	default:
		return members(s.Fault)
	}
}

// members returns the members of a change that are set.
func members(of any) change {
	text, err := json.Marshal(of)
	if err != nil {
		panic(err) // a struct of numbers and texts
	}
	var all change
	if err := json.Unmarshal(text, &all); err != nil {
		panic(err)
	}
	delete(all, "forSeconds")
	return all
}

// Affected returns the components that an experiment sets something of.
func (e Experiment) Affected() []string {
	seen := map[string]bool{}
	for _, s := range e.settings() {
		seen[s.Component] = true
	}
	return sorted(seen)
}

// settings returns all settings of an experiment.
func (e Experiment) settings() []Setting {
	all := append([]Setting{}, e.Setup...)
	for _, arm := range e.Arms {
		all = append(all, arm.Set...)
	}
	for _, d := range e.Disturb {
		all = append(all, d.Set...)
	}
	return all
}

// disturbed returns the settings of the disturbances that go on at a time after the start of the load.
func (e Experiment) disturbed(elapsed time.Duration) []Setting {
	var settings []Setting
	for _, d := range e.Disturb {
		if elapsed >= time.Duration(d.At) && elapsed < time.Duration(d.At+d.For) {
			settings = append(settings, d.Set...)
		}
	}
	return settings
}
