package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"deals.example/tools/kubernetes/machine"
	"deals.example/tools/kubernetes/node"
)

// upCommand is `cluster up`.
type upCommand struct {
	checkCommand `embed:""`

	Root     string `default:"." type:"existingdir" help:"Root of the repository."`
	Bin      string `default:"bin" type:"existingdir" help:"Folder of the programs, which make kubernetes builds."`
	StateDir string `default:".deals/kubernetes" type:"path" help:"Folder for all that the cluster writes. It is removed at the end."`

	Autoscaling bool              `default:"true" negatable:"" help:"Bring the metrics server and KEDA, and let them scale the platform."`
	Set         map[string]string `placeholder:"NAME=VALUE;..." help:"Settings of the components; see docs/platform.md."`
}

// Run runs the platform until the context ends.
func (c *upCommand) Run(ctx context.Context) error {
	if c.Kubeconfig != "" {
		return c.onExisting(ctx)
	}
	return c.onThrowaway(ctx)
}

// errInstead says what to do where no throwaway cluster can be made.
var errInstead = errors.New("use kind instead, as deploy/kubernetes/README.md says, or name a cluster by KUBECONFIG")

// onThrowaway makes a cluster and runs the platform on it.
func (c *upCommand) onThrowaway(ctx context.Context) error {
	if err := errors.Join(c.checkCommand.Run(), checkPrograms()); err != nil {
		return err
	}
	m, err := c.start()
	if err != nil {
		return err
	}
	err = c.serve(ctx, m)
	fmt.Fprintln(os.Stderr, "removing the cluster")
	return errors.Join(err, m.Stop())
}

// errClusterEnded is the end of the cluster by itself. It has said why.
var errClusterEnded = errors.New("the cluster ended")

// throwaway is a cluster on a machine of its own.
type throwaway struct {
	*machine.Machine

	kubectl kubectl
}

// start makes the machine, on which the cluster starts.
func (c *upCommand) start() (*throwaway, error) {
	state, err := machine.NewState(c.StateDir)
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	config := node.Config{Bin: c.Bin, State: state.Path, Images: filepath.Join(state.Path, "images")}
	m, api, err := c.startMachine(config, state)
	if err != nil {
		return nil, errors.Join(err, state.Remove())
	}
	access, err := config.Kubeconfig(api)
	file := filepath.Join(c.StateDir, "kubeconfig.yaml")
	if err == nil {
		err = os.WriteFile(file, access, 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, m.Stop())
	}
	return &throwaway{m, kubectl{filepath.Join(c.Bin, "kubectl"), file}}, nil
}

// startMachine returns the machine, and where its API server can be reached from outside.
func (c *upCommand) startMachine(config node.Config, state *machine.State) (m *machine.Machine, api string, err error) {
	if err := writeImages(config.Bin, config.Images, c.Autoscaling); err != nil {
		return nil, "", err
	}
	var entrances doors
	defer entrances.close()
	if api, err = entrances.open(0, node.API); err != nil {
		return nil, "", err
	}
	for _, part := range reached() {
		if _, err := entrances.open(part.Port, inCluster(part)); err != nil {
			return nil, "", fmt.Errorf("%w; does the platform run already?", err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	command := []string{self, "node", "--bin", config.Bin, "--state", config.State, "--images", config.Images}
	for _, to := range entrances.to {
		command = append(command, "--forward", to)
	}
	fmt.Fprintln(os.Stderr, "starting a cluster")
	m, err = machine.Start(machine.Config{Name: "deals-kubernetes", State: state, Command: command, Files: entrances.files})
	return m, api, err
}

// serve deploys the platform and returns when the context ends, or the cluster does, which is an error.
func (c *upCommand) serve(ctx context.Context, t *throwaway) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		<-t.Done()
		cancel(errClusterEnded)
	}()
	token := newToken()
	err := c.deployThrowaway(ctx, t.kubectl, token)
	if err == nil {
		printAddresses(token)
		<-ctx.Done()
	}
	switch {
	case errors.Is(context.Cause(ctx), errClusterEnded):
		return errClusterEnded
	case ctx.Err() != nil:
		return nil // Ctrl-C
	}
	return err
}
