// Package redisclient makes clients of the Redis or the Redis Cluster that REDIS_URL names.
package redisclient

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
)

// reloadInterval is how often a client asks a cluster for its masters. After a master has died, the client keeps calling it until then.
// go-redis' own interval is a minute.
const reloadInterval = time.Second

// New returns a client for the options of Parse.
func New(options *redis.UniversalOptions) redis.UniversalClient {
	if !options.IsClusterMode {
		return redis.NewClient(options.Simple())
	}
	cluster := options.Cluster()
	cluster.ClusterStateReloadInterval = reloadInterval
	return redis.NewClusterClient(cluster)
}

// Parse returns the options of New for a URL. One with the parameter addr, once or more, such as redis://a:6379?addr=b:6379, names some
// nodes of a Redis Cluster, as redis.ParseClusterURL has it. Another one is that of a single Redis.
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
	return fmt.Errorf("got a client of type %T, want one of New", client)
}
