package upstream

import (
	"net"
	"net/http"
	"time"
)

const (
	maxBody        = 1 << 20  // bytes of a response's body
	maxHeaderBytes = 64 << 10 // of a response
	// idleTimeout is below the idle timeout of our servers, so that the client is the one who closes an idle connection
	// and no request is sent into one that is being closed.
	idleTimeout = 30 * time.Second
)

// NewTransport returns the house's http.Transport: HTTP/1.1, up to maxIdle idle connections, no proxy, no transparent
// decompression. The caller closes its idle connections in the end.
func NewTransport(maxIdle int) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxIdleConns:           4 * maxIdle,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}
