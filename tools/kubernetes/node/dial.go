package node

import (
	"context"
	"net"
	"time"
)

// Dial connects to an address of the cluster from its machine: the DNS of the cluster knows its name.
func Dial(ctx context.Context, address string) (net.Conn, error) {
	const patience = 10 * time.Second
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(dnsService, "53"))
	}}
	return (&net.Dialer{Timeout: patience, Resolver: resolver}).DialContext(ctx, "tcp", address)
}
