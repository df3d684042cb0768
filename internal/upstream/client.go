package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"deals.example/internal/limiter"
	"deals.example/internal/orca"
	"deals.example/observability"
)

// Client calls one upstream under all policies. It is safe for concurrent use.
type Client struct {
	service  string
	pool     *Pool
	endpoint *Endpoint
	limit    *limiter.Limiter
	budget   *retryBudget
	guard    atomic.Pointer[guard]
	waiting  atomic.Int64 // attempts that wait for a place of all upstreams
	expected expectation  // of the duration of an attempt
	metrics  *clientMetrics
}

// Get calls GET path?query and decodes the JSON of a 2xx into out. The error is ErrNotFound for a 404, else a *Failure,
// or says that the path was refused before anything was called. ctx bounds the whole call: waiting, attempts and sleep.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	target, err := c.endpoint.target(path, query)
	if err != nil {
		return err
	}
	one := call{client: c, guard: c.guard.Load(), target: target}
	response, err := one.guard.executor.WithContext(ctx).GetWithExecution(one.attempt)
	if err != nil {
		return c.failed(one.failure(ctx, err))
	}
	return c.decode(path, response, out)
}

// Ready makes one plain GET /healthz for a readiness check: no retry, no breaker, no slot, no metrics, no span.
// ctx and the timeout of an attempt bound it. It asks whether the upstream is alive, and not whether that one is ready: else
// one part that is not would make all before it not ready either.
func (c *Client) Ready(ctx context.Context) error { return c.endpoint.Probe(ctx, "/healthz") }

// breakerState returns the state of the breaker, which is closed while the breaker is off.
func (c *Client) breakerState() circuitbreaker.State {
	if circuit := c.guard.Load().circuit; circuit != nil {
		return circuit.circuit.State()
	}
	return circuitbreaker.ClosedState
}

func (c *Client) decode(path string, response *Response, out any) error {
	switch {
	case response.Status == http.StatusNotFound:
		return fmt.Errorf("%s%s: %w", c.service, path, ErrNotFound)
	case response.Status < http.StatusOK || response.Status >= http.StatusMultipleChoices:
		return c.failed(&Failure{Service: c.service, Reason: ReasonBadResponse, Err: fmt.Errorf("unexpected status %d", response.Status)})
	}
	if err := json.Unmarshal(response.Body, out); err != nil {
		return c.failed(&Failure{Service: c.service, Reason: ReasonBadResponse, Err: fmt.Errorf("decode body: %w", err)})
	}
	return nil
}

func (c *Client) failed(f *Failure) error {
	if f.Reason != ReasonCanceled {
		c.metrics.failures.WithLabelValues(string(f.Reason)).Inc()
	}
	return f
}

// call is one Get on its way through the policies. Its attempts follow each other, but for hedges.
type call struct {
	client *Client
	guard  *guard
	target string

	// What became of the attempts that are no hedges. One may go on for a moment after the call has ended, hence atomic.
	made atomic.Bool                  // one was made
	last atomic.Pointer[AttemptError] // what the last one ran into, nil if nothing
}

func (o *call) attempt(exec failsafe.Execution[*Response]) (*Response, error) {
	ctx, m := exec.Context(), o.client.metrics
	asked := time.Now()
	held, err := o.client.enter(ctx, o.guard.bulkhead)
	observability.Waited(ctx, observability.WaitLimiter, asked, err)
	if err != nil {
		return nil, err
	}
	waited := time.Since(asked)
	m.limitWait.Observe(waited.Seconds())
	if o.client.tooLate(ctx, waited) {
		o.client.leave(ctx, held, limiter.Outcome{Unknown: true})
		return nil, errTooLate
	}
	retries := exec.Retries()
	switch {
	case exec.IsHedge():
		m.hedges.Inc()
	case retries > 0:
		m.retries.Inc()
	}
	started := time.Now()
	response, err := o.client.endpoint.attempt(ctx, sending{target: o.target, retries: retries, local: o.guard.localDeadlines})
	took := time.Since(started)
	m.attempt(ctx, Status(response, err), took)
	err = judge(response, err)
	if answered(err) {
		o.client.expected.observe(took)
	}
	failed, _ := errors.AsType[*AttemptError](err)
	if !exec.IsHedge() {
		o.made.Store(true)
		o.last.Store(failed)
	}
	o.client.leave(ctx, held, outcome(response, failed))
	return response, err
}

var errTooLate = errors.New("waited until too little time was left")

// tooLate reports whether a call has waited so long that its caller will be gone before the answer: sending it would only keep others waiting.
func (c *Client) tooLate(ctx context.Context, waited time.Duration) bool {
	end, bounded := ctx.Deadline()
	if !bounded {
		return false
	}
	left, needed := time.Until(end), min(c.expected.bound(), c.endpoint.timeout)
	return left < needed && left+waited >= needed
}

// outcome is what an attempt has shown about the load of its upstream.
func outcome(response *Response, failed *AttemptError) limiter.Outcome {
	var o limiter.Outcome
	if response != nil {
		o.Utilization, _ = orca.Get(response.Header)
	}
	if failed != nil {
		o.Unknown = failed.byCaller
		o.Overloaded = failed.Reason == ReasonOverloaded || failed.Reason == ReasonTimeout
	}
	return o
}

// failure says why the call failed. What the last attempt ran into says more than a policy that refused the next one, but
// for a caller that is gone.
func (o *call) failure(ctx context.Context, err error) *Failure {
	f := &Failure{Service: o.client.service, Reason: ReasonOverloaded, Err: err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		f.Reason = ReasonCanceled
	case o.last.Load() != nil:
		last := o.last.Load()
		f.Reason, f.Err = last.Reason, last
	case o.made.Load(): // the answer came together with the caller's deadline
		f.Reason = ReasonTimeout
	case errors.Is(err, circuitbreaker.ErrOpen):
		f.Reason = ReasonCircuitOpen
	}
	return f
}
