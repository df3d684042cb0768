package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"deals.example/internal/platform"
	"deals.example/internal/stack"
	"deals.example/k6"
)

func defaultTarget() string { return platform.URL(platform.ExperienceAPI) }

// errInterrupted reports that the user stopped a command.
func errInterrupted() error { return exitError{errors.New("interrupted"), exitInterrupted} }

// checkTarget returns an error unless a platform answers at target.
func checkTarget(ctx context.Context, target string) error {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Path != "" || parsed.RawQuery != "" {
		return usageError{fmt.Errorf("--target: got %q, want a URL such as %s", target, defaultTarget())}
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	if err := stack.HTTP(target + "/healthz")(ctx); err != nil {
		return fmt.Errorf("no platform at %s (--target): %w; start one with deals up", target, err)
	}
	return nil
}

// withRunner calls do with a k6 runner for a target, whose temporary folder is removed afterwards.
func withRunner(target string, do func(*k6.Runner) error) (err error) {
	dir, err := os.MkdirTemp("", "deals-k6-")
	if err != nil {
		return fmt.Errorf("create a folder for k6: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	runner, err := k6.NewRunner(k6.RunnerConfig{Dir: dir, Target: target})
	if err != nil {
		return err
	}
	return do(runner)
}
