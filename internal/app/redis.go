package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
	"golang.org/x/time/rate"

	"deals.example/internal/redisclient"
	"deals.example/internal/settings"
)

// DefaultRedisURL is the one on this machine.
const DefaultRedisURL = "redis://127.0.0.1:6379/0"

// RedisConfig is the settings of a component that uses Redis.
type RedisConfig struct {
	URL string
}

// Declare implements settings.Declarer.
func (c *RedisConfig) Declare(s *settings.Set) {
	s.Text(&c.URL, "REDIS_URL", DefaultRedisURL).
		Where("a URL with redis or rediss", func(text string) bool { return settings.HasScheme(text, "redis", "rediss") }).
		Help("Redis of the queues, the purchases and the read model; each ?addr=HOST:PORT is another node of a Redis Cluster")
}

// Limits of a client. Redis is on the same network: without an answer within a second it is down.
const (
	redisDialTimeout = 500 * time.Millisecond
	redisCallTimeout = time.Second
	redisPingTimeout = 500 * time.Millisecond // a scrape has less than two seconds for all metrics
	redisPool        = 32
)

// Redis returns a traced client, which is closed at shutdown. /readyz has a critical check that writes with it.
func (rt *Runtime) Redis(cfg RedisConfig) (redis.UniversalClient, error) {
	client, options, err := rt.redisClient(cfg)
	if err != nil {
		return nil, err
	}
	client.AddHook(newRedisSpans(rt.Tracers, options))
	rt.Check("redis", true, func(ctx context.Context) error { return writable(ctx, client) })
	return client, nil
}

// ProbeRedis adds Redis to /readyz/deep, for a component that answers without it. Nothing connects to Redis before /readyz/deep is asked.
func (rt *Runtime) ProbeRedis(cfg RedisConfig) error {
	client, _, err := rt.redisClient(cfg)
	if err != nil {
		return err
	}
	rt.CheckDeep("redis", func(ctx context.Context) error { return writable(ctx, client) })
	return nil
}

// QueueRedis returns a client for asynq, which is closed at shutdown. It is not traced: asynq polls, and a batch is thousands of commands.
// internal/queue traces batches and jobs. The first client answers for the gauge redis_up.
func (rt *Runtime) QueueRedis(cfg RedisConfig) (redis.UniversalClient, error) {
	client, _, err := rt.redisClient(cfg)
	if err == nil && !rt.redisUp {
		newRedisUp(rt.Registry, client)
		rt.redisUp = true
	}
	return client, err
}

func (rt *Runtime) redisClient(cfg RedisConfig) (redis.UniversalClient, *redis.UniversalOptions, error) {
	options, err := redisclient.Parse(cfg.URL)
	if err != nil {
		return nil, nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	options.ClientName = rt.Instance
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisDialTimeout, redisCallTimeout, redisCallTimeout
	options.PoolSize, options.MaxRetries, options.DialerRetries = redisPool, 1, 1
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true // Redis 7.0 answers CLIENT SETINFO of each new connection with an error
	// Only hosted services send maintenance notifications.
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	logging.Disable() // callers get the errors of failed dials
	redis.SetLogger(clientLogger{rt.Logger})
	client := redisclient.New(options)
	if rt.redisFull == nil {
		rt.redisFull = newFullHook(rt.Registry, rt.Logger)
	}
	client.AddHook(rt.redisFull)
	rt.OnClose("redis", func(context.Context) error { return client.Close() })
	return client, options, nil
}

// writable returns an error unless Redis accepts writes. A full Redis and a replica answer PING.
func writable(ctx context.Context, client redis.UniversalClient) error {
	return client.Set(ctx, "deals:readiness", "", time.Minute).Err()
}

// newRedisUp registers a gauge that sends a PING at each scrape, so that it is right without traffic.
func newRedisUp(registry prometheus.Registerer, client redis.UniversalClient) {
	promauto.With(registry).NewGaugeFunc(prometheus.GaugeOpts{
		Name: "redis_up", Help: "1 if Redis, all masters of a cluster, answers a PING of this component within half a second, else 0.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), redisPingTimeout)
		defer cancel()
		ping := func(ctx context.Context, node *redis.Client) error { return node.Ping(ctx).Err() }
		if redisclient.EachMaster(ctx, client, ping) != nil {
			return 0
		}
		return 1
	})
}

// fullHook counts and logs commands that Redis refuses because its memory is full. Workers poll, so the counter also rises while the
// platform is idle.
type fullHook struct {
	refused prometheus.Counter
	logger  *slog.Logger
	log     *rate.Limiter
}

func newFullHook(registry prometheus.Registerer, logger *slog.Logger) *fullHook {
	return &fullHook{
		refused: promauto.With(registry).NewCounter(prometheus.CounterOpts{
			Name: "redis_full_errors_total",
			Help: "Commands that Redis refused because its memory is full (maxmemory).",
		}),
		logger: logger,
		log:    rate.NewLimiter(rate.Every(10*time.Second), 1),
	}
}

// DialHook implements redis.Hook.
func (h *fullHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (h *fullHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		h.observe(ctx, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (h *fullHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			h.observe(ctx, cmd.Err())
		}
		return err
	}
}

func (h *fullHook) observe(ctx context.Context, err error) {
	if err == nil || !redis.IsOOMError(err) {
		return
	}
	h.refused.Inc()
	if h.log.Allow() {
		h.logger.ErrorContext(ctx, "Redis is full: it refuses writes until memory is freed or maxmemory is raised", "error", err)
	}
}

// clientLogger logs messages of the Redis client at debug. There are many while Redis is down.
type clientLogger struct {
	logger *slog.Logger
}

// Printf implements the logger interface of the Redis client.
func (l clientLogger) Printf(ctx context.Context, format string, args ...any) {
	if l.logger.Enabled(ctx, slog.LevelDebug) {
		l.logger.DebugContext(ctx, "redis client", "message", fmt.Sprintf(format, args...))
	}
}
