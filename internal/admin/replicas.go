package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
)

// oneProcess returns the URL itself.
func oneProcess(_ context.Context, url string) ([]string, error) { return []string{url}, nil }

// WithReplicas returns a client that calls all replicas of a component. DNS has their addresses under the name of the component's host with the
// suffix, as it does for a headless Service of Kubernetes. An empty suffix changes nothing.
func (c Client) WithReplicas(suffix string, resolver *net.Resolver) *Client {
	if suffix != "" {
		c.replicas = func(ctx context.Context, base string) ([]string, error) { return replicas(ctx, resolver, base, suffix) }
	}
	return &c
}

// replicas returns the URL of each replica, in the order of their addresses.
func replicas(ctx context.Context, resolver *net.Resolver, base, suffix string) ([]string, error) {
	parsed, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	name := parsed.Hostname() + suffix
	addresses, err := resolver.LookupHost(ctx, name)
	if unknown, is := errors.AsType[*net.DNSError](err); is && unknown.IsNotFound {
		return nil, fmt.Errorf("%s has no address: there is no process", name)
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(addresses)
	var urls []string
	for _, address := range addresses {
		replica := *parsed
		replica.Host = net.JoinHostPort(address, parsed.Port())
		urls = append(urls, replica.String())
	}
	return urls, nil
}
