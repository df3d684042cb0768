package tenant_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/tenant"
)

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for i := range tenant.Count {
		name := tenant.Tenant(i).String()
		assert.Equal(t, tenant.Tenant(i), tenant.Parse(name))
		seen[name] = true
	}
	assert.Len(t, seen, tenant.Count)
	for _, unknown := range []string{"", "tenant-", "tenant-10", "tenant-a", "tenant--1", "Tenant-1", "1", "tenant-\xff", "other"} {
		assert.Equal(t, tenant.Other, tenant.Parse(unknown), "%q", unknown)
	}
}

func TestContext(t *testing.T) {
	assert.Equal(t, tenant.Other, tenant.From(t.Context()))
	assert.Equal(t, tenant.Tenant(0), tenant.From(tenant.With(t.Context(), 0)))
}
