// Package faults reads and changes the synthetic faults of the domain services through their /admin/fault. It calls only the configured URLs;
// callers choose a service by name.
package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"deals.example/services/slodashboard/api"
)

// ErrUnknown is returned for a name that is not a domain service.
var ErrUnknown = errors.New("no such domain service")

// Refused is returned if a service rejects a change as invalid.
type Refused struct {
	Message string
}

// Error returns the service's message.
func (r *Refused) Error() string { return r.Message }

const (
	timeout   = 2 * time.Second
	maxAnswer = 64 << 10
)

// Client calls the domain services. It may be used concurrently.
type Client struct {
	transport http.RoundTripper
	urls      map[string]string // by name
	token     string
}

// New returns a client for services at these base URLs. It sends the token, if there is one, and does not follow redirects.
func New(urls map[string]string, transport http.RoundTripper, token string) *Client {
	return &Client{transport: transport, urls: urls, token: token}
}

// Get returns the current fault.
func (c *Client) Get(ctx context.Context, service string) (api.Fault, error) {
	return c.call(ctx, http.MethodGet, service, nil)
}

// Set changes the fault and returns the new one. It returns a *Refused if the change is invalid.
func (c *Client) Set(ctx context.Context, service string, change api.FaultChange) (api.Fault, error) {
	body, err := json.Marshal(change)
	if err != nil {
		return api.Fault{}, err
	}
	return c.call(ctx, http.MethodPut, service, body)
}

// Reset restores the configured fault. A service does that when a change expires, so Reset sends a change that expires at once.
func (c *Client) Reset(ctx context.Context, service string) (api.Fault, error) {
	return c.call(ctx, http.MethodPut, service, []byte(`{"forSeconds": 0.000000001}`))
}

func (c *Client) call(ctx context.Context, method, service string, body []byte) (api.Fault, error) {
	base, known := c.urls[service]
	if !known {
		return api.Fault{}, fmt.Errorf("%w: %s", ErrUnknown, service)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(base, "/")+"/admin/fault", bytes.NewReader(body))
	if err != nil {
		return api.Fault{}, fmt.Errorf("ask %s: %w", service, err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return api.Fault{}, fmt.Errorf("ask %s: %w", service, err)
	}
	defer func() { _ = response.Body.Close() }()
	return decode(service, response)
}

func decode(service string, response *http.Response) (api.Fault, error) {
	var answer struct {
		api.Fault

		Error string `json:"error"`
	}
	err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer)
	switch {
	case err != nil:
		return api.Fault{}, fmt.Errorf("decode the answer of %s: %w", service, err)
	case response.StatusCode == http.StatusBadRequest:
		return api.Fault{}, &Refused{answer.Error}
	case response.StatusCode != http.StatusOK:
		return api.Fault{}, fmt.Errorf("ask %s: status %d", service, response.StatusCode)
	}
	answer.Service = service
	return answer.Fault, nil
}
