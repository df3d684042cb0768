package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const maxAnswer = 1 << 20 // bytes

// Client calls the controls of components. It may be used concurrently.
type Client struct {
	HTTP  *http.Client
	Token string // for components that see this machine as another one; optional
}

// List returns the controls of the component at url.
func (c Client) List(ctx context.Context, url string) (List, error) {
	return c.call(ctx, http.MethodGet, url, nil)
}

// Switch switches a control of the component at url. The error says what is allowed.
func (c Client) Switch(ctx context.Context, url string, change Change) (List, error) {
	return c.call(ctx, http.MethodPut, url, change)
}

// Reset switches all controls of the component at url back to their start.
func (c Client) Reset(ctx context.Context, url string) (List, error) {
	return c.call(ctx, http.MethodDelete, url, nil)
}

func (c Client) call(ctx context.Context, method, url string, body any) (List, error) {
	var list List
	encoded := []byte{}
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return list, fmt.Errorf("encode: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, url+Path, bytes.NewReader(encoded))
	if err != nil {
		return list, fmt.Errorf("controls: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return list, fmt.Errorf("controls: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return list, fmt.Errorf("controls: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return list, refusal(response.Status, answer)
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return list, fmt.Errorf("controls of %s: %w", url, err)
	}
	return list, nil
}

// refusal returns the component's error text, or the status if there is none.
func refusal(status string, answer []byte) error {
	var body struct{ Error string }
	if err := json.Unmarshal(answer, &body); err != nil || body.Error == "" {
		return errors.New(status)
	}
	return errors.New(body.Error)
}
