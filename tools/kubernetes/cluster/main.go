// Command cluster runs the platform on Kubernetes: on a throwaway cluster of one node that it makes on this machine, or on the one that
// KUBECONFIG names.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"deals.example/tools/kubernetes/machine"
	"deals.example/tools/kubernetes/node"
)

// commands are what the program does. The hidden ones are processes of a cluster.
type commands struct {
	Up    upCommand    `cmd:"" default:"withargs" help:"Run the platform on Kubernetes until Ctrl-C."`
	Check checkCommand `cmd:"" help:"Say whether the platform can run on Kubernetes here."`
	Node  nodeCommand  `cmd:"" hidden:"" help:"Run the cluster, on its machine."`
	Pause pauseCommand `cmd:"" hidden:"" help:"Hold the namespaces of a pod."`
}

func main() {
	machine.Main(os.Args)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once; what it leaves is removed all the same
	var chosen commands
	parsed := kong.Parse(&chosen, kong.Name("cluster"), kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1) //nolint:gocritic // exitAfterDefer: the process ends
	}
}

// checkCommand is asked before the programs are built, which takes minutes.
type checkCommand struct {
	Kubeconfig string `env:"KUBECONFIG" help:"Access to a cluster, which is then used instead of a throwaway one."`
}

// Run returns an error if neither a throwaway cluster nor another one can be used.
func (c checkCommand) Run() error {
	if c.Kubeconfig != "" {
		return nil
	}
	if err := machine.Check(); err != nil {
		return fmt.Errorf("%w: %w", err, errInstead)
	}
	return nil
}

// nodeCommand runs on the machine.
type nodeCommand struct {
	node.Config `embed:""`

	Forward []string `help:"Address to which each inherited listener leads, from descriptor 3 on."`
}

// Run runs the cluster.
func (c *nodeCommand) Run(ctx context.Context) error {
	for i, address := range c.Forward {
		listener, err := inherited(i)
		if err != nil {
			return fmt.Errorf("listener for %s: %w", address, err)
		}
		go forward(ctx, listener, address)
	}
	return node.Run(ctx, c.Config)
}

// pauseCommand is the first process of each pod.
type pauseCommand struct{}

// Run returns when the pod is stopped.
func (pauseCommand) Run(ctx context.Context) error { //nolint:unparam // as kong wants it
	<-ctx.Done()
	return nil
}
