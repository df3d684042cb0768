package testkit

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Lookup is what holds for every domain service that answers one lookup by id.
type Lookup struct {
	Service Runner
	Path    string // in front of the id, such as /price/
	Known   string // an id that there is
	Answer  string // the JSON that it is answered with
	Unknown string // an id of another kind, or past the last one
}

// Test checks the lookup of known, unknown and impossible ids, and that the service's faults are in place.
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
	ids["none of these"] = l.Unknown
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
