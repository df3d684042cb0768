package experiment

import (
	"fmt"
	"maps"
	"slices"

	"deals.example/internal/strict"
)

// Bounds replace the bounds of an experiment's promises. A key is that of a promise, or the id of a measure, for all promises about it.
type Bounds map[string]float64

// check returns ErrOptions unless each key is about a promise of the experiment.
func (b Bounds) check(e Experiment) error {
	keys := map[string]bool{}
	for _, p := range e.Promises {
		for _, key := range p.keys() {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if !keys[key] {
			return fmt.Errorf("%w: bounds: got %q, want %s", ErrOptions, key, strict.OneOf(sorted(keys)...))
		}
	}
	return nil
}

// In returns the experiment with these bounds. That of a promise wins over that of its measure.
func (b Bounds) In(e Experiment) Experiment {
	e.Promises = slices.Clone(e.Promises)
	for i := range e.Promises {
		p := &e.Promises[i]
		for _, key := range p.keys() {
			if bound, set := b[key]; set {
				p.bind(bound)
			}
		}
	}
	return e
}

// Key returns the key of Bounds that is about this promise only: "measure/arm", or "measure/arm/over" if two arms are compared.
func (p *Promise) Key() string {
	key := p.Measure + "/" + p.Arm
	if p.Over != "" {
		key += "/" + p.Over
	}
	return key
}

// keys returns the keys of Bounds that are about the promise.
func (p *Promise) keys() []string { return []string{p.Measure, p.Key()} }

// Bound returns what the value has to be at least if Above is set, else at most.
func (p *Promise) Bound() float64 {
	if p.Above != nil {
		return *p.Above
	}
	return *p.Below
}

// QuickBound returns the bound of a quick run.
func (p *Promise) QuickBound() float64 {
	if p.Quick != nil {
		return *p.Quick
	}
	return p.Bound()
}

// bind replaces the bound.
func (p *Promise) bind(bound float64) {
	if p.Above != nil {
		p.Above = &bound
	} else {
		p.Below = &bound
	}
}
