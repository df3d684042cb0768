package app_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
)

// hold opens connections, sends the start of a request on each, and leaves them open.
func hold(t *testing.T, address string, connections int, start string) {
	t.Helper()
	for range connections {
		var dialer net.Dialer
		connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = connection.Close() })
		_, err = io.WriteString(connection, start)
		require.NoError(t, err)
	}
}

func TestHalfSentRequestsKeepNobodyOut(t *testing.T) {
	const limit = 50
	for name, start := range map[string]string{
		"bodies":   "POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf",
		"chunks":   "POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"headers":  "GET /hello HTTP/1.1\r\nHost: localhost\r\n",
		"nothing":  "",
		"finished": "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			entered := make(chan struct{}, 2*limit)
			instance := run(t, map[string]string{"MAX_CONNECTIONS": strconv.Itoa(limit)}, func(rt *app.Runtime) {
				rt.Router.POST("/read", func(c *gin.Context) {
					entered <- struct{}{}
					_, err := io.Copy(io.Discard, c.Request.Body)
					c.String(http.StatusOK, fmt.Sprint(err))
				})
			})
			hold(t, instance.URL, limit, start)
			if strings.HasPrefix(start, "POST") {
				for range limit - 1 { // run's own connection may have been replaced by the last of them
					<-entered
				}
			}
			for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
				began := time.Now()
				assert.Equal(t, http.StatusOK, ask(t, http.MethodGet, instance.URL+path, "", nil), path)
				assert.Less(t, time.Since(began), time.Second, path)
			}
		})
	}
}

func TestConnectionsThatAreServedAreKept(t *testing.T) {
	var entered <-chan struct{}
	var release func()
	instance := run(t, map[string]string{"MAX_CONNECTIONS": "2"}, func(rt *app.Runtime) { entered, release = slowRoute(rt) })
	answers := make(chan int, 2)
	for range 2 {
		go func() { answers <- instance.Get(t, "/slow").Status }()
		<-entered
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := instance.Try(short, http.MethodGet, "/hello", "", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded, "a third connection waits")
	release()
	assert.Equal(t, http.StatusOK, <-answers)
	assert.Equal(t, http.StatusOK, <-answers)
	assert.Equal(t, http.StatusOK, instance.Get(t, "/hello").Status)
}

func TestBodiesThatTakeTooLong(t *testing.T) {
	var failure error
	done := make(chan struct{})
	instance := run(t, nil, func(rt *app.Runtime) {
		rt.Router.POST("/read", func(c *gin.Context) {
			_, failure = io.Copy(io.Discard, c.Request.Body)
			close(done)
		})
	})
	began := time.Now()
	hold(t, instance.URL, 1, "POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf")
	<-done
	require.Error(t, failure)
	assert.Less(t, time.Since(began), 8*time.Second)
}
