package observability_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/observability"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start sets up telemetry with the settings in environ. It is shut down at the end of the test.
func start(t *testing.T, environ map[string]string, logs io.Writer) *observability.Telemetry {
	t.Helper()
	var cfg observability.Config
	require.NoError(t, settings.Load(environ, &cfg))
	telemetry, err := observability.Start(t.Context(), cfg, observability.Identity{Service: "price-service", Instance: "price-1", Version: "v1"}, logs)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, telemetry.Shutdown(context.WithoutCancel(t.Context()))) })
	return telemetry
}

// shutdown stops the telemetry and requires that everything was delivered.
func shutdown(t *testing.T, telemetry *observability.Telemetry) {
	t.Helper()
	require.NoError(t, telemetry.Shutdown(t.Context()))
}

// requireBoundedShutdown requires that telemetry stops before its backend's timeouts.
func requireBoundedShutdown(t *testing.T, telemetry *observability.Telemetry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	require.Error(t, telemetry.Shutdown(ctx))
	require.Less(t, time.Since(begin), 2*time.Second)
}

// output collects log lines.
type output struct{ testkit.Output }

// lines returns the parsed log lines.
func (o *output) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	scanner := bufio.NewScanner(strings.NewReader(o.String()))
	for scanner.Scan() {
		var line map[string]any
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		lines = append(lines, line)
	}
	return lines
}

func TestNoGoroutinesWithoutBackends(t *testing.T) {
	before := goleak.IgnoreCurrent()
	start(t, nil, io.Discard)
	goleak.VerifyNone(t, before)
}

func TestStartRefusesAnUnknownLogLevel(t *testing.T) {
	_, err := observability.Start(t.Context(), observability.Config{LogLevel: "loud"}, observability.Identity{}, io.Discard)
	assert.ErrorContains(t, err, "loud")
}

func TestSecondShutdownIsNoOp(t *testing.T) {
	telemetry := start(t, nil, io.Discard)
	shutdown(t, telemetry)
	shutdown(t, telemetry)
}
