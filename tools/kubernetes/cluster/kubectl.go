package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// kubectl calls kubectl.
type kubectl struct {
	path   string
	config string // file; empty: as KUBECONFIG says
}

func (k kubectl) command(ctx context.Context, args ...string) *exec.Cmd {
	if k.config != "" {
		args = append([]string{"--kubeconfig=" + k.config}, args...)
	}
	return exec.CommandContext(ctx, k.path, args...) //nolint:gosec // G204: our own arguments
}

// run runs it. The error has what it printed.
func (k kubectl) run(ctx context.Context, args ...string) error {
	_, err := k.output(ctx, "", args...)
	return err
}

// output runs it with an input and returns what it prints.
func (k kubectl) output(ctx context.Context, input string, args ...string) (string, error) {
	command := k.command(ctx, args...)
	command.Stdin = strings.NewReader(input)
	var problem strings.Builder
	command.Stderr = &problem
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, problem.String())
	}
	return string(text), nil
}

// apply applies what the kustomization in the folder makes.
func (k kubectl) apply(ctx context.Context, folder string) error {
	return k.run(ctx, "apply", "--server-side", "--force-conflicts", "--kustomize="+folder)
}

// waitFor returns when the objects have the condition.
func (k kubectl) waitFor(ctx context.Context, condition string, objects ...string) error {
	const within = 3 * time.Minute
	return k.run(ctx, append([]string{"wait", "--for=condition=" + condition, "--timeout=" + within.String()}, objects...)...)
}

// step is something that takes seconds.
type step struct {
	done string // what is so afterwards
	do   func() error
}

// inOrder does the steps until one fails, and says how long each took.
func inOrder(steps ...step) error {
	for _, s := range steps {
		start := time.Now()
		if err := s.do(); err != nil {
			return fmt.Errorf("until %s: %w", s.done, err)
		}
		fmt.Fprintf(os.Stderr, "  %s, %.1f s\n", s.done, time.Since(start).Seconds())
	}
	return nil
}
