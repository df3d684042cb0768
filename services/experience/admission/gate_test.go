package admission_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/criticality"
	"deals.example/internal/slots"
	"deals.example/internal/tenant"
	"deals.example/services/experience/admission"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newGate returns a gate with these settings of its controls: admission, admission-limit and fairness.
func newGate(t *testing.T, settings ...string) *admission.Gate {
	t.Helper()
	gate, err := admission.New(prometheus.NewRegistry())
	require.NoError(t, err)
	for i, option := range settings {
		switchTo(t, gate, i, option)
	}
	return gate
}

// switchTo switches the control with that number.
func switchTo(t *testing.T, gate *admission.Gate, number int, option string) {
	t.Helper()
	c := gate.Controls()[number]
	setting, err := c.Parse(option)
	require.NoError(t, err)
	require.NoError(t, c.Apply(setting))
}

// stream is requests at random times, which are the same in each run of a test (a Poisson process).
type stream struct {
	level  criticality.Criticality
	tenant tenant.Tenant
	rate   int // a second
}

// outcome is what became of a stream.
type outcome struct {
	sent int
	took []time.Duration // of those admitted, from their arrival to their answer
	errs []error
}

func (o outcome) good() float64 { return float64(len(o.took)) / float64(o.sent) }

func (o outcome) p99() time.Duration {
	slices.Sort(o.took)
	return o.took[len(o.took)*99/100]
}

// load sends the streams for 20 s to an API that takes 10 to 30 ms for each request.
func load(ctx context.Context, gate *admission.Gate, streams ...stream) []outcome {
	outcomes := make([]outcome, len(streams))
	var mu sync.Mutex
	var requests sync.WaitGroup
	for i, s := range streams {
		requests.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // G404: no secret
			for range 20 * s.rate {
				service := 10*time.Millisecond + time.Duration(random.Int64N(int64(20*time.Millisecond)))
				requests.Go(func() {
					arrived := time.Now()
					visit, err := gate.Enter(ctx, s.level, s.tenant)
					if err == nil {
						<-time.After(service)
						visit.Leave()
					}
					mu.Lock()
					defer mu.Unlock()
					outcomes[i].sent++
					if err != nil {
						outcomes[i].errs = append(outcomes[i].errs, err)
						return
					}
					outcomes[i].took = append(outcomes[i].took, time.Since(arrived))
				})
				<-time.After(time.Duration(random.ExpFloat64() / float64(s.rate) * float64(time.Second)))
			}
		})
	}
	requests.Wait()
	return outcomes
}

// TestAdmission: the gate lets in 100 requests a second, and twice as many come. Without a policy nothing is refused. If all matter the same,
// all lose alike. By priority, only what matters least is refused.
func TestAdmission(t *testing.T) {
	mix := []stream{
		{level: criticality.Critical, rate: 20}, {level: criticality.Default, rate: 50}, {level: criticality.Low, rate: 100}, {level: criticality.Sheddable, rate: 30},
	}
	good := func(policy string) (shares [4]float64) {
		synctest.Test(t, func(t *testing.T) {
			for i, o := range load(t.Context(), newGate(t, policy, "static=2"), mix...) {
				shares[i] = o.good()
				for _, err := range o.errs {
					assert.True(t, slots.IsRefusal(err), err)
				}
			}
		})
		t.Logf("%s: admitted of purchases, details, lists, batches: %.2f", policy, shares)
		return shares
	}
	assert.Equal(t, [4]float64{1, 1, 1, 1}, good("none"))
	for _, share := range good("equal") {
		assert.InDelta(t, 0.5, share, 0.1)
	}
	priority := good("priority")
	assert.InDelta(t, 1, priority[0], 0.005)
	assert.InDelta(t, 1, priority[1], 0.01)
	assert.InDelta(t, 0.3, priority[2], 0.1)
	assert.InDelta(t, 0, priority[3], 0.05)
}

// TestFairness: the gate lets in 100 requests a second. One tenant sends 100, nine send 5 each. First come, first served, all wait in the
// queue that the greedy one makes; in turns, only it does.
func TestFairness(t *testing.T) {
	streams := []stream{{tenant: 0, rate: 100}}
	for of := tenant.Tenant(1); of < tenant.Other; of++ {
		streams = append(streams, stream{tenant: of, rate: 5})
	}
	var worst, served [2]float64 // of the nine tenants: p99 in ms, and admitted requests
	for i, fairness := range []string{"first-come", "fair"} {
		synctest.Test(t, func(t *testing.T) {
			served[i] = 1
			for _, o := range load(t.Context(), newGate(t, "equal", "static=2", fairness), streams...)[1:] {
				worst[i], served[i] = max(worst[i], float64(o.p99().Milliseconds())), min(served[i], o.good())
			}
		})
	}
	t.Logf("first come and fair: p99 %.0f ms, admitted %.2f", worst, served)
	assert.Less(t, 5*worst[1], worst[0])
	assert.InDelta(t, 1, served[1], 0)
	assert.Less(t, served[0], 0.9)
}

// TestFullQueueIsShared: a full queue refuses the newest request of the tenant with the most, and that of a tenant which has the most itself.
func TestFullQueueIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate(t, "priority", "static=1", "fair")
		inside, err := gate.Enter(t.Context(), criticality.Default, 0)
		require.NoError(t, err)
		errs := make(chan error, 1000)
		enter := func(of tenant.Tenant) {
			go func() {
				visit, err := gate.Enter(t.Context(), criticality.Default, of)
				visit.Leave()
				errs <- err
			}()
			synctest.Wait()
		}
		for range 200 {
			enter(1)
		}
		require.Empty(t, errs, "all wait")
		enter(2)
		require.ErrorIs(t, <-errs, slots.ErrShare)
		enter(1)
		require.ErrorIs(t, <-errs, slots.ErrFull)
		inside.Leave()
		synctest.Wait()
		require.Len(t, errs, 200)
		for range 200 {
			require.NoError(t, <-errs)
		}
	})
}

// TestSwitchedUnderLoad: requests that came under one setting leave under another, and none stays inside.
func TestSwitchedUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		gate, err := admission.New(registry)
		require.NoError(t, err)
		var switching sync.WaitGroup
		switching.Go(func() {
			for range 20 {
				for number, options := range [][]string{{"equal", "priority", "none"}, {"static=7", "adaptive", "static=3"}, {"first-come", "fair"}} {
					for _, option := range options {
						switchTo(t, gate, number, option)
						<-time.After(13 * time.Millisecond)
					}
				}
			}
			switchTo(t, gate, 0, "none")
		})
		outcomes := load(t.Context(), gate, stream{level: criticality.Low, tenant: 3, rate: 100}, stream{level: criticality.Critical, tenant: tenant.Other, rate: 20})
		switching.Wait()
		for _, o := range outcomes {
			assert.Equal(t, o.sent, len(o.took)+len(o.errs))
		}
		for _, name := range []string{"experience_admission_in_flight", "experience_admission_waiting"} {
			assert.Zero(t, valueOf(t, registry, name), name)
		}
		problems, err := testutil.GatherAndLint(registry)
		require.NoError(t, err)
		assert.Empty(t, problems)
	})
}

func valueOf(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	require.Fail(t, "no metric", name)
	return 0
}
