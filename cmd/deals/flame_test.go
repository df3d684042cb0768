package main_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/testkit"
)

func TestFlameOfTwoProfiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "report")
	slow := testkit.SaveProfile(t, "slow.pb.gz", testkit.CPUProfile(time.Second, testkit.Stacks{"slow": 9}))
	fast := testkit.SaveProfile(t, "fast.pb.gz", testkit.CPUProfile(time.Second, testkit.Stacks{"fast": 1}))
	flame := func() outcome { return run(t, nil, "", "flame", "--base", slow, "--compare", fast, "--out", dir) }
	assert.Equal(t, outcome{stdout: `
The profiles add up to 9 s with slow.pb.gz and 1 s with fast.pb.gz. Without callees, fast grew most (+1 s) and slow shrank most (−9 s).
- Both profiles cover 1 s.

` + dir + "/report.html\n"}, flame())
	assert.FileExists(t, filepath.Join(dir, "report.html"))

	assert.Equal(t, outcome{code: 2, stderr: "deals: " + dir + " already exists\n"}, flame())
}
