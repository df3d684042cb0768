package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	socketFile     = "up.sock"
	socketMode     = 0o600
	headerTimeout  = 5 * time.Second
	maxAnswerBytes = 1 << 20

	maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1
)

// ErrNotRunning reports that no stack runs with a state directory.
var ErrNotRunning = errors.New("no platform runs")

// Status is the status of a process of a running stack.
type Status struct {
	Name  string    `json:"name"`
	State State     `json:"state"`
	Since time.Time `json:"since"` // start of the state
	PID   int64     `json:"pid"`   // 0 if it does not run
	URL   string    `json:"url"`
}

// control is the server of [Client]. Contexts of its requests end with the stack.
type control struct {
	units        []*unit
	console      *console
	readyTimeout time.Duration
}

// checkSocketPath returns an error if the path of the control socket is longer than the kernel allows.
func checkSocketPath(stateDir string) error {
	if length := len(filepath.Join(stateDir, socketFile)); length > maxSocketPath {
		return fmt.Errorf("state directory: got a path of %d bytes, want at most %d, the limit for the Unix socket in it",
			len(stateDir), maxSocketPath-(length-len(stateDir)))
	}
	return nil
}

// serve listens on a Unix socket in stateDir until stop is called.
func (c *control) serve(ctx context.Context, stateDir string) (stop func(), err error) {
	path := filepath.Join(stateDir, socketFile)
	_ = os.Remove(path) // left by a killed stack; this stack has the lock
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on control socket: %w", err)
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /processes", c.list)
	mux.HandleFunc("POST /stop", c.change(c.stop))
	mux.HandleFunc("POST /start", c.change(c.start))
	requests, cancel := context.WithCancel(ctx)
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: headerTimeout,
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // returns after Close
	}()
	return func() {
		cancel()
		_ = server.Close()
		<-done
	}, nil
}

func (c *control) list(w http.ResponseWriter, _ *http.Request) {
	statuses := make([]Status, len(c.units))
	for i, u := range c.units {
		state, since := u.current()
		statuses[i] = Status{Name: u.Name, State: state, Since: since, PID: u.pid.Load(), URL: u.URL}
	}
	_ = json.NewEncoder(w).Encode(statuses) // the client may have gone
}

// change returns a handler that answers with the text of do, with 409 and its error, or with 404 for an unknown name.
func (c *control) change(do func(context.Context, *unit) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u, err := c.named(r.URL.Query().Get("name"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		text, err := do(r.Context(), u)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		_, _ = io.WriteString(w, text)
	}
}

func (c *control) named(name string) (*unit, error) {
	names := make([]string, len(c.units))
	for i, u := range c.units {
		if u.Name == name {
			return u, nil
		}
		names[i] = u.Name
	}
	return nil, fmt.Errorf("%w %q: allowed are %s", ErrUnknown, name, strings.Join(names, ", "))
}

// stop stops a process until start is called. It returns when the process has ended.
func (c *control) stop(ctx context.Context, u *unit) (string, error) {
	switch {
	case u.external():
		return "", fmt.Errorf("%s was not started by deals up and cannot be stopped by it", u.Name)
	case !u.hold():
		return "", fmt.Errorf("%s is already stopped", u.Name)
	}
	c.console.say("stopping %s; to start it again: deals start %s", u.Name, u.Name)
	if err := u.awaitStopped(ctx); err != nil {
		return "", fmt.Errorf("wait for %s to end: %w", u.Name, err)
	}
	if err := u.heldExit.Load(); err != nil && *err != nil {
		return "", *err
	}
	return u.Name + " stopped", nil
}

// start starts a stopped process and returns when it is ready.
func (c *control) start(ctx context.Context, u *unit) (string, error) {
	if !u.release() {
		state, _ := u.current()
		return "", fmt.Errorf("%s is not stopped: it is %s", u.Name, state)
	}
	ctx, cancel := context.WithTimeout(ctx, c.readyTimeout)
	defer cancel()
	switch ready, err := u.awaitReady(ctx); {
	case err != nil:
		return "", fmt.Errorf("%s is not ready after %v: %s", u.Name, c.readyTimeout, u.missing())
	case !ready:
		return "", fmt.Errorf("%s did not become ready: its output is in %s", u.Name, u.output.log.path)
	}
	return u.Name + " is ready", nil
}

// Client controls the stack that runs with a state directory. It is safe for concurrent use.
type Client struct {
	stateDir string
	http     *http.Client
}

// NewClient returns a client of the stack with that state directory. It does not connect.
func NewClient(stateDir string) *Client {
	socket := filepath.Join(stateDir, socketFile)
	return &Client{stateDir: stateDir, http: &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}}
}

// Processes returns all processes of the stack. The error wraps [ErrNotRunning] if no stack runs.
func (c *Client) Processes(ctx context.Context) ([]Status, error) {
	body, err := c.do(ctx, http.MethodGet, "/processes")
	if err != nil {
		return nil, err
	}
	var statuses []Status
	if err := json.Unmarshal(body, &statuses); err != nil {
		return nil, fmt.Errorf("decode processes: %w", err)
	}
	return statuses, nil
}

// Stop stops a process until Start is called. It returns a message when the process has ended. The error wraps [ErrNotRunning] if no
// stack runs, and [ErrUnknown] if it has no process of that name.
func (c *Client) Stop(ctx context.Context, name string) (string, error) {
	return c.post(ctx, name, "stop")
}

// Start starts a stopped process. It returns a message when the process is ready. The error wraps those of Stop.
func (c *Client) Start(ctx context.Context, name string) (string, error) {
	return c.post(ctx, name, "start")
}

func (c *Client) post(ctx context.Context, name, verb string) (string, error) {
	body, err := c.do(ctx, http.MethodPost, "/"+verb+"?"+url.Values{"name": {name}}.Encode())
	return string(body), err
}

func (c *Client) do(ctx context.Context, method, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://stack"+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, fmt.Errorf("%w with state directory %s", ErrNotRunning, c.stateDir)
	}
	if err != nil {
		return nil, fmt.Errorf("call the running stack: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return nil, fmt.Errorf("call the running stack: %w", err)
	}
	text := strings.TrimSpace(string(body))
	switch response.StatusCode {
	case http.StatusOK:
		return slices.Clip(body), nil
	case http.StatusNotFound:
		return nil, fmt.Errorf("%w%s", ErrUnknown, strings.TrimPrefix(text, ErrUnknown.Error()))
	default:
		return nil, errors.New(text)
	}
}
