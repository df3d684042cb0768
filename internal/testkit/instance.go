package testkit

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Runner is a component of the platform, such as an app.Component.
type Runner interface {
	Run(ctx context.Context, environ map[string]string) error
}

// Instance is a component that runs in the process of the test. It is safe for concurrent use, except Stop.
type Instance struct {
	URL string // such as http://127.0.0.1:3000

	client *http.Client
	end    context.CancelFunc
	ended  chan struct{}
	err    error // result of Run; read it after ended is closed
	asked  bool  // the test has called Stop
}

// Run runs a component on a free port of 127.0.0.1 and returns when it answers. The component is stopped when the test ends. An error of Run
// then fails the test, unless the test has called Stop. By default DRAIN_GRACE is 0 and LOG_LEVEL is error; environ overrides these.
func Run(tb testing.TB, component Runner, environ map[string]string) *Instance {
	tb.Helper()
	port := strconv.Itoa(FreePort(tb))
	settings := map[string]string{"PORT": port, "DRAIN_GRACE": "0s", "LOG_LEVEL": "error"}
	maps.Copy(settings, environ)
	// The context of a test ends before its cleanups; a cleanup stops the component.
	ctx, end := context.WithCancel(context.WithoutCancel(tb.Context()))
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	i := &Instance{
		URL: "http://127.0.0.1:" + port, client: &http.Client{Transport: transport}, end: end, ended: make(chan struct{}),
	}
	go func() {
		defer close(i.ended)
		i.err = component.Run(ctx, settings)
	}()
	tb.Cleanup(func() {
		if !i.asked {
			assert.NoError(tb, i.Stop(), "end of the component")
		}
		transport.CloseIdleConnections()
	})
	require.NoError(tb, i.await(tb.Context()), "start of the component on port %s", port)
	return i
}

// Begin starts the shutdown of the component and does not wait.
func (i *Instance) Begin() { i.end() }

// Stop stops the component and returns the result of Run.
func (i *Instance) Stop() error {
	i.asked = true
	i.end()
	<-i.ended
	return i.err
}

// await waits until the component answers, or returns the error with which it ended.
func (i *Instance) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		_, err := i.Try(ctx, http.MethodGet, "/healthz", "", nil)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-i.ended:
			return i.err
		case <-ctx.Done():
			return err
		}
	}
}

// Answer is a response with its body.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Closes bool // the server closes the connection
}

// Get sends a GET request.
func (i *Instance) Get(tb testing.TB, path string) Answer {
	tb.Helper()
	return i.Do(tb, http.MethodGet, path, "", nil)
}

// Await repeats a GET request until wanted returns true.
func (i *Instance) Await(tb testing.TB, path string, wanted func(Answer) bool) Answer {
	tb.Helper()
	ticker, timeout := time.NewTicker(2*time.Millisecond), time.After(20*time.Second)
	defer ticker.Stop()
	for {
		answer := i.Get(tb, path)
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
func (i *Instance) Post(tb testing.TB, path, body string) Answer {
	tb.Helper()
	return i.Do(tb, http.MethodPost, path, body, nil)
}

// Do sends a request. The content type of a body is JSON; header overrides it.
func (i *Instance) Do(tb testing.TB, method, path, body string, header http.Header) Answer {
	tb.Helper()
	answer, err := i.Try(tb.Context(), method, path, body, header)
	require.NoError(tb, err, "%s %s", method, path)
	return answer
}

// Try is like Do, but returns an error instead of failing the test.
func (i *Instance) Try(ctx context.Context, method, path, body string, header http.Header) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, i.URL+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(request.Header, header)
	response, err := i.client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(text), Closes: response.Close}, err
}

// DeadURL returns a URL on which no server listens.
func DeadURL(tb testing.TB) string {
	tb.Helper()
	return "http://127.0.0.1:" + strconv.Itoa(FreePort(tb))
}
