package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// RedisConfig is the settings of what stands on Redis.
type RedisConfig struct {
	URL string `env:"REDIS_URL" envDefault:"redis://127.0.0.1:6379/0" validate:"url,startswith=redis://|startswith=rediss://" allowed:"URL with redis or rediss" help:"Redis of the queues, the read model and the cache"`
}

// Bounds on a call to Redis: it is near, or it is gone.
const (
	redisDialTimeout = 500 * time.Millisecond
	redisCallTimeout = time.Second
	redisPool        = 32
)

// Redis returns a client that is traced, is a critical line of /readyz, and is closed at the end.
func (rt *Runtime) Redis(cfg RedisConfig) (*redis.Client, error) {
	client, err := rt.redisClient(cfg)
	if err != nil {
		return nil, err
	}
	if err := redisotel.InstrumentTracing(client, redisotel.WithTracerProvider(rt.Tracers), redisotel.WithDBStatement(false)); err != nil {
		return nil, fmt.Errorf("trace the Redis client: %w", err)
	}
	rt.Check("redis", true, func(ctx context.Context) error { return client.Ping(ctx).Err() })
	return client, nil
}

// QueueRedis returns a client for asynq: closed at the end, but not traced, since asynq polls and a batch is thousands of calls.
// The spans of enqueueing and of jobs are made by internal/queue.
func (rt *Runtime) QueueRedis(cfg RedisConfig) (*redis.Client, error) { return rt.redisClient(cfg) }

func (rt *Runtime) redisClient(cfg RedisConfig) (*redis.Client, error) {
	options, err := redis.ParseURL(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	options.ClientName = rt.Instance
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisDialTimeout, redisCallTimeout, redisCallTimeout
	options.PoolSize, options.MaxRetries, options.DialerRetries = redisPool, 1, 1
	options.ContextTimeoutEnabled = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // a hosted service's feature
	logging.Disable()                                                                                    // of the pool, a line for each failed dial: whoever called has the error
	redis.SetLogger(clientLogger{rt.Logger})
	client := redis.NewClient(options)
	rt.OnClose("redis", func(context.Context) error { return client.Close() })
	return client, nil
}

// clientLogger takes what the client says beside the errors that its callers get: much, while Redis is gone.
type clientLogger struct {
	logger *slog.Logger
}

// Printf is called by the client.
func (l clientLogger) Printf(ctx context.Context, format string, args ...any) {
	if l.logger.Enabled(ctx, slog.LevelDebug) {
		l.logger.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, args...))
	}
}
