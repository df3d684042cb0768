package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
)

// redisSpans runs a component with a traced client of a Redis, and returns the spans of what use does, by name.
func redisSpans(t *testing.T, server *testkit.RedisServer, use func(ctx context.Context, client redis.UniversalClient)) map[string]testkit.Span {
	t.Helper()
	receiver := testkit.OTLP(t)
	environ := tracesTo(receiver)
	environ["REDIS_URL"], environ["OTEL_TRACES_SAMPLER"] = server.URL, "always_on"
	c := app.Define(app.Info{Name: "experience-api"}, func(ctx context.Context, rt *app.Runtime, cfg app.RedisConfig) error {
		client, err := rt.Redis(cfg)
		if err == nil {
			use(ctx, client)
		}
		return err
	})
	require.NoError(t, testkit.Run(t, c, environ).Stop())
	spans := map[string]testkit.Span{}
	for _, span := range receiver.Spans() {
		spans[span.Name] = span
	}
	return spans
}

func TestRedisSpansFollowTheConventions(t *testing.T) {
	server := testkit.Redis(t)
	spans := redisSpans(t, server, func(ctx context.Context, client redis.UniversalClient) {
		client.Set(ctx, "key", "value", 0)
		client.Get(ctx, "absent")
		client.HGet(ctx, "key", "field")
		redis.NewScript("return 1").Run(ctx, client, nil)
		_, _ = client.Pipelined(ctx, func(pipe redis.Pipeliner) error { pipe.Get(ctx, "key"); pipe.Get(ctx, "key"); return nil })
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		client.Del(canceled, "key")
	})
	for _, name := range []string{"set", "get", "hget", "evalsha", "eval", "PIPELINE get", "del"} {
		span := spans[name]
		require.Equal(t, "SPAN_KIND_CLIENT", span.Kind, name)
		assert.Equal(t, name, span.Attributes["db.operation.name"])
		assert.Equal(t, "redis", span.Attributes["db.system.name"])
		assert.Equal(t, "0", span.Attributes["db.namespace"])
		assert.Equal(t, "127.0.0.1", span.Attributes["server.address"])
		assert.NotEmpty(t, span.Attributes["server.port"])
		want := "STATUS_CODE_UNSET"
		if name == "hget" {
			want = "STATUS_CODE_ERROR"
		}
		assert.Equal(t, want, span.Status, name)
	}
	assert.Equal(t, "2", spans["PIPELINE get"].Attributes["db.operation.batch.size"])
	assert.Equal(t, "NOSCRIPT", spans["evalsha"].Attributes["db.response.status_code"])
	assert.Equal(t, "WRONGTYPE", spans["hget"].Attributes["db.response.status_code"])
	assert.Equal(t, "WRONGTYPE", spans["hget"].Attributes["error.type"])
	assert.Equal(t, "SPAN_KIND_INTERNAL", spans["dial redis"].Kind, "a dial is no call in the service graph")
}

func TestConnectingToRedisHasNoErrors(t *testing.T) {
	server := testkit.Redis(t)
	other := server.Client(t)
	before := errorReplies(t, other)
	spans := redisSpans(t, server, func(ctx context.Context, client redis.UniversalClient) { client.Ping(ctx) })
	require.Contains(t, spans, "ping")
	for name, span := range spans {
		assert.Equal(t, "STATUS_CODE_UNSET", span.Status, name)
	}
	assert.Equal(t, before, errorReplies(t, other))
}

// errorReplies returns how many errors a Redis has answered.
func errorReplies(t *testing.T, client *redis.Client) string {
	t.Helper()
	stats, err := client.Info(t.Context(), "stats").Result()
	require.NoError(t, err)
	_, after, found := strings.Cut(stats, "total_error_replies:")
	require.True(t, found)
	count, _, _ := strings.Cut(after, "\r\n")
	return count
}

func TestRedisThatIsDownFailsSpans(t *testing.T) {
	server := testkit.Redis(t)
	server.Kill(t)
	spans := redisSpans(t, server, func(ctx context.Context, client redis.UniversalClient) { client.Ping(ctx) })
	assert.Equal(t, "STATUS_CODE_ERROR", spans["ping"].Status)
	assert.Equal(t, "STATUS_CODE_ERROR", spans["dial redis"].Status)
}
