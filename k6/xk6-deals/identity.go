package deals

import (
	"fmt"
	"net/http"

	"go.k6.io/k6/lib"
	"go.k6.io/k6/lib/netext/httpext"
)

// correlationID returns an id that is found again in the platform's logs: k6, this run, the user, the user's request.
func (p *Platform) correlationID(state *lib.State) string {
	p.sent++
	return fmt.Sprintf("k6-%s-%d-%d", p.module.root.run, state.VUID, p.sent)
}

// identify gives the request its correlation id and, up to ten times a second, a trace context that has the platform record the trace. Of
// a light load that is every request, of a heavy one a sample; what is in neither the platform samples as it likes.
func (p *Platform) identify(prepared *httpext.ParsedHTTPRequest, answer *Answer) {
	prepared.Req.Header.Set("X-Correlation-Id", answer.CorrelationID)
	if !p.module.root.traces.Allow() {
		return
	}
	answer.TraceID = randomHex(16)
	prepared.Req.Header.Set("Traceparent", "00-"+answer.TraceID+"-"+randomHex(8)+"-01")
	prepared.TagsAndMeta.SetMetadata("trace_id", answer.TraceID)
}

// report logs a failure with what leads to its cause, about once a second: a platform that is down must not flood its user.
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
