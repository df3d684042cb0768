// Package redisclient reads REDIS_URL, which names a Redis or a Redis Cluster.
package redisclient

import (
	"context"
	"fmt"
	"net/url"

	"github.com/redis/go-redis/v9"
)

// Parse returns the options of redis.NewUniversalClient for a URL. One with the parameter addr, once or more, such as
// redis://a:6379?addr=b:6379, is that of a Redis Cluster, of which it names some nodes, as redis.ParseClusterURL has it. Another one is that of a
// single Redis.
func Parse(text string) (*redis.UniversalOptions, error) {
	address, err := url.Parse(text)
	if err != nil {
		return nil, wrong(err)
	}
	for name := range address.Query() {
		if name != "addr" {
			return nil, fmt.Errorf("got the parameter %s, want none but addr, for another node of a cluster", name)
		}
	}
	if address.Query().Has("addr") {
		return parseCluster(text)
	}
	options, err := redis.ParseURL(text)
	if err != nil {
		return nil, wrong(err)
	}
	return &redis.UniversalOptions{
		Addrs: []string{options.Addr}, DB: options.DB, Username: options.Username, Password: options.Password, TLSConfig: options.TLSConfig,
	}, nil
}

func parseCluster(text string) (*redis.UniversalOptions, error) {
	options, err := redis.ParseClusterURL(text)
	if err != nil {
		return nil, wrong(err)
	}
	return &redis.UniversalOptions{
		IsClusterMode: true, Addrs: options.Addrs, Username: options.Username, Password: options.Password, TLSConfig: options.TLSConfig,
	}, nil
}

func wrong(err error) error {
	return fmt.Errorf("%w, want a URL such as redis://127.0.0.1:6379/0", err)
}

// EachMaster calls do for each Redis that takes writes: the masters of a cluster, concurrently, else the one that there is.
func EachMaster(ctx context.Context, client redis.UniversalClient, do func(ctx context.Context, node *redis.Client) error) error {
	switch client := client.(type) {
	case *redis.ClusterClient:
		return client.ForEachMaster(ctx, do)
	case *redis.Client:
		return do(ctx, client)
	}
	return fmt.Errorf("got a client of type %T, want one of redis.NewUniversalClient", client)
}
