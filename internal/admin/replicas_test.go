package admin_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"deals.example/internal/admin"
)

// answer is settings that count.
type answer struct {
	Value    string `json:"value"`
	Replicas int    `json:"-"`
}

func (a *answer) Count(replicas int) { a.Replicas = replicas }

// TestReplicas: every replica is called, and an error says how many took the change.
func TestReplicas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		statuses []int // of the replicas, in the order of their addresses
		want     int
		err      string
	}{
		"one":         {[]int{200}, 1, ""},
		"three":       {[]int{200, 200, 200}, 3, ""},
		"one fails":   {[]int{200, 500, 200}, 0, "2 of 3 replicas of price: ask price: status 500"},
		"all refuse":  {[]int{400, 400}, 0, "0 of 2 replicas of price: wrong value"},
		"there is no": {nil, 0, "find the replicas of price: price.test-pods has no address: there is no process"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port, asked := replicas(t, test.statuses)
			resolver := &net.Resolver{PreferGo: true, Dial: dialDNS(t, "price.test-pods.", len(test.statuses))}
			urls := map[string]string{"price": "http://price.test:" + port}
			client := admin.New(urls, &http.Transport{DisableKeepAlives: true}, "").WithReplicas("-pods", resolver)
			var got answer
			err := client.Set(t.Context(), "price", "/admin/fault", map[string]int{"latency": 1}, &got)
			for _, calls := range asked() {
				assert.EqualValues(t, 1, calls)
			}
			if test.err != "" {
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, answer{"new", test.want}, got)
		})
	}
}

// Without a suffix the URL itself is called.
func TestOneProcess(t *testing.T) {
	t.Parallel()
	port, _ := replicas(t, []int{200})
	client := admin.New(map[string]string{"price": "http://127.0.0.2:" + port}, &http.Transport{DisableKeepAlives: true}, "").WithReplicas("", nil)
	var got answer
	require.NoError(t, client.Get(t.Context(), "price", "/admin/fault", &got))
	assert.Equal(t, answer{"new", 1}, got)
}

// replicas serves at 127.0.0.2, 127.0.0.3 and so on, on one port, an answer with each status. The returned function says how often each was asked.
func replicas(t *testing.T, statuses []int) (port string, asked func() []int64) {
	t.Helper()
	port = "0"
	counts := make([]atomic.Int64, len(statuses))
	for i, status := range statuses {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(addressOf(i).String(), port))
		if err != nil {
			t.Skipf("this system has one loopback address only: %v", err)
		}
		_, port, err = net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			counts[i].Add(1)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"value": "new", "error": "wrong value"}`))
		}))
		server.Listener = listener
		server.Start()
		t.Cleanup(server.Close)
	}
	return port, func() []int64 {
		all := make([]int64, len(counts))
		for i := range counts {
			all[i] = counts[i].Load()
		}
		return all
	}
}

func addressOf(replica int) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + replica)}) } //nolint:gosec // G115: a few

// dialDNS connects to a DNS server that knows one name, with an address for each replica. It speaks as DNS does over TCP.
func dialDNS(t *testing.T, name string, replicas int) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer func() { _ = server.Close() }()
			for {
				query, err := readDNS(server)
				if err != nil {
					return // the resolver has its answer
				}
				if err := writeDNS(server, resolve(query, name, replicas)); !assert.NoError(t, err) {
					return
				}
			}
		}()
		return client, nil
	}
}

func readDNS(from io.Reader) (query dnsmessage.Message, err error) {
	var length uint16
	if err := binary.Read(from, binary.BigEndian, &length); err != nil {
		return query, err
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(from, text); err != nil {
		return query, err
	}
	return query, query.Unpack(text)
}

func writeDNS(to io.Writer, answer dnsmessage.Message) error {
	text, err := answer.Pack()
	if err != nil {
		return err
	}
	_, err = to.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...)) //nolint:gosec // G115: it is short
	return err
}

func resolve(query dnsmessage.Message, name string, replicas int) dnsmessage.Message {
	question := query.Questions[0]
	answer := dnsmessage.Message{Header: dnsmessage.Header{ID: query.ID, Response: true}, Questions: query.Questions}
	if question.Name.String() != name || replicas == 0 {
		answer.RCode = dnsmessage.RCodeNameError
		return answer
	}
	for i := range replicas {
		if question.Type == dnsmessage.TypeA {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET}, Body: &dnsmessage.AResource{A: addressOf(i).As4()},
			})
		}
	}
	return answer
}
