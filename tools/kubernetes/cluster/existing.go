package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"deals.example/internal/platform"
	"deals.example/tools/kubernetes/manifests"
)

// onExisting runs the platform on the cluster that KUBECONFIG names, after asking. It stays there.
func (c *upCommand) onExisting(ctx context.Context) error {
	if len(c.Set) > 0 {
		return errors.New("--set: got settings for the cluster of KUBECONFIG, want none: its overlay has them")
	}
	k := kubectl{path: filepath.Join(c.Bin, "kubectl")}
	cluster, err := k.output(ctx, "", "config", "view", "--minify", "--output=jsonpath={.current-context} at {.clusters[0].cluster.server}")
	if err != nil {
		return err
	}
	if !confirmed(fmt.Sprintf("Apply deploy/kubernetes/overlays/local to the cluster %s? Its nodes must have the images. [y/N] ", cluster)) {
		return errors.New("not confirmed; without KUBECONFIG, a throwaway cluster is made")
	}
	folder := filepath.Join(c.Root, "deploy/kubernetes/overlays/local")
	err = inOrder(
		step{"the platform is applied", func() error { return k.applyPlatform(ctx, folder, newToken()) }},
		step{"the platform is ready", func() error { return k.waitForPlatform(ctx) }},
	)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr)
	var forwards sync.WaitGroup
	for _, p := range reached() {
		fmt.Fprintf(os.Stderr, "  %-20s 127.0.0.1:%d\n", p.Label, p.Port)
		forwards.Go(func() { k.forward(ctx, p) })
	}
	fmt.Fprintf(os.Stderr, "\nCtrl-C leaves the platform there; kubectl delete namespace %s removes it.\n", manifests.Namespace)
	forwards.Wait()
	return nil
}

// confirmed asks on standard error and reads the answer from standard input.
func confirmed(question string) bool {
	fmt.Fprint(os.Stderr, question)
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(answer), "y")
}

// forward forwards the part's port until the context ends. It starts anew when the pod behind it has gone.
func (k kubectl) forward(ctx context.Context, p platform.Part) {
	for ctx.Err() == nil {
		if err := k.run(ctx, "--namespace="+manifests.Namespace, "port-forward", "service/"+p.Name, strconv.Itoa(p.Port)); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
