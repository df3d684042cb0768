package deals

import (
	"context"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/lib"
)

// promise runs work off the event loop and returns a promise of its result. An error rejects the promise with a JavaScript Error. Calls in
// the init context, where k6 allows no I/O, throw an error that names the call: what.
func promise[T any](m *module, what string, work func(ctx context.Context, state *lib.State) (T, error)) *sobek.Promise {
	rt, state, ctx := m.vu.Runtime(), m.vu.State(), m.vu.Context()
	if state == nil {
		common.Throw(rt, common.NewInitContextError(what+" in the init context is not supported"))
	}
	p, resolve, reject := rt.NewPromise()
	done := m.vu.RegisterCallback()
	go func() {
		result, err := work(ctx, state)
		done(func() error {
			if err != nil {
				return reject(rt.NewGoError(err))
			}
			return resolve(result)
		})
	}()
	return p
}
