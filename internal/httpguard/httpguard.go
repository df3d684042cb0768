// Package httpguard decides who may call a component.
//
// The connection's local address decides where a call is from; headers are ignored. A call over a loopback address is from this machine. It
// must name the machine as its host, because a site whose name resolves to 127.0.0.1 has the component's origin in a browser. A call over
// another address may name any host, as containers, probes and load balancers do; it needs the token for profiles and to change anything.
// Pages of other origins may change nothing from anywhere.
package httpguard

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"deals.example/internal/problem"
	"deals.example/internal/settings"
)

// Error codes of refused calls.
const (
	CodeForbidden     = "forbidden"
	CodeTokenRequired = "token_required"
	CodeTooManyTries  = "too_many_tries"
)

// Wrong tokens are limited in number, whoever sends them: a limit for each caller would need memory for each.
const (
	wrongEvery = time.Second
	wrongBurst = 5
)

// Config holds the settings of a guard.
type Config struct {
	Token string
	Hosts []string
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Text(&c.Token, "ADMIN_TOKEN", "").Sized(8, 256).Secret().
		Help("token that calls from other machines need for changes and profiles, as a bearer token; empty: they are refused")
	s.List(&c.Hosts, "ALLOWED_HOSTS", nil, 16, "host names", settings.IsHostName).
		Help("host names by which this machine may be called, beside localhost and loopback addresses")
}

// Guard refuses calls. Its Check may be used concurrently; the other methods are for the start.
type Guard struct {
	sameOrigin *http.CrossOriginProtection
	token      [sha256.Size]byte
	hasToken   bool
	hosts      []string
	public     bool
	open       []string
	challenge  string
	wrong      *rate.Limiter
}

// New returns a guard. Anyone may call the routes of a public component, except those below /admin/.
func New(cfg Config, public bool) *Guard {
	return &Guard{
		sameOrigin: http.NewCrossOriginProtection(), token: sha256.Sum256([]byte(cfg.Token)), hasToken: cfg.Token != "",
		hosts: append([]string{"localhost"}, cfg.Hosts...), public: public, challenge: "Bearer",
		wrong: rate.NewLimiter(rate.Every(wrongEvery), wrongBurst),
	}
}

// Open lets calls of a route through without a token.
func (g *Guard) Open(route string) { g.open = append(g.open, route) }

// AskInBrowser makes browsers ask for the token as a password, for pages that can't ask by themselves.
func (g *Guard) AskInBrowser() { g.challenge = `Basic realm="ADMIN_TOKEN is the password"` }

// HasToken reports whether a token is set.
func (g *Guard) HasToken() bool { return g.hasToken }

// Check is the middleware that answers calls that are refused.
func (g *Guard) Check(c *gin.Context) {
	if err := g.check(c); err != nil {
		if err.Status == http.StatusUnauthorized {
			c.Header("WWW-Authenticate", g.challenge)
		}
		problem.Write(c, err)
	}
}

func (g *Guard) check(c *gin.Context) *problem.Error {
	local := Local(c.Request)
	if local && !g.isOurs(c.Request.Host) {
		return forbidden("Host: got a name that is not this machine's, want localhost, a loopback address or a name in ALLOWED_HOSTS")
	}
	if err := g.sameOrigin.Check(c.Request); err != nil {
		return forbidden("a page of another origin may not change anything")
	}
	if local || !g.needsToken(c) {
		return nil
	}
	return g.authorize(c.Request)
}

func (g *Guard) needsToken(c *gin.Context) bool {
	path := c.Request.URL.Path
	if strings.HasPrefix(path, "/debug/") {
		return true
	}
	switch c.Request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return strings.HasPrefix(path, "/admin/") || !g.public && !slices.Contains(g.open, c.FullPath())
}

// authorize looks at no token while too many wrong ones were sent, so that a token can't be found by trying.
func (g *Guard) authorize(r *http.Request) *problem.Error {
	if !g.hasToken {
		return forbidden("a call from another machine needs ADMIN_TOKEN for changes and profiles, and none is set")
	}
	token := sent(r)
	if token == "" {
		return unauthorized()
	}
	now := time.Now()
	try := g.wrong.ReserveN(now, 1)
	switch {
	case try.DelayFrom(now) > 0:
		try.CancelAt(now)
		return &problem.Error{
			Status: http.StatusTooManyRequests, Code: CodeTooManyTries, RetryAfter: wrongEvery,
			Message: "too many wrong tokens were sent; try again later",
		}
	case g.knows(token):
		try.CancelAt(now)
		return nil
	default:
		return unauthorized()
	}
}

// sent returns the token of a request: a bearer token, or the password of a browser or of a URL as `go tool pprof` takes it.
func sent(r *http.Request) string {
	if token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); bearer {
		return token
	}
	_, password, _ := r.BasicAuth()
	return password
}

// knows compares digests in constant time.
func (g *Guard) knows(token string) bool {
	digest := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(digest[:], g.token[:]) == 1
}

func (g *Guard) isOurs(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if address, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return address.Unmap().IsLoopback()
	}
	return slices.Contains(g.hosts, strings.ToLower(name))
}

// Local reports whether a request came in at a loopback address, which only this machine can reach.
func Local(r *http.Request) bool {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return Loopback(address)
}

// Loopback reports whether a TCP address is a loopback address.
func Loopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func forbidden(message string) *problem.Error {
	return &problem.Error{Status: http.StatusForbidden, Code: CodeForbidden, Message: message}
}

func unauthorized() *problem.Error {
	return &problem.Error{
		Status: http.StatusUnauthorized, Code: CodeTokenRequired, Message: "Authorization: got no valid token, want Bearer <ADMIN_TOKEN>",
	}
}
