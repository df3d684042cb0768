package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/lab/control"
)

// limits is a component with one control.
type limits struct {
	set      *control.Set
	router   *gin.Engine
	registry *prometheus.Registry
	log      bytes.Buffer
	applied  []string
	broken   error
}

func newLimits(t *testing.T) *limits {
	t.Helper()
	gin.SetMode(gin.TestMode)
	l := &limits{registry: prometheus.NewRegistry(), router: gin.New()}
	l.set = control.NewSet("experience-api", slog.New(slog.NewTextHandler(&l.log, nil)), l.registry)
	require.NoError(t, l.set.Add(l.control()))
	l.set.Register(l.router)
	return l
}

func (l *limits) control() control.Control {
	return control.Control{
		Name: "upstream-limit", Help: "what bounds the attempts in flight", Start: control.Setting{Option: "adaptive"},
		Options: []control.Option{{Name: "adaptive"}, {Name: "static", Min: 1, Max: 100}, {Name: "none"}},
		Apply: func(s control.Setting) error {
			if l.broken == nil {
				l.applied = append(l.applied, s.String())
			}
			return l.broken
		},
	}
}

func (l *limits) call(method, body string) *httptest.ResponseRecorder {
	answer, request := httptest.NewRecorder(), httptest.NewRequestWithContext(context.Background(), method, control.Path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	l.router.ServeHTTP(answer, request)
	return answer
}

func (l *limits) state(t *testing.T) control.State {
	t.Helper()
	var list control.List
	require.NoError(t, json.Unmarshal(l.call(http.MethodGet, "").Body.Bytes(), &list))
	require.Len(t, list.Controls, 1)
	assert.Equal(t, "experience-api", list.Component)
	return list.Controls[0]
}

func TestSwitch(t *testing.T) {
	l := newLimits(t)
	assert.Equal(t, "adaptive", l.state(t).Option)
	for _, option := range []string{"static=30", "none", "none", "default"} {
		answer := l.call(http.MethodPut, `{"control":"upstream-limit","option":"`+option+`"}`)
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	}
	assert.Equal(t, []string{"static=30", "none", "adaptive"}, l.applied)
	assert.Equal(t, "adaptive", l.state(t).Option)
	require.Equal(t, http.StatusOK, l.call(http.MethodPut, `{"control":"upstream-limit","option":"static=9"}`).Code)
	assert.Equal(t, "static=9", l.state(t).Option)
	assert.Contains(t, l.log.String(), "control=upstream-limit from=adaptive to=\"static=9\"")
	require.NoError(t, testutil.GatherAndCompare(l.registry, strings.NewReader(`
# HELP deals_control_changes_total Switches of a control, those back to its start included.
# TYPE deals_control_changes_total counter
deals_control_changes_total{component="experience-api",control="upstream-limit"} 4
# HELP deals_control_info 1 for the option in force of each control that can be switched while the component runs.
# TYPE deals_control_info gauge
deals_control_info{component="experience-api",control="upstream-limit",option="static"} 1
`)))
	require.Equal(t, http.StatusOK, l.call(http.MethodDelete, "").Code)
	assert.Equal(t, "adaptive", l.state(t).Option)
}

func TestSwitchForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t)
		require.Equal(t, http.StatusOK, l.call(http.MethodPut, `{"control":"upstream-limit","option":"none","forSeconds":60}`).Code)
		<-time.After(40 * time.Second)
		assert.InDelta(t, 20, l.state(t).ForSeconds, 0)
		require.Equal(t, http.StatusOK, l.call(http.MethodPut, `{"control":"upstream-limit","option":"static=5","forSeconds":60}`).Code)
		<-time.After(40 * time.Second)
		assert.Equal(t, "static=5", l.state(t).Option, "the first change's time does not end the second")
		<-time.After(21 * time.Second)
		assert.Equal(t, "adaptive", l.state(t).Option)
		assert.Zero(t, l.state(t).ForSeconds)
	})
}

func TestRefusedChangesChangeNothing(t *testing.T) {
	const options = "want one of adaptive, static=1..100, none, default"
	for body, want := range map[string]string{
		`{"control":"retry","option":"none"}`:                          `control: got \"retry\", want one of upstream-limit`,
		`{"control":"upstream-limit","option":"fast"}`:                 `option: got \"fast\", ` + options,
		`{"control":"upstream-limit","option":"static"}`:               `option: got \"static\", ` + options,
		`{"control":"upstream-limit","option":"static=101"}`:           `option: got \"static=101\", ` + options,
		`{"control":"upstream-limit","option":"none=3"}`:               `option: got \"none=3\", ` + options,
		`{"control":"upstream-limit"}`:                                 `option: got \"\", ` + options,
		`{"control":"upstream-limit","option":"none","forSeconds":-1}`: `forSeconds: got -1`,
		`[]`: `object`,
	} {
		l := newLimits(t)
		answer := l.call(http.MethodPut, body)
		assert.Equal(t, http.StatusBadRequest, answer.Code, body)
		assert.Contains(t, answer.Body.String(), want)
		assert.Empty(t, l.applied)
	}
	l := newLimits(t)
	l.broken = errors.New("no room")
	assert.Equal(t, http.StatusInternalServerError, l.call(http.MethodPut, `{"control":"upstream-limit","option":"none"}`).Code)
	assert.Equal(t, "adaptive", l.state(t).Option)
}

func TestInvalidDeclarations(t *testing.T) {
	l := newLimits(t)
	require.ErrorContains(t, l.set.Add(l.control()), "declared twice")
	named := l.control()
	named.Name, named.Options = "other", append(named.Options, control.Option{Name: control.Default})
	require.ErrorContains(t, l.set.Add(named), `the option name "default" stands for the start`)
	for name, change := range map[string]func(*control.Control){
		"no name":     func(c *control.Control) { c.Name = "" },
		"one option":  func(c *control.Control) { c.Options = c.Options[:1] },
		"wrong start": func(c *control.Control) { c.Start = control.Setting{Option: "static", Value: 101} },
	} {
		c := l.control()
		c.Name = "other"
		change(&c)
		require.Error(t, l.set.Add(c), name)
	}
}
