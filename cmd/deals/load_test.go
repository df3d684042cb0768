package main_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLoadWithoutK6(t *testing.T) {
	t.Setenv("PATH", "")
	healthy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer healthy.Close()
	for _, command := range []string{"load", "flame"} {
		got := run(t, nil, "", command, "--target", healthy.URL+"/")
		assert.Equal(t, 1, got.code)
		assert.Equal(t, "deals: k6 is neither beside this program nor on PATH: make build builds it\n", got.stderr)
		assert.Empty(t, got.stdout)
	}
}
