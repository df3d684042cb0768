package slodashboard

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/services/slodashboard/api"
)

// pagePolicy lets the page load only what comes with it, and run no script that stands in it.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure sets the headers of every answer. The flame report has a policy of its own.
func secure(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
}

// guard keeps out who must not change anything. There is no login: on this machine the same origin is enough, from another one a token
// is needed too. Which of the two a request is, its connection tells, and nothing that its sender writes.
type guard struct {
	sameOrigin *http.CrossOriginProtection
	token      [sha256.Size]byte
	hasToken   bool
	hosts      []string
}

func newGuard(cfg SafetyConfig) *guard {
	return &guard{
		sameOrigin: http.NewCrossOriginProtection(), token: sha256.Sum256([]byte(cfg.Token)), hasToken: cfg.Token != "",
		hosts: append([]string{"localhost"}, cfg.Hosts...),
	}
}

// of is what stands before a call.
func (g *guard) of(endpoint api.Endpoint) gin.HandlerFunc {
	switch {
	case !endpoint.Changes():
		return func(*gin.Context) {}
	case endpoint.ID == "notify":
		// Alertmanager is no browser and has no token; in compose it is on another host. It can only add to a log that is bounded, and
		// whose texts are cut and shown as text.
		return g.fromPage
	default:
		return g.mayChange
	}
}

func (g *guard) mayChange(c *gin.Context) {
	if g.fromPage(c); c.IsAborted() || fromThisMachine(c.Request) {
		return
	}
	switch {
	case !g.hasToken:
		problem.Write(c, &problem.Error{
			Status: http.StatusForbidden, Code: codeForbidden,
			Message: "this dashboard is called from another machine and has no DASHBOARD_TOKEN: it changes nothing from there",
		})
	case !g.knows(c.GetHeader("Authorization")):
		c.Header("WWW-Authenticate", "Bearer")
		problem.Write(c, &problem.Error{
			Status: http.StatusUnauthorized, Code: codeNoToken, Message: "Authorization: got no valid token, allowed: Bearer <DASHBOARD_TOKEN>",
		})
	}
}

// fromPage refuses what the page of another site has a browser send.
func (g *guard) fromPage(c *gin.Context) {
	if err := g.sameOrigin.Check(c.Request); err != nil {
		problem.Write(c, &problem.Error{Status: http.StatusForbidden, Code: codeForbidden, Message: "a page of another origin may not change anything"})
	}
}

// knows compares digests, so that the time it takes tells nothing.
func (g *guard) knows(authorization string) bool {
	token, bearer := strings.CutPrefix(authorization, "Bearer ")
	digest := sha256.Sum256([]byte(token))
	return bearer && subtle.ConstantTimeCompare(digest[:], g.token[:]) == 1
}

// host refuses, on this machine, names that are not its own: a site whose name was pointed at 127.0.0.1 is of the same origin to a
// browser. From another machine the token stands in its way.
func (g *guard) host(c *gin.Context) {
	if fromThisMachine(c.Request) && !g.isOurs(c.Request.Host) {
		problem.Write(c, &problem.Error{
			Status: http.StatusForbidden, Code: codeForbidden,
			Message: "Host: got a name that is not this machine's, allowed: localhost, its addresses, and DASHBOARD_HOSTS",
		})
	}
}

func (g *guard) isOurs(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if address, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return address.Unmap().IsLoopback()
	}
	return slices.Contains(g.hosts, strings.ToLower(name))
}

// fromThisMachine reports whether a request came in at a loopback address, which only this machine can reach.
func fromThisMachine(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	address, err := netip.ParseAddrPort(local.String())
	return err == nil && address.Addr().Unmap().IsLoopback()
}
