package main

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"text/template"
	"time"

	"deals.example/internal/platform"
	"deals.example/tools/kubernetes/manifests"
)

// reached returns the parts of the platform that can be reached from outside, each at its usual port, as far as a throwaway cluster has them.
func reached() []platform.Part {
	var parts []platform.Part
	for _, name := range []string{
		platform.Dashboard, platform.ExperienceAPI, platform.Prometheus, platform.Alertmanager, platform.QueueUI, platform.Redis,
	} {
		part, _ := platform.Named(name)
		parts = append(parts, part)
	}
	return parts
}

// inCluster returns where a part is in the cluster.
func inCluster(p platform.Part) string {
	return net.JoinHostPort(p.Name+"."+manifests.Namespace+".svc.cluster.local", strconv.Itoa(p.Port))
}

func printAddresses(token string) {
	fmt.Fprintln(os.Stderr)
	for _, p := range reached() {
		fmt.Fprintf(os.Stderr, "  %-20s 127.0.0.1:%d\n", p.Label, p.Port)
	}
	fmt.Fprintf(os.Stderr, "\nOpen %s. The page asks for a token before it changes something: %s\nCtrl-C removes everything.\n", platform.URL(platform.Dashboard), token)
}

//go:embed overlay
var overlay embed.FS

// deployThrowaway brings what a cluster needs, and the platform, to the throwaway cluster.
func (c *upCommand) deployThrowaway(ctx context.Context, k kubectl, token string) error {
	deals, err := c.writeOverlay("deals")
	if err != nil {
		return err
	}
	steps := []step{
		{"the node is ready", func() error { return k.waitForNode(ctx) }},
		{"DNS answers", func() error { return c.deployDNS(ctx, k) }},
	}
	if c.Autoscaling {
		steps = append(steps, step{"the metrics server and KEDA are applied", func() error { return c.deployAutoscaling(ctx, k) }})
	}
	steps = append(steps,
		step{"the platform is applied", func() error { return k.applyPlatform(ctx, deals, token) }},
		step{"the platform is ready", func() error { return k.waitForPlatform(ctx) }},
	)
	if c.Autoscaling {
		steps = append(steps, step{"autoscalers are ready", func() error {
			return k.waitFor(ctx, "Available", "apiservice/v1beta1.metrics.k8s.io", "apiservice/v1beta1.external.metrics.k8s.io")
		}})
	}
	return inOrder(steps...)
}

func (c *upCommand) deployDNS(ctx context.Context, k kubectl) error {
	if err := k.apply(ctx, filepath.Join(c.Root, "tools/kubernetes/system")); err != nil {
		return err
	}
	return k.waitFor(ctx, "Available", "--namespace=kube-system", "deployment/coredns")
}

// deployAutoscaling brings the metrics server and KEDA, and waits until the kinds of KEDA are known.
func (c *upCommand) deployAutoscaling(ctx context.Context, k kubectl) error {
	keda, err := c.writeOverlay("keda")
	if err != nil {
		return err
	}
	return errors.Join(
		k.apply(ctx, filepath.Join(c.Root, "tools/kubernetes/system/metrics")),
		k.apply(ctx, keda),
		k.waitFor(ctx, "Established", "crd/scaledobjects.keda.sh"),
	)
}

// waitForNode waits for the API server and then for the node, which is made by its kubelet.
func (k kubectl) waitForNode(ctx context.Context) error {
	const (
		within = 3 * time.Minute
		every  = 500 * time.Millisecond
	)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		err := k.run(ctx, "wait", "--for=condition=Ready", "node", "--all", "--timeout=5s")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(every):
		}
	}
}

// applyPlatform applies the platform, and before it the namespace with the token, if it has none.
func (k kubectl) applyPlatform(ctx context.Context, folder, token string) error {
	const namespace = "--namespace=" + manifests.Namespace
	_ = k.run(ctx, "create", "namespace", manifests.Namespace) // an existing one will do
	if k.run(ctx, namespace, "get", "secret", "deals") != nil {
		secret := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "deals"}, "stringData": {"ADMIN_TOKEN": %q}}`, token)
		if _, err := k.output(ctx, secret, namespace, "create", "--filename=-"); err != nil {
			return err
		}
	}
	return k.apply(ctx, folder)
}

func (k kubectl) waitForPlatform(ctx context.Context) error {
	const namespace = "--namespace=" + manifests.Namespace
	return errors.Join(
		k.waitFor(ctx, "Available", namespace, "deployment", "--all"),
		k.run(ctx, namespace, "rollout", "status", "statefulset/redis", "statefulset/prometheus", "--timeout=3m"),
	)
}

// newToken returns a token for the administration of the platform.
func newToken() string { return rand.Text() }

// writeOverlay fills a kustomization of the folder overlay, and returns its folder. kustomize takes relative paths only.
func (c *upCommand) writeOverlay(name string) (string, error) {
	folder := filepath.Join(c.StateDir, "overlays", name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	values := struct {
		Root, Bin   string
		Autoscaling bool
		Settings    map[string]string
	}{Autoscaling: c.Autoscaling, Settings: c.Set}
	var err error
	if values.Root, err = filepath.Rel(folder, c.Root); err != nil {
		return "", err
	}
	if values.Bin, err = filepath.Rel(folder, c.Bin); err != nil {
		return "", err
	}
	t, err := template.ParseFS(overlay, "overlay/"+name+".yaml")
	if err != nil {
		return "", err
	}
	file, err := os.Create(filepath.Join(folder, "kustomization.yaml")) //nolint:gosec // G304: in our folder
	if err != nil {
		return "", err
	}
	return folder, errors.Join(t.Execute(file, values), file.Close())
}
