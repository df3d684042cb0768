package ratinglb

import "deals.example/lab/control"

// Options of the controls.
const (
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
	help := "without a healthy replica, all are tried instead of a refusal with 503"
	return control.OnOff("fail-open", help, true, locked(b, func(on bool) { b.closed = !on }))
}

// ejectionControl switches the ejection of replicas. Either way, all are in rotation after a switch whose health check passes.
func (b *Balancer) ejectionControl() control.Control {
	help := "LB_EJECT_AFTER failed lookups in a row eject a replica for LB_EJECT_FOR; without it only the health check decides"
	return control.OnOff("outlier-ejection", help, true, locked(b, func(on bool) {
		b.ejects = on
		for _, t := range b.targets {
			t.readmit()
		}
	}))
}

// setting returns an Apply that calls set with the option, with the lock held.
func (b *Balancer) setting(set func(option string)) func(control.Setting) error {
	return func(s control.Setting) error { return locked(b, set)(s.Option) }
}

// locked returns set as a function that holds the lock.
func locked[T any](b *Balancer, set func(T)) func(T) error {
	return func(value T) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		set(value)
		return nil
	}
}
