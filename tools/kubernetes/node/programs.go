package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"deals.example/tools/kubernetes/machine"
)

// program is one of the cluster, with a check that it is ready.
type program struct {
	path  string
	args  []string
	ready func(context.Context) error // nil: as soon as it runs
}

func (p program) name() string { return filepath.Base(p.path) }

// programs returns those of the cluster in the order in which they start: each needs those before it.
func (c Config) programs() []program {
	own := func(name string) string { return filepath.Join(c.Bin, name) }
	return []program{
		{own("etcd"), c.etcd(), nil},
		{own("kube-apiserver"), c.apiServer(), c.apiReady},
		{own("kube-controller-manager"), c.controllerManager(), nil},
		{own("kube-scheduler"), c.scheduler(), nil},
		{"containerd", []string{"--config=" + filepath.Join(c.State, "containerd.toml")}, c.importImages},
		{own("kubelet"), c.kubelet(), c.nodeReady},
		{own("kube-proxy"), []string{"--config=" + filepath.Join(c.State, "kube-proxy.yaml")}, nil},
	}
}

// etcd does not wait for the disk, as nothing of it is kept.
func (c Config) etcd() []string {
	const clients, peers = "http://127.0.0.1:2379", "http://127.0.0.1:2380"
	return []string{
		"--data-dir=" + filepath.Join(c.State, "etcd"), "--unsafe-no-fsync", "--log-level=error",
		"--listen-client-urls=" + clients, "--advertise-client-urls=" + clients,
		"--listen-peer-urls=" + peers, "--initial-advertise-peer-urls=" + peers, "--initial-cluster=default=" + peers,
	}
}

func (c Config) key(name, kind string) string { return filepath.Join(c.keys(), name+"."+kind) }

func (c Config) apiServer() []string {
	return []string{
		"--etcd-servers=http://127.0.0.1:2379", "--advertise-address=" + machine.Address, fmt.Sprintf("--secure-port=%d", apiPort),
		"--service-cluster-ip-range=" + services, "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged",
		"--client-ca-file=" + c.key(cluster, "crt"), "--tls-cert-file=" + c.key(apiServer, "crt"), "--tls-private-key-file=" + c.key(apiServer, "key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.key(serviceAccounts, "pub"), "--service-account-signing-key-file=" + c.key(serviceAccounts, "key"),
		// Calls of the node, by its address, as its name is known to nobody.
		"--kubelet-preferred-address-types=InternalIP", "--kubelet-certificate-authority=" + c.key(cluster, "crt"),
		"--kubelet-client-certificate=" + c.key(kubeletClient, "crt"), "--kubelet-client-key=" + c.key(kubeletClient, "key"),
		// Calls of other API servers: metrics, KEDA.
		"--enable-aggregator-routing", "--requestheader-client-ca-file=" + c.key(frontProxy, "crt"), "--requestheader-allowed-names=" + aggregator,
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + c.key(aggregator, "crt"), "--proxy-client-key-file=" + c.key(aggregator, "key"),
	}
}

func (c Config) controllerManager() []string {
	return append(c.asUser(controllerManager),
		"--root-ca-file="+c.key(cluster, "crt"), "--service-account-private-key-file="+c.key(serviceAccounts, "key"), "--use-service-account-credentials",
		"--leader-elect=false", "--horizontal-pod-autoscaler-sync-period=5s",
	)
}

func (c Config) scheduler() []string { return append(c.asUser(scheduler), "--leader-elect=false") }

// asUser returns the arguments of a part of the control plane that calls the API server, and asks it who may call it.
func (c Config) asUser(name string) []string {
	file := c.key(name, "yaml")
	return []string{
		"--kubeconfig=" + file, "--authentication-kubeconfig=" + file, "--authorization-kubeconfig=" + file,
		"--bind-address=127.0.0.1", "--tls-cert-file=" + c.key(name, "crt"), "--tls-private-key-file=" + c.key(name, "key"),
	}
}

func (c Config) kubelet() []string {
	return []string{
		"--config=" + filepath.Join(c.State, "kubelet.yaml"), "--kubeconfig=" + c.key(kubelet, "yaml"),
		"--hostname-override=" + nodeName, "--node-ip=" + machine.Address,
	}
}

// apiReady asks the API server as the administrator.
func (c Config) apiReady(ctx context.Context) error {
	pair, err := tls.LoadX509KeyPair(c.key(admin, "crt"), c.key(admin, "key"))
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	text, err := os.ReadFile(c.key(cluster, "crt"))
	if err != nil {
		return err
	}
	trusted.AppendCertsFromPEM(text)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+API+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the API server answers %s", response.Status)
	}
	return nil
}

// importImages gives containerd the images. When it has taken them it is ready.
func (c Config) importImages(ctx context.Context) error {
	archives, err := filepath.Glob(filepath.Join(c.Images, "*.tar"))
	if err != nil {
		return err
	}
	for _, archive := range archives {
		if err := output(exec.CommandContext(ctx, "ctr", "--namespace=k8s.io", "images", "import", archive)); err != nil { //nolint:gosec // G204: our files
			return err
		}
	}
	return nil
}

// nodeReady waits for the node, as long as kubectl does.
func (c Config) nodeReady(ctx context.Context) error {
	kubectl := exec.CommandContext(ctx, filepath.Join(c.Bin, "kubectl"), "--kubeconfig="+c.key(admin, "yaml"), //nolint:gosec // G204: our files
		"wait", "--for=condition=Ready", "node/"+nodeName, "--timeout=5s")
	return output(kubectl)
}

// output runs a command. The error has what it printed.
func output(command *exec.Cmd) error {
	text, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(command.Path), err, text)
	}
	return nil
}
