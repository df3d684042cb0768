package settings_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/settings"
)

type Inner struct {
	Timeout time.Duration `env:"TIMEOUT" envDefault:"800ms" validate:"min=1ms,max=30s" help:"of one attempt"`
	Rate    float64       `env:"RATE" envDefault:"0.02" validate:"min=0,max=1"`
}

type outer struct {
	Inner

	Count   int      `env:"COUNT" envDefault:"3" validate:"min=1,max=8"`
	Level   string   `env:"LEVEL" envDefault:"info" validate:"oneof=debug info"`
	Base    string   `env:"BASE" envDefault:"http://127.0.0.1:1" validate:"http_url"`
	Targets []string `env:"TARGETS" envDefault:"http://127.0.0.1:1,http://127.0.0.1:2" validate:"min=1,dive,http_url"`
	On      bool     `env:"ON" envDefault:"true"`
}

func TestLoadDefaults(t *testing.T) {
	var got outer
	require.NoError(t, settings.Load(&got, nil))
	assert.Equal(t, 800*time.Millisecond, got.Timeout)
	assert.Equal(t, 3, got.Count)
	assert.Len(t, got.Targets, 2)
	assert.True(t, got.On)
}

func TestLoadNamesEveryFaultAtOnce(t *testing.T) {
	var got outer
	err := settings.Load(&got, map[string]string{
		"TIMEOUT": "soon", "RATE": "1.5", "COUNT": "9", "LEVEL": "loud", "BASE": "ftp://x", "TARGETS": "http://127.0.0.1:1,nope", "ON": "perhaps",
	})
	require.Error(t, err)
	for _, want := range []string{
		`TIMEOUT: got "soon", allowed: duration such as 800ms or 2s, 1ms to 30s`,
		`RATE: got "1.5", allowed: number, 0 to 1`,
		`COUNT: got "9", allowed: whole number, 1 to 8`,
		`LEVEL: got "loud", allowed: debug | info`,
		`BASE: got "ftp://x", allowed: URL with http or https`,
		`TARGETS: got "http://127.0.0.1:1,nope", allowed: `,
		`ON: got "perhaps", allowed: true | false`,
	} {
		assert.ErrorContains(t, err, want)
	}
}

func TestLoadRefusesNotANumber(t *testing.T) {
	var got outer
	assert.ErrorContains(t, settings.Load(&got, map[string]string{"RATE": "NaN"}), `RATE: got "NaN"`)
}

func TestDescribeListsInOrder(t *testing.T) {
	got := settings.Describe(&outer{})
	require.Len(t, got, 7)
	assert.Equal(t, settings.Setting{Name: "TIMEOUT", Default: "800ms", Allowed: "duration such as 800ms or 2s, 1ms to 30s", Help: "of one attempt"}, got[0])
	assert.Equal(t, "ON", got[6].Name)
}

type paired struct {
	Low  int `env:"LOW" envDefault:"1"`
	High int `env:"HIGH" envDefault:"2"`
}

func (p *paired) Check() error {
	if p.Low > p.High {
		return errors.New("LOW: got more than HIGH")
	}
	return nil
}

func TestLoadChecksTheWhole(t *testing.T) {
	var got paired
	require.NoError(t, settings.Load(&got, nil))
	assert.ErrorContains(t, settings.Load(&got, map[string]string{"LOW": "3"}), "LOW")
}
