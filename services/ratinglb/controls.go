package ratinglb

import "deals.example/lab/control"

// Options of the control balancing.
const (
	roundRobin    = "round-robin"
	leastRequests = "least-requests"
	random        = "random"
)

// Controls returns what can be switched while the balancer runs.
func (b *Balancer) Controls() []control.Control {
	return []control.Control{b.balancingControl()}
}

func (b *Balancer) balancingControl() control.Control {
	return control.Control{
		Name: "balancing", Help: "which healthy replica gets a lookup", Start: control.Setting{Option: roundRobin},
		Options: []control.Option{
			{Name: roundRobin, Help: "each in turn"},
			{Name: leastRequests, Help: "of two at random, the one with fewer lookups in flight"},
			{Name: random, Help: "any"},
		},
		Apply: b.setting(func(option string) { b.balancing = option }),
	}
}

// setting returns an Apply that calls set with the lock held.
func (b *Balancer) setting(set func(option string)) func(control.Setting) error {
	return func(s control.Setting) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		set(s.Option)
		return nil
	}
}
