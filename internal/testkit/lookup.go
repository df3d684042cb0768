package testkit

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Lookup tests a domain service with a lookup by id.
type Lookup struct {
	Service Runner
	Path    string // before the id, such as /price/
	Known   string // an existing id
	Answer  string // JSON of the response for Known
	Unknown string // an id that does not exist
}

// Test checks known, unknown and invalid ids, and the service's faults.
func (l Lookup) Test(t *testing.T) {
	t.Helper()
	t.Run("known", l.testKnown)
	t.Run("unknown", l.testUnknown)
	t.Run("faults", l.testFaults)
}

func (l Lookup) testKnown(t *testing.T) {
	answer := Run(t, l.Service, nil).Get(t, l.Path+l.Known)
	assert.Equal(t, http.StatusOK, answer.Status)
	assert.JSONEq(t, l.Answer, answer.Body)
}

func (l Lookup) testUnknown(t *testing.T) {
	service := Run(t, l.Service, nil)
	ids := BadIDs()
	ids["unknown"] = l.Unknown
	for name, id := range ids {
		t.Run(name, func(t *testing.T) {
			answer := service.Get(t, l.Path+id)
			assert.Equal(t, http.StatusNotFound, answer.Status)
			assert.Contains(t, answer.Body, `"code":"not_found"`)
			assert.Less(t, len(answer.Body), 500)
		})
	}
}

func (l Lookup) testFaults(t *testing.T) {
	service := Run(t, l.Service, map[string]string{"FAULT_RATE": "1"})
	assert.Equal(t, http.StatusServiceUnavailable, service.Get(t, l.Path+l.Known).Status)
	assert.Equal(t, http.StatusOK, service.Get(t, "/healthz").Status)
	assert.Equal(t, http.StatusOK, service.Do(t, http.MethodPut, "/admin/fault", `{"failureRate":0}`, nil).Status)
	assert.Equal(t, http.StatusOK, service.Get(t, l.Path+l.Known).Status)
}
