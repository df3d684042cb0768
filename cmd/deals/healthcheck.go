package main

import (
	"context"
	"errors"
	"time"

	"deals.example/internal/stack"
)

const healthcheckTimeout = 2 * time.Second

// healthcheckCmd is `deals healthcheck`, for containers: their image has no other HTTP client.
type healthcheckCmd struct {
	URL string `name:"url" placeholder:"URL" help:"URL to request. By default /readyz on this machine at PORT from the environment."`
}

// Run succeeds if the response is a 2xx.
func (c *healthcheckCmd) Run(ctx context.Context, sys *system) error {
	target := c.URL
	if target == "" {
		port := asMap(sys.environ)["PORT"]
		if port == "" {
			return usageError{errors.New("set --url or PORT")}
		}
		target = "http://127.0.0.1:" + port + "/readyz"
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	return stack.HTTP(target)(ctx)
}
