package settings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/settings"
)

type inner struct {
	Timeout time.Duration
	Rate    float64
}

func (c *inner) Declare(s *settings.Set) {
	s.Duration(&c.Timeout, "TIMEOUT", 800*time.Millisecond).Between(time.Millisecond, 10*time.Minute).Help("of one attempt")
	s.Float(&c.Rate, "RATE", 0.02).Between(0, 1).Help("share")
}

type outer struct {
	Inner   inner
	Count   int
	Level   string
	Base    string
	Proxy   string
	Targets []string
	Names   []string
	Token   string
	On      bool
}

func (c *outer) Declare(s *settings.Set) {
	c.Inner.Declare(s)
	s.Int(&c.Count, "COUNT", 3).Between(1, 8).Help("how many")
	s.Text(&c.Level, "LEVEL", "info").OneOf("debug", "info").Help("level")
	s.URL(&c.Base, "BASE", "http://127.0.0.1:1").Help("base")
	s.URL(&c.Proxy, "PROXY", "").Help("none by default")
	s.URLs(&c.Targets, "TARGETS", "http://127.0.0.1:1", "http://127.0.0.1:2").Help("targets")
	s.List(&c.Names, "NAMES", nil, 2, "host names", settings.IsHostName).Help("names")
	s.Text(&c.Token, "TOKEN", "").Sized(8, 16).Secret().Help("token")
	s.Bool(&c.On, "ON", true).Help("switch")
}

func TestDefaults(t *testing.T) {
	for name, environ := range map[string]map[string]string{"unset": nil, "empty": {"TIMEOUT": "", "TARGETS": "", "ON": ""}} {
		t.Run(name, func(t *testing.T) {
			var got outer
			require.NoError(t, settings.Load(environ, &got))
			assert.Equal(t, outer{
				Inner: inner{800 * time.Millisecond, 0.02}, Count: 3, Level: "info", Base: "http://127.0.0.1:1",
				Targets: []string{"http://127.0.0.1:1", "http://127.0.0.1:2"}, On: true,
			}, got)
		})
	}
}

func TestValuesOfTheEnvironment(t *testing.T) {
	var got outer
	require.NoError(t, settings.Load(map[string]string{
		"TIMEOUT": "1ms", "RATE": "1", "COUNT": "8", "LEVEL": "debug", "BASE": "https://a.example/x", "PROXY": "http://b:1",
		"TARGETS": "http://c", "NAMES": "a.example,b-1", "TOKEN": "12345678", "ON": "false",
	}, &got))
	assert.Equal(t, outer{
		inner{time.Millisecond, 1}, 8, "debug", "https://a.example/x", "http://b:1", []string{"http://c"}, []string{"a.example", "b-1"}, "12345678", false,
	}, got)
}

func TestFaultsAreReportedTogether(t *testing.T) {
	err := settings.Load(map[string]string{
		"TIMEOUT": "soon", "RATE": "NaN", "COUNT": "9", "LEVEL": "loud", "BASE": "ftp://x", "PROXY": "x", "TARGETS": "http://a,nope",
		"NAMES": "a,a", "TOKEN": "hunter2", "ON": "perhaps",
	}, new(outer))
	require.Error(t, err)
	assert.Equal(t, []string{
		`TIMEOUT: got "soon", want a duration, such as 800ms or 2s, from 1ms to 10m`,
		`RATE: got "NaN", want a number from 0 to 1`,
		`COUNT: got "9", want a whole number from 1 to 8`,
		`LEVEL: got "loud", want one of debug, info`,
		`BASE: got "ftp://x", want a URL with http or https`,
		`PROXY: got "x", want a URL with http or https`,
		`TARGETS: got "http://a,nope", want 1 to 64 different URLs with http or https, separated by commas`,
		`NAMES: got "a,a", want 1 to 2 different host names, separated by commas`,
		`TOKEN: got a value of another length, want 8 to 16 characters`,
		`ON: got "perhaps", want true or false`,
	}, strings.Split(err.Error(), "\n"))
	var fault settings.Fault
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "TIMEOUT", fault.Where)
}

func TestBounds(t *testing.T) {
	tests := map[string]struct{ name, value string }{
		"below":        {"COUNT", "0"},
		"infinite":     {"RATE", "Inf"},
		"negative":     {"TIMEOUT", "-1s"},
		"no host":      {"BASE", "http://"},
		"too many":     {"NAMES", "a,b,c"},
		"empty item":   {"TARGETS", "http://a,"},
		"hyphen first": {"NAMES", "-a"},
		"not a name":   {"NAMES", "a b"},
		"empty label":  {"NAMES", "a..b"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, settings.Load(map[string]string{tc.name: tc.value}, new(outer)), tc.name+": got ")
		})
	}
}

// forgetful does not declare its nested struct.
type forgetful struct {
	Inner inner
	Count int
}

func (c *forgetful) Declare(s *settings.Set) { s.Int(&c.Count, "COUNT", 3).Help("how many") }

func TestUndeclaredField(t *testing.T) {
	assert.PanicsWithValue(t, "settings: settings_test.inner does not declare its field Timeout",
		func() { _ = settings.Load(nil, new(forgetful)) })
}

func TestDescribe(t *testing.T) {
	got := settings.Describe(new(outer), new(settings.None))
	require.Len(t, got, 10)
	assert.Equal(t, settings.Setting{
		Name: "TIMEOUT", Default: "800ms", Want: "a duration, such as 800ms or 2s, from 1ms to 10m", Help: "of one attempt",
	}, got[0])
	assert.Equal(t, "http://127.0.0.1:1,http://127.0.0.1:2", got[6].Default)
	assert.Equal(t, "ON", got[9].Name)
}
