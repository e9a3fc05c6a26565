package load

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
)

// gate stands between Puente and the homeserver. It counts what Puente asks for, by its kind, and may let only some of the
// agents into a new room: with all of them in all rooms, Synapse would need hours for its own work before the test began.
type gate struct {
	url     string
	agents  []string // user IDs
	members int      // how many of them are let into a new room; 0: all

	mu    sync.Mutex
	kinds map[string]int64
	rooms int
	spent map[string]time.Duration
}

func startGate(tb testing.TB, to string, agents []string, members int) *gate {
	target, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	g := &gate{agents: agents, members: members, kinds: map[string]int64{}, spent: map[string]time.Duration{}}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// Either side has gone: the end of the test.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.pass(proxy, w, r) }))
	tb.Cleanup(func() {
		server.Close()
		transport.CloseIdleConnections()
	})
	g.url = server.URL
	return g
}

func (g *gate) pass(proxy http.Handler, w http.ResponseWriter, r *http.Request) {
	kind := kindOf(r.Method, r.URL.Path)
	if kind == "createRoom" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // Puente has gone
		}
		body = g.letIn(body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Del("Content-Length")
	}
	began := time.Now()
	proxy.ServeHTTP(w, r)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kinds[kind]++
	g.spent[kind] += time.Since(began)
}

// kindOf is what a request is for, as the Matrix specification calls it: "createRoom", "send", "state m.space.child".
func kindOf(method, path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/_matrix/client/v3/"), "/")
	switch {
	case parts[0] == "rooms" && len(parts) > 2 && parts[2] == "state" && len(parts) > 3:
		return strings.Replace("state "+method, " PUT", "", 1) + " " + parts[3]
	case parts[0] == "rooms" && len(parts) > 3 && parts[2] == "send":
		return "send " + parts[3]
	case parts[0] == "rooms" && len(parts) > 2:
		return parts[2]
	case parts[0] == "profile":
		return "profile"
	}
	return parts[0]
}

// letIn takes all but some agents out of the invitations into a new conversation: the first, who sees all, and the others in
// turn. A space is left as it is.
func (g *gate) letIn(body []byte) []byte {
	var room map[string]any
	if g.members == 0 || json.Unmarshal(body, &room) != nil {
		return body
	}
	if created, _ := room["creation_content"].(map[string]any); created["type"] == string(event.RoomTypeSpace) {
		return body
	}
	g.mu.Lock()
	g.rooms++
	let := map[string]bool{g.agents[0]: true}
	for n := range g.members - 1 {
		let[g.agents[1+(g.rooms+n)%(len(g.agents)-1)]] = true
	}
	g.mu.Unlock()
	invited, _ := room["invite"].([]any)
	var left []any
	for _, user := range invited {
		if name, _ := user.(string); let[name] || !g.isAgent(name) {
			left = append(left, user)
		}
	}
	room["invite"] = left
	changed, err := json.Marshal(room)
	if err != nil {
		return body
	}
	return changed
}

func (g *gate) isAgent(user string) bool {
	for _, agent := range g.agents {
		if agent == user {
			return true
		}
	}
	return false
}

// count is how often Puente has asked for each kind of thing.
func (g *gate) count() map[string]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.kinds)
}

// since is what was asked for since a count.
func (g *gate) since(before map[string]int64) map[string]int64 {
	now := g.count()
	for kind := range now {
		if now[kind] -= before[kind]; now[kind] == 0 {
			delete(now, kind)
		}
	}
	return now
}

// took is how many milliseconds the homeserver took for a request of each kind, on the average.
func (g *gate) took() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := map[string]int{}
	for kind, n := range g.kinds {
		all[kind] = int(g.spent[kind].Milliseconds() / n)
	}
	return all
}
