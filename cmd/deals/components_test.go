package main_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/platform"
)

// TestComponents compares the components of the program with the platform's table.
func TestComponents(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(run(t, nil, "", "run").stdout), "\n")[1:]
	listed := make([]string, len(lines))
	for i, line := range lines {
		listed[i] = strings.Fields(line)[0]
	}
	var inTable []string
	for _, part := range platform.Components() {
		inTable = append(inTable, part.Name)
	}
	assert.Equal(t, inTable, listed, "rows of internal/platform, and cmd/deals/components.go")
}

// TestSettings compares the settings in every component's --help with the platform's table.
func TestSettings(t *testing.T) {
	t.Parallel()
	urls := platform.URLs(func(p platform.Part) string { return platform.URL(p.Name) })
	setting := regexp.MustCompile(`(?m)^  ([A-Z_]+)=(.*)$`)
	for _, part := range platform.Components() {
		help := run(t, nil, "", "run", part.Name, "--help").stdout
		shown := map[string]string{}
		for _, match := range setting.FindAllStringSubmatch(help, -1) {
			shown[match[1]] = match[2]
		}
		wanted := map[string]string{
			"PORT": strconv.Itoa(part.Port), "INSTANCE_ID": part.Name, "HOST": "127.0.0.1", "LOG_LEVEL": "info", "DRAIN_TIMEOUT": "10s",
		}
		if _, reads := shown["REDIS_URL"]; reads {
			redis, _ := platform.Named(platform.Redis)
			wanted["REDIS_URL"] = fmt.Sprintf("redis://127.0.0.1:%d/0", redis.Port)
		}
		for variable, url := range urls {
			if _, reads := shown[variable]; reads {
				wanted[variable] = url
			}
		}
		for _, upstream := range part.Upstreams {
			if up, _ := platform.Named(upstream); up.URLVar != "" {
				wanted[up.URLVar] = urls[up.URLVar]
			}
		}
		for variable, value := range wanted {
			assert.Equal(t, value, shown[variable], "%s: %s", part.Name, variable)
		}
	}
}
