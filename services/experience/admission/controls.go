package admission

import (
	"fmt"

	"deals.example/internal/limiter"
	"deals.example/lab/control"
)

// Options of the controls.
const (
	optionNone     = "none"
	optionEqual    = "equal"
	optionPriority = "priority"

	optionFair      = "fair"
	optionFirstCome = "first-come"
)

// Controls returns what can be switched while the API runs.
func (g *Gate) Controls() []control.Control {
	return []control.Control{g.policyControl(), g.limitControl(), g.fairnessControl()}
}

// policyControl switches the policy. Requests inside leave as they came.
func (g *Gate) policyControl() control.Control {
	policies := map[string]policy{optionNone: none, optionEqual: equal, optionPriority: priority}
	return control.Control{
		Name: "admission", Help: "which requests the API takes when it has more than its limit", Start: control.Setting{Option: optionNone},
		Options: []control.Option{
			{Name: optionNone, Help: "all: there is no limit"},
			{Name: optionEqual, Help: "any"},
			{Name: optionPriority, Help: "purchases before details, details before lists, lists before batches"},
		},
		Apply: func(s control.Setting) error {
			g.policy.Store(int32(policies[s.Option]))
			return nil
		},
	}
}

func (g *Gate) limitControl() control.Control {
	return control.Control{
		Name: "admission-limit", Help: fmt.Sprintf("requests inside at a time, with an admission other than none; %d more may wait for %s", queue, patience),
		Start: control.Setting{Option: string(limiter.Adaptive)},
		Options: []control.Option{
			{Name: string(limiter.Adaptive), Help: fmt.Sprintf("%d to %d, less while the process waits for processors", minLimit, maxLimit)},
			{Name: string(limiter.Static), Help: "a constant", Min: 1, Max: maxLimit},
		},
		Apply: func(s control.Setting) error { return g.limit.Switch(limiter.Kind(s.Option), max(s.Value, 1)) },
	}
}

func (g *Gate) fairnessControl() control.Control {
	return control.Control{
		Name: "fairness", Help: "whose request is next, with an admission other than none", Start: control.Setting{Option: optionFair},
		Options: []control.Option{
			{Name: optionFair, Help: "tenants take turns, and a full queue refuses the tenant with the most waiting requests"},
			{Name: optionFirstCome, Help: "the oldest, whoever sent it"},
		},
		Apply: func(s control.Setting) error {
			g.limit.SetFair(s.Option == optionFair)
			return nil
		},
	}
}
