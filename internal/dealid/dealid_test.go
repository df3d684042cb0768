package dealid_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/dealid"
)

func TestNumber(t *testing.T) {
	for id, want := range map[string]int{"d-00000": 0, "d-00001": 1, "d-99999": 99_999, "d-100000": 100_000, "d-1000001": 1_000_001} {
		n, ok := dealid.Number(id)
		assert.True(t, ok, id)
		assert.Equal(t, want, n)
		assert.Equal(t, id, dealid.Of(n))
	}
	for _, id := range []string{"d-1", "d-000001", "d-00001\n", "d-0000x", "", "../d-00001", "d-00001/..", "d-٠٠٠٠١", "d-99999999", "m-001"} {
		_, ok := dealid.Number(id)
		assert.False(t, ok, id)
	}
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"d-00001", "d-1000000", "d-", "d-00001/../x", "d-00001?x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if n, ok := dealid.Number(id); ok && dealid.Of(n) != id {
			t.Fatalf("%q has number %d, whose id is %q", id, n, dealid.Of(n))
		}
	})
}
