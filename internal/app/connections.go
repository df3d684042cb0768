package app

import (
	"container/list"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
)

// connections is a listener with a limit. A connection is waiting while its client has to send something: a request, or the rest of its
// body. At the limit a new connection replaces the one that has waited longest, so that clients which send nothing more keep nobody out.
// Accept waits while every connection is served.
type connections struct {
	net.Listener

	limit int

	mu      sync.Mutex
	changed *sync.Cond // signaled when room may have been made
	open    int
	waiting *list.List // of *connection, longest first
	closed  bool
}

func limitConnections(listener net.Listener, limit int) *connections {
	l := &connections{Listener: listener, limit: limit, waiting: list.New()}
	l.changed = sync.NewCond(&l.mu)
	return l
}

// Accept returns the next connection, once there is room for it.
func (l *connections) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: raw, of: l}
	if !l.admit(c) {
		_ = raw.Close()
		return nil, net.ErrClosed
	}
	return c, nil
}

// admit reports false when the listener was closed meanwhile.
func (l *connections) admit(c *connection) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.open >= l.limit && !l.closed {
		if longest := l.waiting.Front(); longest != nil {
			victim, _ := longest.Value.(*connection)
			l.remove(victim)
			_ = victim.Conn.Close()
			continue
		}
		l.changed.Wait()
	}
	if l.closed {
		return false
	}
	l.open++
	c.place = l.waiting.PushBack(c)
	return true
}

// remove needs the lock. A connection is removed once: by who replaces it, or when it is closed.
func (l *connections) remove(c *connection) {
	if c.removed {
		return
	}
	c.removed = true
	l.open--
	if c.place != nil {
		l.waiting.Remove(c.place)
	}
	l.changed.Signal()
}

// Close ends the listener; open connections stay.
func (l *connections) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.changed.Broadcast()
	return l.Listener.Close()
}

// connection is one of a listener's.
type connection struct {
	net.Conn

	of      *connections
	place   *list.Element // among the waiting; nil while a request is served
	removed bool
}

// Close makes room for another connection.
func (c *connection) Close() error {
	c.of.mu.Lock()
	c.of.remove(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// serve marks that a request is complete and being answered.
func (c *connection) serve() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.place != nil && !c.removed {
		c.of.waiting.Remove(c.place)
		c.place = nil
	}
}

// wait marks that the client is to send its next request.
func (c *connection) wait() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.removed {
		return
	}
	if c.place != nil {
		c.of.waiting.MoveToBack(c.place)
		return
	}
	c.place = c.of.waiting.PushBack(c)
	c.of.changed.Signal()
}

type connectionKey struct{}

// keepConnection is the ConnContext of a server whose handler is watchConnection's.
func keepConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// watchConnection tells a request's connection when the request is complete and when it is answered.
func watchConnection(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := r.Context().Value(connectionKey{}).(*connection)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		defer c.wait()
		if r.Body == http.NoBody {
			c.serve()
		} else {
			r.Body = &watchedBody{ReadCloser: r.Body, complete: c.serve}
		}
		next.ServeHTTP(w, r)
	})
}

// watchedBody calls complete when nothing more is read of it.
type watchedBody struct {
	io.ReadCloser

	complete func()
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.complete()
	}
	return n, err
}
