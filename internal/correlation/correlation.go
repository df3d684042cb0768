// Package correlation carries the correlation id of a client's request to its upstream calls, jobs and log lines.
package correlation

import (
	"context"
	"regexp"

	"github.com/google/uuid"
)

// Header is the name of the HTTP header and of the job header that carry the id.
const Header = "X-Correlation-Id"

var valid = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// Field is the name of the id in log lines and in the attributes of spans.
const Field = "correlation_id"

type contextKey struct{}

// New returns a new id.
func New() string { return uuid.NewString() }

// Valid reports whether an id from a client is accepted. It must have 1 to 128 of the characters A-Z a-z 0-9 . _ -.
func Valid(id string) bool { return valid.MatchString(id) }

// NewContext returns a context that carries id.
func NewContext(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// FromContext returns the id that ctx carries, or "" if there is none.
func FromContext(ctx context.Context) string {
	id, _ := ctx.Value(contextKey{}).(string)
	return id
}
