package main_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew") //nolint:gochecknoglobals // flags are parsed before tests run

// A golden file holds the exit code, standard output and standard error of one command line.
func TestGolden(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	const nowhere = "REDIS_URL=redis://:secret@127.0.0.1:1/0"
	for name, test := range map[string]struct {
		args    string
		environ []string
	}{
		"help":              {args: "--help"},
		"no-command":        {args: ""},
		"unknown-command":   {args: "go"},
		"unknown-flag":      {args: "up --fast"},
		"run":               {args: "run"},
		"run-help":          {args: "run --help"},
		"run-unknown":       {args: "run deal-servise"},
		"run-unknown-help":  {args: "run deal-servise --help"},
		"run-settings":      {args: "run price-service", environ: []string{"PORT=99999", "LOG_LEVEL=loud", "FAULT_RATE=NaN"}},
		"up-help":           {args: "up --help"},
		"up-unknown":        {args: "up --only price,redis"},
		"up-nothing":        {args: "up --only redis --without redis"},
		"up-settings":       {args: "up --only rating-lb", environ: []string{"LOG_LEVEL=loud", "LB_TARGETS=x"}},
		"up-redis-url":      {args: "up", environ: []string{"REDIS_URL=http://127.0.0.1"}},
		"dlq-help":          {args: "dlq --help"},
		"dlq-list-help":     {args: "dlq list --help"},
		"dlq-purge-help":    {args: "dlq purge --help"},
		"dlq-unreachable":   {args: "dlq list", environ: []string{nowhere}},
		"dlq-redis-url":     {args: "dlq list", environ: []string{"REDIS_URL=x"}},
		"dlq-unknown-queue": {args: "dlq list --queue jobs"},
		"dlq-page":          {args: "dlq list --page 0"},
		"dlq-neither":       {args: "dlq replay"},
		"dlq-both":          {args: "dlq replay --all 42"},
		"dlq-unconfirmed":   {args: "dlq purge --all"},
		"load-help":         {args: "load --help"},
		"load-mode":         {args: "load --mode spike"},
		"load-duration":     {args: "load --duration 30"},
		"load-bounds":       {args: "load --duration 1ms --rate 0 --concurrency 0"},
		"load-crowd":        {args: "load --concurrency 1000000"},
		"load-target":       {args: "load --target localhost:3000"},
		"load-down":         {args: "load --target http://127.0.0.1:1"},
		"flame-help":        {args: "flame --help"},
		"flame-half":        {args: "flame --base a.pb.gz"},
		"flame-type":        {args: "flame --sample-type cpu"},
		"flame-no-file":     {args: "flame --base a.pb.gz --compare b.pb.gz"},
		"flame-no-profile":  {args: "flame --base testdata/help.txt --compare testdata/help.txt"},
		"flame-down":        {args: "flame --target http://127.0.0.1:1"},
		"capacity-help":     {args: "capacity --help"},
		"capacity-nothing":  {args: "capacity"},
		"capacity-faults": {args: "capacity --rps 0 --jobs=-1 --details 0.7 --purchases NaN --deals 0 --cities 101 --regions 0" +
			" --utilization 1 --spare=-1 --scrape 0s"},
		"capacity-shares": {args: "capacity --rps 1 --details 0.7 --purchases 0.4"},
		"capacity-text":   {args: "capacity --rps many"},
	} {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(test.args)
			if strings.HasPrefix(test.args, "up") && !strings.Contains(test.args, "--help") {
				args = append(args, "--state-dir", t.TempDir())
			}
			got := run(t, test.environ, "", args...)
			golden(t, name, fmt.Sprintf("exit code %d\n--- stdout\n%s--- stderr\n%s", got.code, got.stdout, got.stderr))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile("testdata/"+name+".txt", []byte(got), 0o600))
	}
	want, err := fs.ReadFile(os.DirFS("testdata"), name+".txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"version", "--version"} {
		got := run(t, nil, "", arg)
		assert.Equal(t, 0, got.code)
		assert.Regexp(t, `^deals \S+ go1\S+ \w+/\w+\n$`, got.stdout)
	}
}
