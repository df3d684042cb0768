// Package correlation carries the id that ties together everything one client call sets off:
// the upstream calls, the jobs, the log lines.
package correlation

import (
	"context"
	"regexp"

	"github.com/google/uuid"
)

// Header is the HTTP header, and the key of the task header, that carries the id.
const Header = "X-Correlation-Id"

var sane = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

type contextKey struct{}

// New returns a fresh id.
func New() string { return uuid.NewString() }

// Valid reports whether a caller's id may be taken over: 1 to 128 of A-Z a-z 0-9 . _ -.
func Valid(id string) bool { return sane.MatchString(id) }

// NewContext returns a context that carries id.
func NewContext(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// FromContext returns the id that ctx carries, or "" when it carries none.
func FromContext(ctx context.Context) string {
	id, _ := ctx.Value(contextKey{}).(string)
	return id
}
