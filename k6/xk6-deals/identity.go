package deals

import (
	"fmt"
	"math/rand/v2"
	"net/http"

	"go.k6.io/k6/lib"
	"go.k6.io/k6/lib/netext/httpext"

	"deals.example/internal/tenant"
)

// correlationID returns an ID that can be found in the platform's logs. It consists of the run, the user and the number of the request.
func (p *Platform) correlationID(state *lib.State) string {
	p.sent++
	return fmt.Sprintf("k6-%s-%d-%d", p.module.root.run, state.VUID, p.sent)
}

// identify sets the correlation ID of the request, its tenant and, at most ten times per second, a trace context with the sampled flag. The platform
// makes its own sampling decision for the other requests.
func (p *Platform) identify(prepared *httpext.ParsedHTTPRequest, answer *Answer) {
	prepared.Req.Header.Set("X-Correlation-Id", answer.CorrelationID)
	p.setTenant(prepared)
	if !p.module.root.traces.Allow() {
		return
	}
	answer.TraceID = randomHex(16)
	prepared.Req.Header.Set("Traceparent", "00-"+answer.TraceID+"-"+randomHex(8)+"-01")
	prepared.TagsAndMeta.SetMetadata("trace_id", answer.TraceID)
}

func (p *Platform) setTenant(prepared *httpext.ParsedHTTPRequest) {
	if len(p.tenants) == 0 {
		return
	}
	name := p.tenants[rand.IntN(len(p.tenants))] //nolint:gosec // G404: no secret
	prepared.Req.Header.Set(tenant.Header, name)
	if p.tagTenant {
		prepared.TagsAndMeta.SetTag("tenant", name)
	}
}

// report logs a failure with its correlation and trace IDs, at most about once per second.
func (p *Platform) report(state *lib.State, call string, answer *Answer) {
	if !p.module.root.reports.Allow() {
		return
	}
	status := "no answer"
	if answer.Status != 0 {
		status = fmt.Sprintf("%d %s", answer.Status, http.StatusText(answer.Status))
	}
	where := "correlation id " + answer.CorrelationID
	if answer.TraceID != "" {
		where += ", trace " + answer.TraceID
	}
	state.Logger.Warnf("%s: %s: %s (%s)", call, status, answer.Error, where)
}
