package deals

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"go.k6.io/k6/lib/netext/httpext"

	"deals.example/lab/timeline"
)

// Answer is the outcome of a call, as scripts see it.
type Answer struct {
	Status        int      `js:"status"` // of HTTP; 0 without a response
	OK            bool     `js:"ok"`     // 2xx
	Shed          bool     `js:"shed"`   // 429
	Error         string   `js:"error"`  // for people
	Code          string   `js:"code"`   // stable error code
	Warnings      []string `js:"warnings"`
	RetryAfter    int      `js:"retryAfter"` // in s
	DurationMs    float64  `js:"durationMs"`
	CorrelationID string   `js:"correlationId"`
	TraceID       string   `js:"traceId"` // set only when the trace is certainly recorded

	// Content of the body, depending on the call.
	Deals      []string   `js:"deals"`
	ReadModel  *ReadModel `js:"readModel"`
	PurchaseID string     `js:"purchaseId"`
	Enqueued   int        `js:"enqueued"`
	QueueDepth int        `js:"queueDepth"`
}

// ReadModel counts the deals of a list by the source of their cards.
type ReadModel struct {
	Hits            int `js:"hits"            json:"hits"`
	Stale           int `js:"stale"           json:"stale"`
	Misses          int `js:"misses"          json:"misses"`
	LiveFallback    int `js:"liveFallback"    json:"liveFallback"`
	RefreshEnqueued int `js:"refreshEnqueued" json:"refreshEnqueued"`
}

// each yields the outcomes with a count, named like those of the platform's metric.
func (r *ReadModel) each(give func(outcome string, deals int)) {
	for _, one := range []struct {
		outcome string
		deals   int
	}{
		{"hit", r.Hits},
		{"stale", r.Stale},
		{"miss", r.Misses},
		{"live_fallback", r.LiveFallback},
		{"refresh_enqueued", r.RefreshEnqueued},
	} {
		if one.deals > 0 {
			give(one.outcome, one.deals)
		}
	}
}

// body is the part of a response body that is read.
type body struct {
	Error      string
	Code       string
	Warnings   []string
	Deals      []struct{ ID string }
	PurchaseID string
	Enqueued   int
	QueueDepth int
	Meta       struct{ ReadModel *ReadModel }
}

// read fills in the answer from a response. With discardResponseBodies there is no body to read.
func (a *Answer) read(response *httpext.Response) {
	a.Status = response.Status
	a.OK = response.Status/100 == 2
	a.Shed = response.Status == http.StatusTooManyRequests
	a.DurationMs = response.Timings.Duration
	a.RetryAfter, _ = strconv.Atoi(response.Headers["Retry-After"]) // 0 when absent
	if text, ok := response.Body.([]byte); ok {
		a.readBody(text)
	}
	if !a.OK && a.Error == "" {
		a.Error = http.StatusText(a.Status)
	}
}

// outcome returns how the request ended.
func (a *Answer) outcome() timeline.Outcome {
	switch {
	case a.OK && len(a.Warnings) == 0:
		return timeline.Complete
	case a.OK:
		return timeline.Degraded
	case a.Shed, a.Status == http.StatusServiceUnavailable:
		return timeline.Refused
	default:
		return timeline.Failed
	}
}

func (a *Answer) readBody(text []byte) {
	var said body
	if err := json.Unmarshal(text, &said); err != nil {
		a.OK, a.Error = false, fmt.Sprintf("the answer is not what the platform answers: %v", err)
		return
	}
	a.Error, a.Code, a.Warnings = said.Error, said.Code, said.Warnings
	a.ReadModel, a.PurchaseID, a.Enqueued, a.QueueDepth = said.Meta.ReadModel, said.PurchaseID, said.Enqueued, said.QueueDepth
	for _, deal := range said.Deals {
		a.Deals = append(a.Deals, deal.ID)
	}
}
