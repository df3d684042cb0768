package experience_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/problem"
	"deals.example/internal/testkit"
)

const (
	badPath  = "/api/heavy-hash/bad"
	goodPath = "/api/heavy-hash/good"
)

func TestFullHashPoolRejects(t *testing.T) {
	a := newAPI(t, map[string]string{"HASH_POOL_WORKERS": "1", "HASH_POOL_QUEUE": "0"})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil { // a small hash may hold the thread
			_, _ = a.Try(ctx, http.MethodPost, goodPath, `{"rounds":8,"iterations":100000}`, nil)
		}
	}()
	const small = `{"rounds":1,"iterations":20000}`
	refused := testkit.Answer{}
	for refused.Status != http.StatusTooManyRequests { // until the large hash holds the thread
		refused = a.Post(t, goodPath, small)
	}
	assert.Equal(t, problem.CodeHashPoolFull, bodyOf(t, refused).Code)
	assert.Equal(t, 1, bodyOf(t, refused).QueueDepth)
	assert.Equal(t, 1, bodyOf(t, refused).Threshold)
	assert.NotEmpty(t, refused.Header.Get("Retry-After"))
	assert.Equal(t, http.StatusOK, a.Post(t, badPath, small).Status)
	cancel()
	<-ended
}
