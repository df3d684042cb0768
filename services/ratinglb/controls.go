package ratinglb

import "deals.example/lab/control"

// Options of the controls.
const (
	on            = "on"
	off           = "off"
	roundRobin    = "round-robin"
	leastRequests = "least-requests"
	random        = "random"
)

// Controls returns what can be switched while the balancer runs.
func (b *Balancer) Controls() []control.Control {
	return []control.Control{b.balancingControl(), b.ejectionControl()}
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

// ejectionControl switches the ejection of replicas. Either way, all are in rotation after a switch whose health check passes.
func (b *Balancer) ejectionControl() control.Control {
	return control.Control{
		Name: "outlier-ejection", Help: "what failures of lookups do to a replica", Start: control.Setting{Option: on},
		Options: []control.Option{
			{Name: on, Help: "LB_EJECT_AFTER in a row eject it for LB_EJECT_FOR"},
			{Name: off, Help: "nothing: only its health check decides"},
		},
		Apply: b.setting(func(option string) {
			b.ejects = option == on
			for _, t := range b.targets {
				t.readmit()
			}
		}),
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
