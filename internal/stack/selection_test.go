package stack_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/stack"
	"deals.example/internal/testkit"
)

func names(processes []stack.Process) []string {
	list := make([]string, 0, len(processes))
	for _, p := range processes {
		list = append(list, p.Name)
	}
	return list
}

func TestSelect(t *testing.T) {
	t.Parallel()
	table := []stack.Process{
		{Name: "redis"},
		{Name: "price"},
		{Name: "deal"},
		{Name: "api", Needs: []string{"redis", "deal"}},
		{Name: "worker", Needs: []string{"redis", "price"}},
	}
	for name, test := range map[string]struct {
		only, without []string
		run, added    []string
		leftOut       []stack.LeftOut
	}{
		"everything":                              {run: []string{"redis", "price", "deal", "api", "worker"}},
		"one with dependencies":                   {only: []string{"api"}, run: []string{"redis", "deal", "api"}, added: []string{"redis", "deal"}},
		"one without dependencies":                {only: []string{"price"}, run: []string{"price"}},
		"without a process that is no dependency": {without: []string{"api"}, run: []string{"redis", "price", "deal", "worker"}},
		"without a dependency": {
			without: []string{"price"}, run: []string{"redis", "deal", "api", "worker"},
			leftOut: []stack.LeftOut{{Name: "price", NeededBy: []string{"worker"}}},
		},
		"one without its dependency": {
			only: []string{"api"}, without: []string{"redis"}, run: []string{"deal", "api"}, added: []string{"deal"},
			leftOut: []stack.LeftOut{{Name: "redis", NeededBy: []string{"api"}}},
		},
		"nothing": {only: []string{"deal"}, without: []string{"deal"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			selection, err := stack.Select(table, test.only, test.without)
			require.NoError(t, err)
			assert.ElementsMatch(t, test.run, names(selection.Processes))
			assert.ElementsMatch(t, test.added, selection.Added)
			assert.Equal(t, test.leftOut, selection.LeftOut)
		})
	}
}

func TestSelectUnknown(t *testing.T) {
	t.Parallel()
	_, err := stack.Select([]stack.Process{{Name: "redis"}, {Name: "api"}}, []string{"ap"}, []string{"x"})
	require.ErrorIs(t, err, stack.ErrUnknown)
	assert.EqualError(t, err, `unknown process "ap", "x": allowed are redis, api`)
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		processes []stack.Process
		want      string
	}{
		"no process":        {nil, "no processes"},
		"duplicate name":    {[]stack.Process{{Name: "a"}, {Name: "a"}}, "duplicate process name a"},
		"path as name":      {[]stack.Process{{Name: "../a"}}, `process name "../a"`},
		"duplicate address": {[]stack.Process{{Name: "a", Address: ":1"}, {Name: "b", Address: ":1"}}, "a and b both bind :1"},
		"cycle": {
			[]stack.Process{{Name: "a", Needs: []string{"b"}}, {Name: "b", Needs: []string{"c"}}, {Name: "c", Needs: []string{"b"}}},
			"b -> c -> b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := stack.New(stack.Config{Processes: test.processes, StateDir: t.TempDir(), Out: &testkit.Output{}})
			assert.ErrorContains(t, err, test.want)
		})
	}
}
