package deals

import (
	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/output"
)

func init() { //nolint:gochecknoinits // where k6 wants its extensions to register
	modules.Register("k6/x/deals", New())
	output.RegisterExtension("timeline", newTimelineOutput)
}
