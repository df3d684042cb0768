package experiment

import (
	"fmt"
	"maps"
	"slices"

	"deals.example/internal/strict"
)

// Bounds replace the bounds of an experiment's promises. A key is the id of a measure, for all promises about it, or "measure/arm", for the
// promises about that arm.
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

// In returns the experiment with these bounds. The longer key wins.
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

// keys returns the keys of Bounds that are about the promise.
func (p *Promise) keys() []string { return []string{p.Measure, p.Measure + "/" + p.Arm} }

// bind replaces the bound.
func (p *Promise) bind(bound float64) {
	if p.Above != nil {
		p.Above = &bound
	} else {
		p.Below = &bound
	}
}
