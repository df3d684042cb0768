// Package queueui is the queue UI: asynqmon, which shows the queues, their retries and their dead jobs, and runs jobs again. It serves
// every path except those that all components have.
package queueui

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/hibiken/asynq"
	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"

	"deals.example/internal/app"
	"deals.example/internal/queue"
	"deals.example/internal/settings"
)

// Config is the settings of the queue UI.
type Config struct {
	ReadOnly bool
	Redis    app.RedisConfig
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Bool(&c.ReadOnly, "QUEUE_UI_READ_ONLY", false).Help("if true, queues can be viewed but not changed")
	c.Redis.Declare(s)
}

// Build puts the UI on rt.
func Build(_ context.Context, rt *app.Runtime, cfg Config) error {
	rdb, err := rt.QueueRedis(cfg.Redis)
	if err != nil {
		return err
	}
	rt.Check("redis", true, func(ctx context.Context) error { return rdb.Ping(ctx).Err() })
	dlq, err := queue.NewDLQ(rdb)
	if err != nil {
		return err
	}
	rt.Guard.AskInBrowser() // asynqmon knows no tokens
	ui := asynqmon.New(asynqmon.Options{RedisConnOpt: connection{rdb}, ReadOnly: cfg.ReadOnly})
	handlers := []gin.HandlerFunc{securityHeaders, existing{asynq.NewInspectorFromRedisClient(rdb)}.handle}
	if !cfg.ReadOnly {
		handlers = append(handlers, deadJobs{dlq}.handle)
	}
	rt.Router.NoRoute(append(handlers, func(c *gin.Context) {
		c.Status(http.StatusOK) // instead of gin's 404 for a path without a route; asynqmon sets its own status
		ui.ServeHTTP(c.Writer, c.Request)
	})...)
	return nil
}

// connection gives asynqmon the runtime's client, which the runtime closes.
type connection struct {
	client redis.UniversalClient
}

// MakeRedisClient implements asynq.RedisConnOpt.
func (c connection) MakeRedisClient() any { return c.client }

// securityHeaders forbid the page to load anything from other sites and to be framed. Some of its scripts and styles are inline.
func securityHeaders(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Security-Policy",
		"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
}
