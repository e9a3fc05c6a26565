// Package gate stands in front of the listener. It bounds how often somebody may come who shows no secret, and how much
// of what they send is held in memory at once. Who shows the right secret is never held up by it: each request is looked
// at by its own handler first, and the answer tells the gate whom it has to do with.
package gate

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"puente/core/base/clock"
)

// Limits are the gate's bounds; DefaultLimits are those of a running Puente.
type Limits struct {
	// Strikes is how many requests without a right secret one address may make at once, and StrikesPerSecond how many go
	// on from there. Together all addresses may make AllStrikes and AllStrikesPerSecond.
	Strikes, AllStrikes                   int
	StrikesPerSecond, AllStrikesPerSecond float64
	// Addresses is how many addresses are remembered at most.
	Addresses int
	// Known is how long an address counts as known after it showed a right secret.
	Known time.Duration

	// Bodies that are read at once, in bytes: of one strange address, of all strange ones, of all known ones. A body
	// counts as its Content-Length, at most Body, and as Body if it has none.
	Body, BodiesOfOne, BodiesOfStrangers, BodiesOfKnown int64
	// Patience is how long a body waits for its turn, and BodyTime how long a stranger's may take to come.
	Patience, BodyTime time.Duration
}

// DefaultLimits are wide enough for what providers and homeservers do, and for a system whose set-up is wrong to be
// told so in its own words for a while.
func DefaultLimits() Limits {
	return Limits{
		Strikes: 60, StrikesPerSecond: 1, AllStrikes: 2000, AllStrikesPerSecond: 200, Addresses: 20_000, Known: time.Hour,
		Body: 8 << 20, BodiesOfOne: 16 << 20, BodiesOfStrangers: 64 << 20, BodiesOfKnown: 256 << 20,
		Patience: 10 * time.Second, BodyTime: 30 * time.Second,
	}
}

// Gate is safe for concurrent use.
type Gate struct {
	limits  Limits
	proxies []netip.Prefix
	clock   clock.Clock
	log     zerolog.Logger

	all       *rate.Limiter
	callers   *callers
	strangers *semaphore.Weighted
	known     *semaphore.Weighted
}

// New returns a gate. What proxies say of who asks through them (X-Forwarded-For) is believed.
func New(limits Limits, proxies []netip.Prefix, c clock.Clock, log zerolog.Logger) *Gate {
	return &Gate{
		limits: limits, proxies: proxies, clock: c, log: log,
		all:       rate.NewLimiter(rate.Limit(limits.AllStrikesPerSecond), limits.AllStrikes),
		callers:   newCallers(limits),
		strangers: semaphore.NewWeighted(limits.BodiesOfStrangers),
		known:     semaphore.NewWeighted(limits.BodiesOfKnown),
	}
}

// Guard returns a handler that lets through to next whom the gate lets through. Nobody is turned away from paths that
// begin with one of spared: there the secret stands in a header and is the first thing that is looked at.
func (g *Gate) Guard(next http.Handler, spared ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := g.caller(r)
		now := g.clock.Now()
		who := g.callers.of(address, now)
		if !hasPrefix(r.URL.Path, spared) && g.turnsAway(address, who, now) {
			g.refuse(w, who, now)
			return
		}
		body := &body{gate: g, from: who, request: r, ReadCloser: r.Body, known: who.isKnown(now), answer: http.NewResponseController(w)}
		r.Body = body
		a := &answer{ResponseWriter: w, gate: g, from: who, request: r, body: body}
		defer body.release()
		next.ServeHTTP(a, r)
		a.settle(http.StatusOK) // what a handler answers that says nothing
	})
}

func hasPrefix(path string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// turnsAway tells whether somebody is refused before anything of the request is looked at: who has used up all strikes
// and never showed a right secret. Of a private address this is not so sure: behind it may be a proxy that nobody named
// in the config, with a provider and an attacker behind both; their requests are looked at, and cost more.
func (g *Gate) turnsAway(address netip.Addr, who *caller, now time.Time) bool {
	if who.isKnown(now) || address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	return who.strikes.TokensAt(now) < 1 || g.all.TokensAt(now) < 1 && who.strikes.TokensAt(now) < float64(g.limits.Strikes)
}

// strike notes that somebody came without a right secret. It tells whether that was once too often.
func (g *Gate) strike(who *caller) (tooOften bool) {
	now := g.clock.Now()
	own, all := who.strikes.AllowN(now, 1), g.all.AllowN(now, 1)
	return !own || !all
}

func (g *Gate) refuse(w http.ResponseWriter, who *caller, now time.Time) {
	g.warn(who, now)
	w.Header().Set("Retry-After", g.retryAfter(who, now))
	http.Error(w, "too many requests without the right secret", http.StatusTooManyRequests)
}

// retryAfter is how long it takes until half of the strikes are there again, in seconds.
func (g *Gate) retryAfter(who *caller, now time.Time) string {
	missing := float64(g.limits.Strikes)/2 - who.strikes.TokensAt(now)
	return strconv.Itoa(max(1, int(missing/g.limits.StrikesPerSecond)))
}

// warn tells the log now and then, not with each request.
func (g *Gate) warn(who *caller, now time.Time) {
	if who.mayWarn(now) {
		g.log.Warn().Stringer("address", who.address).Msg("Requests without a right secret are throttled")
	}
}
