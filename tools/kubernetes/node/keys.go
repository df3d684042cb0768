package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"deals.example/tools/kubernetes/machine"
)

// Names of the files of keys. Each has a certificate, NAME.crt, and a private key, NAME.key.
const (
	cluster           = "cluster"         // signs all but frontProxy's
	frontProxy        = "front-proxy"     // signs the API server's as a caller of other API servers
	aggregator        = "aggregator"      // of the API server as that caller
	apiServer         = "apiserver"       // of the API server
	kubeletClient     = "apiserver-node"  // of the API server as a caller of the kubelet
	admin             = "admin"           // of who administers the cluster
	controllerManager = "controller"      // of the controller manager
	scheduler         = "scheduler"       // of the scheduler
	kubelet           = "node"            // of the kubelet
	proxy             = "proxy"           // of the proxy
	serviceAccounts   = "serviceaccounts" // signs tokens; it has no certificate
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// makeKeys writes all keys to the folder. Who a caller of the API server is stands in the subject of its certificate: the common name is the
// user, organizations are groups.
func makeKeys(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	signs, err := newAuthority(folder, cluster)
	if err != nil {
		return err
	}
	signsAggregator, err := newAuthority(folder, frontProxy)
	if err != nil {
		return err
	}
	local := []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP(machine.Address)}
	names := []string{"localhost", nodeName, "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	issue := func(name, user string, groups ...string) error {
		return signs.issue(folder, name, pkix.Name{CommonName: user, Organization: groups}, append(local, net.ParseIP(apiService)), names)
	}
	return errors.Join(
		issue(apiServer, "kube-apiserver"),
		issue(kubeletClient, "apiserver-kubelet-client", "system:masters"),
		issue(admin, "admin", "system:masters"),
		issue(controllerManager, "system:kube-controller-manager"),
		issue(scheduler, "system:kube-scheduler"),
		issue(kubelet, "system:node:"+nodeName, "system:nodes"),
		issue(proxy, "system:kube-proxy"),
		signsAggregator.issue(folder, aggregator, pkix.Name{CommonName: aggregator}, nil, nil),
		writeTokenKey(folder),
	)
}

// newAuthority makes a key and signs its certificate with itself.
func newAuthority(folder, name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c := certificateOf(pkix.Name{CommonName: name})
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	a := &authority{c, key}
	return a, a.write(folder, name, c, key)
}

func certificateOf(subject pkix.Name) *x509.Certificate {
	const lasts = 30 * 24 * time.Hour
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: subject,
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(lasts),
	}
}

// issue makes a key, and a certificate for a server at the addresses and for a client.
func (a *authority) issue(folder, name string, subject pkix.Name, addresses []net.IP, names []string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	c := certificateOf(subject)
	c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	c.IPAddresses, c.DNSNames = addresses, names
	return a.write(folder, name, c, key)
}

func (a *authority) write(folder, name string, c *x509.Certificate, key *ecdsa.PrivateKey) error {
	signed, err := x509.CreateCertificate(rand.Reader, c, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return fmt.Errorf("certificate %s: %w", name, err)
	}
	return errors.Join(writePEM(filepath.Join(folder, name+".crt"), "CERTIFICATE", signed), writeKey(folder, name, key))
}

func writeKey(folder, name string, key *ecdsa.PrivateKey) error {
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(folder, name+".key"), "EC PRIVATE KEY", private)
}

// writeTokenKey writes the pair of keys of tokens for service accounts.
func writeTokenKey(folder string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	return errors.Join(writeKey(folder, serviceAccounts, key), writePEM(filepath.Join(folder, serviceAccounts+".pub"), "PUBLIC KEY", public))
}

func writePEM(file, kind string, bytes []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600)
}
