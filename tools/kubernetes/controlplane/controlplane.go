// Package controlplane runs a Kubernetes API server and its etcd on free ports of 127.0.0.1, to ask it what it makes of manifests. There are no
// controllers and no nodes: nothing that is applied runs.
package controlplane

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

const (
	loopback    = "127.0.0.1"
	readyWithin = 90 * time.Second // some seconds on a free machine
	pollEvery   = 200 * time.Millisecond
	callTimeout = 30 * time.Second
)

// ControlPlane is a running API server. Its state is in a folder of the caller.
type ControlPlane struct {
	*Client

	processes []*process
}

// process is a program whose output is kept for the error of its start.
type process struct {
	name   string
	cmd    *exec.Cmd
	output bytes.Buffer
	done   chan struct{} // closed when it has ended
}

// Start runs etcd and kube-apiserver of the folder bin and returns when the API server is ready. They keep everything in the empty folder
// state. The caller must stop the control plane, also if the context ends.
func Start(ctx context.Context, bin, state string) (*ControlPlane, error) {
	c := &ControlPlane{}
	if err := c.start(ctx, bin, state); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *ControlPlane) start(ctx context.Context, bin, state string) error {
	ports, err := freePorts(ctx, 3)
	if err != nil {
		return err
	}
	etcd := fmt.Sprintf("http://%s:%d", loopback, ports[0])
	peers := fmt.Sprintf("http://%s:%d", loopback, ports[1])
	if err := c.run(filepath.Join(bin, "etcd"),
		"--data-dir="+filepath.Join(state, "etcd"), "--unsafe-no-fsync", "--log-level=error",
		"--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
		"--listen-peer-urls="+peers, "--initial-advertise-peer-urls="+peers, "--initial-cluster=default="+peers,
	); err != nil {
		return err
	}
	if err := c.wait(ctx, &http.Client{Timeout: callTimeout}, etcd+"/health", ""); err != nil {
		return err
	}
	token := rand.Text()
	files, err := writeFiles(state, token)
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	if err := c.run(filepath.Join(bin, "kube-apiserver"),
		"--etcd-servers="+etcd, "--bind-address="+loopback, "--advertise-address="+loopback, fmt.Sprintf("--secure-port=%d", ports[2]), "--cert-dir="+state,
		"--endpoint-reconciler-type=none", // a loopback address is no endpoint
		"--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=RBAC", "--token-auth-file="+files.tokens,
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+files.key, "--service-account-signing-key-file="+files.key,
	); err != nil {
		return err
	}
	return c.connect(ctx, state, fmt.Sprintf("https://%s:%d", loopback, ports[2]), token)
}

// connect waits for the certificate that the API server makes at its start, then for the API server.
func (c *ControlPlane) connect(ctx context.Context, state, url, token string) error {
	trusted := x509.NewCertPool()
	err := c.poll(ctx, func() error {
		certificate, err := os.ReadFile(filepath.Join(state, "apiserver.crt")) //nolint:gosec // G304: in the folder of the caller
		if err == nil && !trusted.AppendCertsFromPEM(certificate) {
			err = errors.New("apiserver.crt is incomplete")
		}
		return err
	})
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS13}}
	c.Client = newClient(&http.Client{Timeout: callTimeout, Transport: transport}, url, token)
	return c.wait(ctx, c.http, url+"/readyz", token)
}

type keyFiles struct{ tokens, key string }

// writeFiles writes the token of the administrator, and the key that signs tokens of service accounts.
func writeFiles(state, token string) (keyFiles, error) {
	const mode = 0o600
	files := keyFiles{filepath.Join(state, "tokens.csv"), filepath.Join(state, "service-accounts.key")}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return keyFiles{}, err
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return files, errors.Join(
		os.WriteFile(files.tokens, []byte(token+",admin,admin,system:masters\n"), mode),
		os.WriteFile(files.key, private, mode),
	)
}

func (c *ControlPlane) run(path string, args ...string) error {
	p := &process{name: filepath.Base(path), cmd: exec.Command(path, args...), done: make(chan struct{})} //nolint:gosec,noctx // Stop ends it
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w; make kubernetes-check builds it", p.name, err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait()
	}()
	c.processes = append(c.processes, p)
	return nil
}

// wait returns when a GET of the URL is answered with 200.
func (c *ControlPlane) wait(ctx context.Context, client *http.Client, url, token string) error {
	return c.poll(ctx, func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("GET %s: %s", url, response.Status)
		}
		return nil
	})
}

// poll calls ready until it returns nil. The error says why not, and what a process wrote that has ended meanwhile.
func (c *ControlPlane) poll(ctx context.Context, ready func() error) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := ready()
		if err == nil {
			return nil
		}
		last := c.processes[len(c.processes)-1]
		select {
		case <-last.done:
			return fmt.Errorf("%s ended at its start: %s", last.name, tail(last.output.Bytes()))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %s: %w", last.name, readyWithin, err)
		case <-ticker.C:
		}
	}
}

// tail returns the end of an output.
func tail(output []byte) []byte {
	const most = 2000
	return output[max(0, len(output)-most):]
}

// Stop kills the processes, the last one first, and waits for their ends. Their state is worth nothing, so they need not write it.
func (c *ControlPlane) Stop() {
	for _, p := range slices.Backward(c.processes) {
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	c.processes = nil
}

// freePorts returns ports of 127.0.0.1 on which nobody listens.
func freePorts(ctx context.Context, n int) ([]int, error) {
	var ports []int
	for range n {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", loopback+":0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }() // at the end, so that the ports differ
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
