package main

import (
	"context"
	"errors"
	"time"

	"deals.example/internal/stack"
)

const healthcheckTimeout = 2 * time.Second

// healthcheckCmd is `deals healthcheck`, for containers: their image has nothing else that could ask.
type healthcheckCmd struct {
	URL string `name:"url" placeholder:"URL" help:"What to ask; when not given, /readyz on this machine at PORT from the environment."`
}

// Run succeeds when the answer is a 2xx.
func (c *healthcheckCmd) Run(ctx context.Context, sys *system) error {
	target := c.URL
	if target == "" {
		port := asMap(sys.environ)["PORT"]
		if port == "" {
			return usageError{errors.New("what to ask is neither in --url nor in PORT")}
		}
		target = "http://127.0.0.1:" + port + "/readyz"
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	return stack.HTTP(target)(ctx)
}
