package slodashboard_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRunbooksAreServed checks that each runbook is a page headed by the name of its alert.
func TestRunbooksAreServed(t *testing.T) {
	dashboard := run(t, "http://127.0.0.1:1", nil)
	files, err := os.ReadDir("../../docs/runbooks")
	require.NoError(t, err)
	served := 0
	for _, file := range files {
		name, isRunbook := strings.CutSuffix(file.Name(), ".md")
		if !isRunbook {
			continue
		}
		served++
		answer := dashboard.Get(t, "/runbooks/"+name)
		assert.Equal(t, http.StatusOK, answer.Status, name)
		assert.Contains(t, answer.Body, "<h1>"+name, name)
	}
	assert.Positive(t, served)
	assert.Equal(t, http.StatusNotFound, dashboard.Get(t, "/runbooks/NoSuchAlert").Status)
}
