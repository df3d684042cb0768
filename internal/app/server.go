package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	profiler "github.com/grafana/pyroscope-go/http/pprof"
	"golang.org/x/net/netutil"

	"deals.example/observability"
)

// Bounds on a connection. Writing is bounded above the longest profile that is worth taking.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 90 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
	stopTimeout       = time.Second
)

// server is a component's HTTP server: the paths that every component has beside the component's own router.
type server struct {
	http     *http.Server
	listener net.Listener
}

func newServer(ctx context.Context, rt *Runtime, cfg Config, listener net.Listener) *server {
	s := &server{listener: netutil.LimitListener(listener, cfg.MaxConnections)}
	s.http = &http.Server{
		Handler:           systemPaths(rt, rt.Router),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
	}
	return s
}

// start serves in the background; the channel yields the error of a server that ends by itself.
func (s *server) start() <-chan error {
	failed := make(chan error, 1)
	go func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return failed
}

// stop ends the server; requests that are left over have had their time.
func (s *server) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}

// systemPaths answers what is about the process and not about the product. No middleware stands before it: it is in no SLI and no trace.
func systemPaths(rt *Runtime, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", rt.health.live)
	mux.HandleFunc("GET /readyz", rt.health.readiness)
	mux.Handle("GET /metrics", observability.MetricsHandler(rt.Registry))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	// Go's own profile handler fails while Pyroscope's client profiles; this one takes turns with it.
	mux.HandleFunc("GET /debug/pprof/profile", profiler.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/healthz", path == "/readyz", path == "/metrics", strings.HasPrefix(path, "/debug/pprof/"):
			mux.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
