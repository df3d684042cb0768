package deals_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"
	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/modulestest"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/metrics"
	"go.uber.org/goleak"

	deals "deals.example/k6/xk6-deals"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// user is a virtual user of k6 with the extension's exports as globals.
type user struct {
	*modulestest.Runtime

	logged  *test.Hook
	samples chan metrics.SampleContainer
	state   *lib.State
}

// newUser returns a user in the init context, of a k6 of its own unless root is given.
func newUser(t *testing.T, root *deals.RootModule) *user {
	t.Helper()
	runtime := modulestest.NewRuntime(t)
	if root == nil {
		root = deals.New()
	}
	for name, value := range root.NewModuleInstance(runtime.VU).Exports().Named {
		require.NoError(t, runtime.VU.Runtime().Set(name, value))
	}
	logger, logged := test.NewNullLogger()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	registry := runtime.VU.InitEnv().Registry
	return &user{
		Runtime: runtime, logged: logged, samples: make(chan metrics.SampleContainer, 1000),
		state: &lib.State{
			Dialer: &net.Dialer{}, Transport: transport, Logger: logger, BuiltinMetrics: runtime.BuiltinMetrics, BufferPool: lib.NewBufferPool(),
			Options: lib.Options{SystemTags: &metrics.DefaultSystemTagSet}, Tags: lib.NewVUStateTags(registry.RootTagSet()), VUID: 7,
		},
	}
}

// startedUser returns a user that may send.
func startedUser(t *testing.T, root *deals.RootModule) *user {
	t.Helper()
	u := newUser(t, root)
	u.state.Samples = u.samples
	u.MoveToVUContext(u.state)
	return u
}

// run runs the body of an async function and returns what it returned. A rejection is the error.
func (u *user) run(body string) (any, error) {
	var result any
	var failure error
	vm := u.VU.Runtime()
	if err := vm.Set("resolved", func(value any) { result = value }); err != nil {
		return nil, err
	}
	_, err := u.RunOnEventLoop(`(async () => {` + body + `})().then(resolved, (error) => { throw error })`)
	if err != nil {
		failure = err
	}
	return result, failure
}

func (u *user) mustRun(t *testing.T, body string) any {
	t.Helper()
	result, err := u.run(body)
	require.NoError(t, err)
	return result
}

// counted sums the samples of a metric so far, by one of its tags.
func (u *user) counted(metric, tag string) map[string]float64 {
	sums := map[string]float64{}
	for {
		select {
		case container := <-u.samples:
			for _, sample := range container.GetSamples() {
				if sample.Metric.Name == metric {
					value, _ := sample.Tags.Get(tag)
					sums[value] += sample.Value
				}
			}
		default:
			return sums
		}
	}
}

// api is an experience API that answers every request alike, and keeps the requests.
type api struct {
	*httptest.Server

	requests chan *http.Request
}

func newAPI(t *testing.T, status int, body string) *api {
	t.Helper()
	a := &api{requests: make(chan *http.Request, 1000)}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.requests <- r.Clone(context.WithoutCancel(r.Context()))
		w.Header().Set("Retry-After", "4")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(a.Close)
	return a
}

func (u *user) warnings() (texts []string) {
	for _, entry := range u.logged.AllEntries() {
		if entry.Level == logrus.WarnLevel {
			texts = append(texts, entry.Message)
		}
	}
	return texts
}
