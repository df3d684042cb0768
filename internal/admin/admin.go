// Package admin reads and changes settings of components through their /admin endpoints. It calls only the configured URLs; callers choose a
// component by name.
package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// ErrUnknown is returned for a name without a URL.
var ErrUnknown = errors.New("no component with these settings")

// Refused is returned if a component rejects a change as invalid.
type Refused struct {
	Message string
}

// Error returns the component's message.
func (r *Refused) Error() string { return r.Message }

const (
	timeout   = 2 * time.Second
	maxAnswer = 64 << 10
)

// Client calls components. It may be used concurrently.
type Client struct {
	transport http.RoundTripper
	urls      map[string]string // by name
	token     string
	replicas  func(ctx context.Context, url string) ([]string, error)
}

// New returns a client for components at these base URLs, each of one process. It sends the token, if there is one, and does not follow redirects.
func New(urls map[string]string, transport http.RoundTripper, token string) *Client {
	return &Client{transport: transport, urls: urls, token: token, replicas: oneProcess}
}

// Counted settings are told how many replicas of the component have them.
type Counted interface{ Count(replicas int) }

// Get decodes a component's current settings at path, such as /admin/fault, into settings, which may be Counted. All replicas must answer; the
// settings are those of one of them.
func (c *Client) Get(ctx context.Context, service, path string, settings any) error {
	return c.call(ctx, request{http.MethodGet, path, nil}, service, settings)
}

// Set changes the settings of all replicas and decodes the new ones. The error says how many took the change, if only some did. It is a *Refused
// if the change is invalid.
func (c *Client) Set(ctx context.Context, service, path string, change, settings any) error {
	body, err := json.Marshal(change)
	if err != nil {
		return err
	}
	return c.call(ctx, request{http.MethodPut, path, body}, service, settings)
}

// Reset restores the configured settings and decodes them, as Set does. A service does that when a change expires, so Reset sends a change that
// expires at once.
func (c *Client) Reset(ctx context.Context, service, path string, settings any) error {
	return c.call(ctx, request{http.MethodPut, path, []byte(`{"forSeconds": 0.000000001}`)}, service, settings)
}

// Delete asks for the settings of the start and decodes them, where path has a DELETE.
func (c *Client) Delete(ctx context.Context, service, path string, settings any) error {
	return c.call(ctx, request{http.MethodDelete, path, nil}, service, settings)
}

// request is what every replica of a component is sent.
type request struct {
	method, path string
	body         []byte
}

// call sends the request to all replicas at once.
func (c *Client) call(ctx context.Context, r request, service string, settings any) error {
	base, known := c.urls[service]
	if !known {
		return fmt.Errorf("%w: %s", ErrUnknown, service)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	urls, err := c.replicas(ctx, strings.TrimSuffix(base, "/"))
	if err != nil {
		return fmt.Errorf("find the replicas of %s: %w", service, err)
	}
	answers, errs := make([]json.RawMessage, len(urls)), make([]error, len(urls))
	var calls sync.WaitGroup
	for i, url := range urls {
		calls.Go(func() { answers[i], errs[i] = c.send(ctx, r, service, url) })
	}
	calls.Wait()
	if err := failure(service, errs); err != nil {
		return err
	}
	if err := json.Unmarshal(answers[0], settings); err != nil {
		return fmt.Errorf("decode the answer of %s: %w", service, err)
	}
	if counted, is := settings.(Counted); is {
		counted.Count(len(urls))
	}
	return nil
}

// failure returns the first of the replicas' errors. It says how many had none.
func failure(service string, errs []error) error {
	var first error
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		}
		first = cmp.Or(first, err)
	}
	if first == nil || len(errs) == 1 {
		return first
	}
	return fmt.Errorf("%d of %d replicas of %s: %w", done, len(errs), service, first)
}

// send sends the request to a replica and returns its answer.
func (c *Client) send(ctx context.Context, r request, service, url string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, r.method, url+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", service, err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", service, err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(service, response)
}

func read(service string, response *http.Response) (json.RawMessage, error) {
	var answer json.RawMessage
	err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer)
	var refusal struct {
		Error string `json:"error"`
	}
	switch {
	case response.StatusCode == http.StatusBadRequest && err == nil && json.Unmarshal(answer, &refusal) == nil:
		return nil, &Refused{refusal.Error}
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("ask %s: status %d", service, response.StatusCode)
	case err != nil:
		return nil, fmt.Errorf("decode the answer of %s: %w", service, err)
	}
	return answer, nil
}
