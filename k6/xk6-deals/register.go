package deals

import "go.k6.io/k6/js/modules"

func init() { //nolint:gochecknoinits // where k6 wants its extensions to register
	modules.Register("k6/x/deals", New())
}
