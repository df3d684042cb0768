package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"deals.example/internal/criticality"
	"deals.example/internal/deadline"
	"deals.example/internal/orca"
	"deals.example/internal/problem"
)

// Response is what one attempt brought back, whatever its status.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Refused reports whether a busy server refused the request: it reports its load and says when to come back.
func (r *Response) Refused() bool {
	_, reported := orca.Get(r.Header)
	return reported && r.Status == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != ""
}

// EndpointConfig says where an Endpoint is.
type EndpointConfig struct {
	Service string        // whose address it is, for spans and errors
	URL     string        // scheme, host and port
	Timeout time.Duration // of one attempt, body included
}

// Endpoint is one address of an upstream and makes single attempts at it, without policies: a Client puts them around it,
// and a load balancer has its own. It is safe for concurrent use.
type Endpoint struct {
	service   string
	base      string // without a slash at its end
	timeout   time.Duration
	transport http.RoundTripper
	spans     spans
}

// NewEndpoint returns an endpoint that uses deps.Transport, which it shares and does not close, and deps.Tracers.
func NewEndpoint(cfg EndpointConfig, deps Deps) (*Endpoint, error) {
	if cfg.Service == "" || cfg.Timeout <= 0 || deps.Transport == nil {
		return nil, errors.New("upstream: an endpoint needs a service, a timeout and a transport")
	}
	base, err := parseBase(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("upstream %s: base URL: %w", cfg.Service, err)
	}
	return &Endpoint{
		service:   cfg.Service,
		base:      base.String(),
		timeout:   cfg.Timeout,
		transport: deps.Transport,
		spans:     newSpans(deps.Tracers, cfg.Service, base),
	}, nil
}

// URL returns the base URL, without a slash at its end.
func (e *Endpoint) URL() string { return e.base }

// Get makes one attempt at path, in its own client span. Any status is a Response; an error is an *AttemptError, or says
// that the path was refused. A body that was too large comes as both, without the body.
func (e *Endpoint) Get(ctx context.Context, path string, query url.Values) (*Response, error) {
	target, err := e.target(path, query)
	if err != nil {
		return nil, err
	}
	return e.attempt(ctx, sending{target: target})
}

// Probe makes one plain GET of a health path, without a span. Anything but a 200 is an error.
func (e *Endpoint) Probe(ctx context.Context, path string) error {
	target, err := e.target(path, nil)
	if err != nil {
		return err
	}
	response, err := e.send(ctx, sending{target: target})
	if err != nil {
		return err
	}
	if response.Status != http.StatusOK {
		return fmt.Errorf("%s: status %d", target, response.Status)
	}
	return nil
}

// sending is one GET to send.
type sending struct {
	target  string
	retries int  // made before it for the same call
	local   bool // the deadline is not sent with it
}

// attempt sends one GET in a span of its own.
func (e *Endpoint) attempt(ctx context.Context, s sending) (*Response, error) {
	ctx, span := e.spans.start(ctx, s.target, s.retries)
	defer span.End()
	response, err := e.send(ctx, s)
	finish(span, response, err)
	return response, err
}

func (e *Endpoint) send(caller context.Context, s sending) (*Response, error) {
	ctx, cancel := context.WithTimeout(caller, e.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.target, http.NoBody)
	if err != nil {
		return nil, newAttemptError(caller, ctx, err)
	}
	e.spans.inject(ctx, request.Header)
	if !s.local {
		deadline.Inject(ctx, request.Header)
	}
	criticality.Inject(ctx, request.Header)
	response, err := e.exchange(request)
	switch {
	case err != nil:
		return response, newAttemptError(caller, ctx, err)
	case response.Status == problem.StatusClientClosedRequest:
		return nil, newTimeOver(caller, ctx)
	}
	return response, nil
}

// exchange uses the transport rather than an http.Client: redirects, cookies and proxies are then not even there.
func (e *Endpoint) exchange(request *http.Request) (*Response, error) {
	answer, err := e.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := readBody(answer)
	if err != nil && !errors.Is(err, errTooLarge) {
		return nil, err
	}
	return &Response{Status: answer.StatusCode, Header: answer.Header, Body: body}, err
}

// target is the URL of path. Callers build paths from ids that they have validated; this is the second lock.
func (e *Endpoint) target(path string, query url.Values) (string, error) {
	if !plain(path) {
		return "", fmt.Errorf("upstream %s: %q: %w", e.service, path, errInvalidPath)
	}
	target := e.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target, nil
}

// plain reports whether path is absolute and each of its segments is made of unreserved characters (RFC 3986), so that
// it means the same to every parser and can't climb.
func plain(path string) bool {
	rest, absolute := strings.CutPrefix(path, "/")
	if !absolute {
		return false
	}
	for segment := range strings.SplitSeq(rest, "/") {
		if segment == "" || segment == "." || segment == ".." || strings.ContainsFunc(segment, reserved) {
			return false
		}
	}
	return true
}

func reserved(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	default:
		return !strings.ContainsRune("-._~", r)
	}
}

func parseBase(raw string) (*url.URL, error) {
	base, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.Unwrap(err) // without the text of the URL, which may hold a password
	case base.Scheme != "http" && base.Scheme != "https":
		return nil, errors.New("scheme must be http or https")
	case base.Hostname() == "":
		return nil, errors.New("host is missing")
	case base.User != nil:
		return nil, errors.New("user information is not allowed")
	case strings.Trim(base.EscapedPath(), "/") != "" || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("only scheme, host and port are allowed")
	}
	return &url.URL{Scheme: base.Scheme, Host: base.Host}, nil
}

// errTooLarge says that a body is longer than maxBody.
var errTooLarge = fmt.Errorf("body over %d bytes", maxBody)

// readBody reads all of a body up to maxBody, into one allocation when its length was announced.
func readBody(answer *http.Response) ([]byte, error) {
	if answer.ContentLength > maxBody {
		return nil, errTooLarge
	}
	if answer.ContentLength >= 0 {
		body := make([]byte, answer.ContentLength)
		_, err := io.ReadFull(answer.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		return nil, errTooLarge
	}
	return body, err
}

var errTimeOver = errors.New("the upstream gave up as its time was over")

// newTimeOver returns the error of an attempt that the upstream has given up, a moment before ctx ends, since the deadline that it was told has
// passed there. It is a timeout like any other: the answer never came.
func newTimeOver(caller, ctx context.Context) *AttemptError {
	end, _ := ctx.Deadline()
	callers, bounded := caller.Deadline()
	return &AttemptError{Reason: ReasonTimeout, Err: errTimeOver, byCaller: bounded && !callers.After(end)}
}

// newAttemptError says why an attempt ended without an answer: by its caller, by its own timeout, or by the wire.
func newAttemptError(caller, ctx context.Context, err error) *AttemptError {
	failed := &AttemptError{Reason: ReasonConnection, Err: err}
	switch {
	case errors.Is(err, errTooLarge):
		failed.Reason = ReasonBadResponse
	case errors.Is(caller.Err(), context.Canceled):
		failed.Reason, failed.byCaller = ReasonCanceled, true
	case caller.Err() != nil:
		failed.Reason, failed.byCaller = ReasonTimeout, true
	case ctx.Err() != nil:
		failed.Reason = ReasonTimeout
	}
	return failed
}
