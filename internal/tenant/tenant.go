// Package tenant says for which of the platform's tenants a request is. Its client names the tenant in a header. There is a fixed number of
// tenants, so that a tenant can be the value of a label.
package tenant

import (
	"context"
	"strconv"
	"strings"
)

// Header is the header of a request that names its tenant.
const Header = "X-Tenant"

// Tenant is one of the tenants: tenant-0 to tenant-9, or Other.
type Tenant int

// Other is the tenant of requests that name none, or an unknown one.
const Other Tenant = 10

// Count is how many tenants there are, Other included. A Tenant is below it.
const Count = int(Other) + 1

const prefix = "tenant-"

// String returns the tenant as the header and labels spell it.
func (t Tenant) String() string {
	if t == Other {
		return "other"
	}
	return prefix + strconv.Itoa(int(t))
}

// Parse returns the tenant of that name.
func Parse(name string) Tenant {
	number, named := strings.CutPrefix(name, prefix)
	if !named || len(number) != 1 || number[0] < '0' || number[0] > '9' {
		return Other
	}
	return Tenant(number[0] - '0')
}

type contextKey struct{}

// With returns a context whose requests are for tenant t.
func With(ctx context.Context, t Tenant) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// From returns the tenant of ctx, Other when it has none.
func From(ctx context.Context) Tenant {
	if t, ok := ctx.Value(contextKey{}).(Tenant); ok {
		return t
	}
	return Other
}
