// Package deals is the k6 extension k6/x/deals: a client of the platform that measures the content of responses, and access to its
// queues and purchases. The interface for scripts is described in index.d.ts.
package deals

import (
	"encoding/hex"
	"math/rand/v2"
	"runtime"

	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"
	"golang.org/x/time/rate"
)

// RootModule is shared by all virtual users. It may be used concurrently.
type RootModule struct {
	run       string        // part of the correlation IDs of this process
	purchases acceptedIDs   // of all users
	traces    *rate.Limiter // limits requests with the sampled flag
	reports   *rate.Limiter // limits logged failures
}

// New returns a root module.
func New() *RootModule {
	const tracesPerSecond, reportsPerSecond, reportsAtOnce = 10, 1, 3
	return &RootModule{
		run:     randomHex(3),
		traces:  rate.NewLimiter(tracesPerSecond, tracesPerSecond),
		reports: rate.NewLimiter(reportsPerSecond, reportsAtOnce),
	}
}

// module is the instance of one virtual user.
type module struct {
	root    *RootModule
	vu      modules.VU
	metrics *meters
}

// NewModuleInstance implements modules.Module. k6 calls it once per virtual user, in the init context.
func (r *RootModule) NewModuleInstance(vu modules.VU) modules.Instance {
	meters, err := newMeters(vu.InitEnv().Registry)
	if err != nil {
		common.Throw(vu.Runtime(), err)
	}
	return &module{root: r, vu: vu, metrics: meters}
}

// Exports implements modules.Instance.
func (m *module) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"Platform": m.newPlatform, "Redis": m.newRedis, "processors": runtime.NumCPU(),
	}}
}

// randomHex returns random bytes in hexadecimal, for IDs that need not be secret.
func randomHex(bytes int) string {
	id := make([]byte, bytes)
	for i := range id {
		id[i] = byte(rand.Uint32()) //nolint:gosec // G404, G115: no secret; any byte will do
	}
	return hex.EncodeToString(id)
}
