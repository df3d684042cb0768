package testkit

import (
	"io"
	"maps"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// OuterAddress returns an IPv4 address of this machine that is not a loopback address. To a component, a call to it comes from another
// machine. The test is skipped if there is no such address.
func OuterAddress(tb testing.TB) string {
	tb.Helper()
	addresses, err := net.InterfaceAddrs()
	require.NoError(tb, err)
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && !network.IP.IsLoopback() && network.IP.To4() != nil {
			return network.IP.String()
		}
	}
	tb.Skip("this machine has loopback addresses only")
	return ""
}

// Ask sends a request without a body on a connection of its own. A host that is not empty replaces that of the URL in the Host header.
func Ask(tb testing.TB, method, url, host string, header http.Header) Answer {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, url, http.NoBody)
	require.NoError(tb, err)
	request.Host = host
	maps.Copy(request.Header, header)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(tb, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}
}
