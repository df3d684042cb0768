package deals

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/lib/netext/httpext"
	"go.k6.io/k6/metrics"
	"gopkg.in/guregu/null.v3"
)

// maxPatience is how long a client waits for an answer unless its options say less.
const maxPatience = 30 * time.Second

// request is an HTTP request to make.
type request struct {
	method, route, path string
	query               url.Values
	body                any // JSON, unless nil
	expected            []int
}

// send makes the request off the event loop.
func (p *Platform) send(r request) *sobek.Promise {
	vu := p.module.vu
	state := vu.State()
	if state == nil {
		common.Throw(vu.Runtime(), common.NewInitContextError("the platform can't be called in the init context"))
	}
	answer := &Answer{CorrelationID: p.correlationID(state)}
	prepared, err := p.prepare(state, r, answer)
	if err != nil {
		common.Throw(vu.Runtime(), err)
	}
	ctx := vu.Context()
	promise, resolve, _ := vu.Runtime().NewPromise()
	done := vu.RegisterCallback()
	go func() {
		p.do(ctx, state, prepared, answer)
		done(func() error { return resolve(answer) })
	}()
	return promise
}

// prepare returns the request in the form that k6 needs.
func (p *Platform) prepare(state *lib.State, r request, answer *Answer) (*httpext.ParsedHTTPRequest, error) {
	address := *p.target
	address.Path, address.RawQuery = address.Path+r.path, r.query.Encode()
	target, err := httpext.NewURL(address.String(), r.route)
	if err != nil {
		return nil, err
	}
	prepared := &httpext.ParsedHTTPRequest{
		URL:              &target,
		Req:              &http.Request{Method: r.method, URL: target.GetURL(), Header: http.Header{}},
		Timeout:          p.patience,
		Throw:            true, // report logs failures instead
		ResponseType:     httpext.ResponseTypeBinary,
		ResponseCallback: func(status int) bool { return slices.Contains(r.expected, status) },
		Redirects:        null.IntFrom(0),
		TagsAndMeta:      state.Tags.GetCurrentValues(),
	}
	if state.Options.DiscardResponseBodies.Bool {
		prepared.ResponseType = httpext.ResponseTypeNone
	}
	prepared.TagsAndMeta.SetSystemTagOrMetaIfEnabled(state.Options.SystemTags, metrics.TagName, r.route)
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		prepared.Body = bytes.NewBuffer(text)
		prepared.Req.Header.Set("Content-Type", "application/json")
	}
	p.identify(prepared, answer)
	return prepared, nil
}

// do makes the request, and counts and reports its outcome.
func (p *Platform) do(ctx context.Context, state *lib.State, prepared *httpext.ParsedHTTPRequest, answer *Answer) {
	tags, sent := prepared.TagsAndMeta, time.Now() // k6 modifies the tags of the request
	response, err := httpext.MakeRequest(ctx, state, prepared)
	if err != nil {
		answer.Error = err.Error()
	} else {
		answer.read(response)
	}
	if ctx.Err() != nil {
		return // the run has ended: not a failure
	}
	if answer.PurchaseID != "" && answer.OK {
		p.module.root.purchases.add(answer.PurchaseID)
	}
	counted := newSamples(tags)
	p.module.metrics.count(counted, answer)
	if p.timeline {
		took := float64(counted.now.Sub(sent)) / float64(time.Millisecond)
		counted.add(p.module.metrics.requests, took, outcomeTag, string(answer.outcome()))
	}
	counted.push(state)
	if !prepared.ResponseCallback(answer.Status) {
		p.report(state, prepared.Req.Method+" "+prepared.URL.Name, answer)
	}
}
