package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"deals.example/internal/stack"
)

// Exit codes of commands that drive load, beside those of all.
const (
	exitThresholds  = 3
	exitInterrupted = 130 // as a shell says it of Ctrl-C
)

// exitError is a failure with an exit code of its own.
type exitError struct {
	error
	code int
}

// errInterrupted is that somebody stopped the command before its end.
func errInterrupted() error { return exitError{errors.New("interrupted"), exitInterrupted} }

const defaultTarget = "http://127.0.0.1:3000"

// checkTarget sees that an experience API may be at a URL, before load is made for it.
func checkTarget(ctx context.Context, target string) error {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Path != "" || parsed.RawQuery != "" {
		return usageError{fmt.Errorf("--target is %q; allowed: a URL such as %s", target, defaultTarget)}
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	if err := stack.HTTP(target + "/healthz")(ctx); err != nil {
		return fmt.Errorf("no platform at %s (--target): %w; deals up starts one", target, err)
	}
	return nil
}
