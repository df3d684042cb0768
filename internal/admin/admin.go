// Package admin reads and changes settings of components through their /admin endpoints. It calls only the configured URLs; callers choose a
// component by name.
package admin

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
}

// New returns a client for components at these base URLs. It sends the token, if there is one, and does not follow redirects.
func New(urls map[string]string, transport http.RoundTripper, token string) *Client {
	return &Client{transport: transport, urls: urls, token: token}
}

// Get decodes a component's current settings at path, such as /admin/fault, into settings.
func (c *Client) Get(ctx context.Context, service, path string, settings any) error {
	return c.call(ctx, http.MethodGet, service, path, nil, settings)
}

// Set changes the settings and decodes the new ones. It returns a *Refused if the change is invalid.
func (c *Client) Set(ctx context.Context, service, path string, change, settings any) error {
	body, err := json.Marshal(change)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPut, service, path, body, settings)
}

// Reset restores the configured settings and decodes them. A service does that when a change expires, so Reset sends a change that expires at
// once.
func (c *Client) Reset(ctx context.Context, service, path string, settings any) error {
	return c.call(ctx, http.MethodPut, service, path, []byte(`{"forSeconds": 0.000000001}`), settings)
}

// Delete asks for the settings of the start and decodes them, where path has a DELETE.
func (c *Client) Delete(ctx context.Context, service, path string, settings any) error {
	return c.call(ctx, http.MethodDelete, service, path, nil, settings)
}

func (c *Client) call(ctx context.Context, method, service, path string, body []byte, settings any) error {
	base, known := c.urls[service]
	if !known {
		return fmt.Errorf("%w: %s", ErrUnknown, service)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(base, "/")+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask %s: %w", service, err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("ask %s: %w", service, err)
	}
	defer func() { _ = response.Body.Close() }()
	return decode(service, response, settings)
}

func decode(service string, response *http.Response, settings any) error {
	var refusal struct {
		Error string `json:"error"`
	}
	into := settings
	if response.StatusCode != http.StatusOK {
		into = &refusal
	}
	err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(into)
	switch {
	case response.StatusCode == http.StatusBadRequest && err == nil:
		return &Refused{refusal.Error}
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("ask %s: status %d", service, response.StatusCode)
	case err != nil:
		return fmt.Errorf("decode the answer of %s: %w", service, err)
	}
	return nil
}
