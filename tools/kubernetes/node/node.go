// Package node runs a cluster of Kubernetes with one node: etcd, the control plane, containerd, and the node's kubelet and proxy. It is for a
// machine of its own, as it takes fixed addresses and folders.
package node

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"text/template"
	"time"

	"deals.example/tools/kubernetes/machine"
)

// Addresses of the cluster.
const (
	apiPort     = 6443
	apiService  = "10.96.0.1"
	dnsService  = "10.96.0.10"
	services    = "10.96.0.0/16"
	pods        = "10.244.0.0/24"
	nodeName    = "node"
	pauseImage  = "docker.io/library/pause:local"
	readyWithin = 2 * time.Minute
)

// API is the address of the API server on the machine.
var API = net.JoinHostPort(machine.Address, strconv.Itoa(apiPort)) //nolint:gochecknoglobals // a constant

//go:embed conf
var conf embed.FS

// Config says where the programs of Kubernetes are and where the cluster's files go.
type Config struct {
	Bin    string `help:"Folder that has etcd, kube-apiserver, and so on."`
	State  string `help:"Folder for the cluster's files."`
	Images string `help:"Folder that has an archive of each image."`
}

// Kubeconfig returns the file with which an administrator reaches the API server at the address. Start writes the keys that it names.
func (c Config) Kubeconfig(address string) ([]byte, error) {
	return fill("kubeconfig.yaml", user{Keys: c.keys(), User: admin, Server: "https://" + address})
}

func (c Config) keys() string { return filepath.Join(c.State, "keys") }

// Run runs the cluster until the context ends or one of its programs does, which is an error. It says on standard error what it starts.
func Run(ctx context.Context, c Config) error {
	if err := c.write(); err != nil {
		return fmt.Errorf("write the cluster's configuration: %w", err)
	}
	s := &supervisor{logs: filepath.Join(c.State, "logs"), ended: make(chan error, 1)}
	if err := os.MkdirAll(s.logs, 0o700); err != nil {
		return err
	}
	for _, p := range c.programs() {
		if err := s.start(ctx, p); err != nil {
			return err
		}
	}
	select {
	case err := <-s.ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

// write makes the keys and the files of conf.
func (c Config) write() error {
	if err := makeKeys(c.keys()); err != nil {
		return err
	}
	for _, name := range []string{admin, controllerManager, scheduler, kubelet, proxy} {
		if err := c.fillTo(filepath.Join("keys", name+".yaml"), "kubeconfig.yaml", user{Keys: c.keys(), User: name, Server: "https://" + API}); err != nil {
			return err
		}
	}
	values := map[string]string{
		"State": c.State, "Pause": pauseImage, "Pods": pods, "DNS": dnsService, "Node": nodeName, "Address": machine.Address,
	}
	return errors.Join(
		c.fillTo("containerd.toml", "containerd.toml", values),
		c.fillTo("cni/10-pods.conflist", "network.conflist", values),
		c.fillTo("kubelet.yaml", "kubelet.yaml", values),
		c.fillTo("kube-proxy.yaml", "kube-proxy.yaml", values),
		os.WriteFile(filepath.Join(c.State, "resolv.conf"), nil, 0o600), // nobody outside answers
		os.MkdirAll("/var/lib/redis", 0o700),                            // of the volume in ../system
	)
}

// user is what kubeconfig.yaml is filled with.
type user struct{ Keys, User, Server string }

// fill returns a file of conf with the values.
func fill(name string, values any) ([]byte, error) {
	var text bytes.Buffer
	t, err := template.New(name).Option("missingkey=error").ParseFS(conf, "conf/"+name)
	if err == nil {
		err = t.Execute(&text, values)
	}
	return text.Bytes(), err
}

func (c Config) fillTo(file, name string, values any) error {
	text, err := fill(name, values)
	if err != nil {
		return err
	}
	file = filepath.Join(c.State, filepath.FromSlash(file))
	return errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, text, 0o600))
}
