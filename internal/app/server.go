package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	profiler "github.com/grafana/pyroscope-go/http/pprof"
)

// Bounds on a connection. Writing is bounded above the longest profile that is worth taking.
const (
	readHeaderTimeout = 2 * time.Second
	readTimeout       = 5 * time.Second
	writeTimeout      = 90 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
	stopTimeout       = time.Second
)

// server is a component's HTTP server. It serves the system paths and the component's router.
type server struct {
	http     *http.Server
	listener net.Listener
}

func newServer(ctx context.Context, rt *Runtime, cfg Config, listener net.Listener) *server {
	s := &server{listener: limitConnections(listener, cfg.MaxConnections)}
	s.http = &http.Server{
		Handler:           watchConnection(systemPaths(rt, rt.Router)),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       keepConnection,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
	}
	return s
}

// start serves in the background. The channel receives an error if the server fails.
func (s *server) start() <-chan error {
	failed := make(chan error, 1)
	go func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return failed
}

// stop stops the server. It closes connections that are still active after stopTimeout.
func (s *server) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}

// systemPaths answers what is about the process and not about the product. It is in no SLI and no trace: only the correlation id
// and the guard stand before it.
func systemPaths(rt *Runtime, next http.Handler) http.Handler {
	system := newEngine(correlate, rt.Guard.Check)
	for path, answer := range map[string]http.HandlerFunc{
		"/healthz":             rt.health.live,
		"/readyz":              rt.health.readiness,
		deepPath:               rt.health.deepReadiness,
		"/metrics":             rt.scrapes.ServeHTTP,
		"/debug/pprof/":        pprof.Index,
		"/debug/pprof/:name":   pprof.Index,
		"/debug/pprof/cmdline": pprof.Cmdline,
		// net/http/pprof's handler fails while Pyroscope's client profiles; this one waits for it.
		"/debug/pprof/profile": profiler.Profile,
		"/debug/pprof/symbol":  pprof.Symbol,
		"/debug/pprof/trace":   pprof.Trace,
	} {
		system.Match([]string{http.MethodGet, http.MethodHead}, path, gin.WrapF(answer))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/healthz", path == "/readyz", path == deepPath, path == "/metrics", strings.HasPrefix(path, "/debug/pprof/"):
			system.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
