package ratinglb

import "deals.example/lab/control"

// Options of the controls.
const (
	on            = "on"
	off           = "off"
	shallow       = "shallow"
	deep          = "deep"
	roundRobin    = "round-robin"
	leastRequests = "least-requests"
	random        = "random"
)

// Controls returns what can be switched while the balancer runs.
func (b *Balancer) Controls() []control.Control {
	return []control.Control{b.balancingControl(), b.healthControl(), b.failOpenControl(), b.ejectionControl()}
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

// healthControl switches what a health check asks, from the next check on.
func (b *Balancer) healthControl() control.Control {
	return control.Control{
		Name: "health-check", Help: "what a replica's health is", Start: control.Setting{Option: shallow},
		Options: []control.Option{
			{Name: shallow, Help: "it runs and does not drain"},
			{Name: deep, Help: "the same, and Redis answers it, which lookups do not need"},
		},
		Apply: b.setting(func(option string) { b.deep = option == deep }),
	}
}

func (b *Balancer) failOpenControl() control.Control {
	return control.Control{
		Name: "fail-open", Help: "what becomes of lookups while no replica is healthy", Start: control.Setting{Option: on},
		Options: []control.Option{
			{Name: on, Help: "they are tried at all replicas"},
			{Name: off, Help: "they are refused with 503"},
		},
		Apply: b.setting(func(option string) { b.closed = option == off }),
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
