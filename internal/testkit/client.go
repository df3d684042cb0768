package testkit

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Client sends requests to a component. It is safe for concurrent use.
type Client struct {
	URL string // such as http://127.0.0.1:3000

	http *http.Client
}

// ClientOf returns a client of the component at the URL.
func ClientOf(url string) *Client {
	return &Client{URL: url, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
}

// Answer is a response with its body.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Closes bool // the server closes the connection
}

// Get sends a GET request.
func (c *Client) Get(tb testing.TB, path string) Answer {
	tb.Helper()
	return c.Do(tb, http.MethodGet, path, "", nil)
}

// Await repeats a GET request until wanted returns true.
func (c *Client) Await(tb testing.TB, path string, wanted func(Answer) bool) Answer {
	tb.Helper()
	ticker, timeout := time.NewTicker(2*time.Millisecond), time.After(20*time.Second)
	defer ticker.Stop()
	for {
		answer := c.Get(tb, path)
		if wanted(answer) {
			return answer
		}
		select {
		case <-ticker.C:
		case <-timeout:
			require.Fail(tb, path+": no wanted answer", "last answer: %d %s", answer.Status, answer.Body)
		}
	}
}

// Post sends a POST request with a JSON body.
func (c *Client) Post(tb testing.TB, path, body string) Answer {
	tb.Helper()
	return c.Do(tb, http.MethodPost, path, body, nil)
}

// Do sends a request. The content type of a body is JSON; header overrides it.
func (c *Client) Do(tb testing.TB, method, path, body string, header http.Header) Answer {
	tb.Helper()
	answer, err := c.Try(tb.Context(), method, path, body, header)
	require.NoError(tb, err, "%s %s", method, path)
	return answer
}

// Try is like Do, but returns an error instead of failing the test.
func (c *Client) Try(ctx context.Context, method, path, body string, header http.Header) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(request.Header, header)
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(text), Closes: response.Close}, err
}
