// Package queueui is the queue UI: asynqmon, which shows the queues, their retries and their dead jobs, and runs them again. It is all of
// the port but the routes that every component has.
package queueui

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"

	"deals.example/internal/app"
	"deals.example/internal/queue"
)

// Config is the settings of the queue UI.
type Config struct {
	ReadOnly bool `env:"QUEUE_UI_READ_ONLY" envDefault:"false" help:"true: the queues can be watched but not changed"`
	Redis    app.RedisConfig
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
	ui := asynqmon.New(asynqmon.Options{RedisConnOpt: connection{rdb}, ReadOnly: cfg.ReadOnly})
	handlers := []gin.HandlerFunc{securityHeaders, sameOrigin()}
	if !cfg.ReadOnly {
		handlers = append(handlers, deadJobs{dlq}.handle)
	}
	rt.Router.NoRoute(append(handlers, func(c *gin.Context) {
		c.Status(http.StatusOK) // not the 404 that gin begins with here: asynqmon says so itself where it applies
		ui.ServeHTTP(c.Writer, c.Request)
	})...)
	return nil
}

// connection gives asynqmon the client of the runtime, which closes it.
type connection struct {
	client *redis.Client
}

// MakeRedisClient implements asynq.RedisConnOpt.
func (c connection) MakeRedisClient() any { return c.client }

// sameOrigin refuses what changes something and comes from the page of another site: the UI has no login, so any page that a browser
// shows could empty the queues of its machine.
func sameOrigin() gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c *gin.Context) {
		if err := protection.Check(c.Request); err != nil {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		c.Next()
	}
}

// securityHeaders let the page load nothing from elsewhere and be framed by nobody. Its scripts and styles are partly inline.
func securityHeaders(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Security-Policy",
		"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
}
