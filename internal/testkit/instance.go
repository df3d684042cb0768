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

// Runner is a component of the platform; app.Component is one.
type Runner interface {
	Run(ctx context.Context, environ map[string]string) error
}

// Instance is a component that runs in the process of its test. Its fields and Do may be used concurrently.
type Instance struct {
	URL string // http, host and port

	client *http.Client
	end    context.CancelFunc
	ended  chan struct{}
	err    error // what Run returned, once ended is closed
}

// Run runs a component on a free port of 127.0.0.1 and returns when it answers. It is stopped when the test ends, and must then stop
// without an error, unless the test has stopped it before. There is no DRAIN_GRACE unless environ says so.
func Run(tb testing.TB, component Runner, environ map[string]string) *Instance {
	tb.Helper()
	port := strconv.Itoa(freePort(tb))
	settings := map[string]string{"PORT": port, "DRAIN_GRACE": "0s"}
	maps.Copy(settings, environ)
	// The context of a test ends before its clean-ups run; the component is stopped by one of these.
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
		assert.NoError(tb, i.Stop())
		transport.CloseIdleConnections()
	})
	require.NoError(tb, i.await(tb.Context()), "start of the component on port %s", port)
	return i
}

// Begin asks the component to stop and does not wait for it.
func (i *Instance) Begin() { i.end() }

// Stop stops the component and returns, after the first call as well, what Run returned.
func (i *Instance) Stop() error {
	i.end()
	<-i.ended
	err := i.err
	return err
}

// await returns when the component answers, or with the error with which it ended.
func (i *Instance) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		_, err := i.exchange(ctx, http.MethodGet, "/healthz", "", nil)
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
}

// Get asks for a path.
func (i *Instance) Get(tb testing.TB, path string) Answer {
	tb.Helper()
	return i.Do(tb, http.MethodGet, path, "", nil)
}

// Post sends a JSON body to a path.
func (i *Instance) Post(tb testing.TB, path, body string) Answer {
	tb.Helper()
	return i.Do(tb, http.MethodPost, path, body, nil)
}

// Do sends a request; a body goes as JSON unless header says otherwise.
func (i *Instance) Do(tb testing.TB, method, path, body string, header http.Header) Answer {
	tb.Helper()
	answer, err := i.exchange(tb.Context(), method, path, body, header)
	require.NoError(tb, err, "%s %s", method, path)
	return answer
}

func (i *Instance) exchange(ctx context.Context, method, path, body string, header http.Header) (Answer, error) {
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
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(text)}, err
}

// DeadURL returns the address of a server that is not there.
func DeadURL(tb testing.TB) string {
	tb.Helper()
	return "http://127.0.0.1:" + strconv.Itoa(freePort(tb))
}
