package secure

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"puente/bridges/whatsapp/graph"
	"puente/core/hub"
)

// path is one row of the table of all paths: who may call it, and what it answers.
type path struct {
	mounted string // as the code says it; see mountedIn
	method  string
	path    string
	// right adds to a request what the caller must show; nil: anybody may call.
	right func(r *request)
	// wrong adds something else.
	wrong func(r *request)
	body  []byte
	// The answers to what shows nothing, something wrong, and the right secret.
	without, withWrong, withRight int
	// limit is the most that a body may have, 0 if no body is read; of makes a body of a size.
	limit int
	of    func(size int) []byte
	// seldom tells that the secret may be shown so often only.
	seldom bool
}

// padded is a JSON object with spaces.
func padded(object string) func(int) []byte {
	return func(size int) []byte {
		return []byte(strings.TrimSuffix(object, "}") + strings.Repeat(" ", size-len(object)) + "}")
	}
}

func shows(name, value string) func(*request) {
	return func(r *request) { r.header = map[string]string{name: value} }
}

func withToken(token string) func(*request) { return shows("Authorization", "Bearer "+token) }

func signed(secret string) func(*request) {
	return func(r *request) { r.header = map[string]string{graph.SignatureHeader: graph.Sign(secret, r.body)} }
}

func also(r func(*request), name, value string) func(*request) {
	return func(req *request) {
		r(req)
		req.header[name] = value
	}
}

const nobody = "nobodys-secret-at-all-0123456789"

// paths is the whole table. TestTheTableOfPathsIsComplete compares it with the code.
func paths(w *world) []path {
	const meta, update = `{"object":"` + marker + `"}`, `{"update_id":77}`
	const events = `{"id":"` + marker + `","type":"of.tomorrow"}`
	const transaction = `{"events":[{"event_id":"$` + marker + `","type":"m.room.message","room_id":"!none:localhost","sender":"@x:localhost","content":{}}]}`
	secretOfTelegram := "X-Telegram-Bot-Api-Secret-Token"
	asSystem := func(token string) func(*request) { return also(withToken(token), "Content-Type", "application/json") }
	homeservers := func(mounted, method, address string, right int) path {
		return path{mounted: "core/hub: " + mounted, method: method, path: address, right: withToken(hsToken), wrong: withToken(nobody),
			without: 401, withWrong: 403, withRight: right}
	}
	transactions := homeservers("PUT /_matrix/app/v1/transactions/{txnID}", "PUT", "/_matrix/app/v1/transactions/paths", 200)
	transactions.body, transactions.limit, transactions.of = []byte(transaction), 32<<20, padded(transaction)
	return []path{
		transactions,
		homeservers("POST /_matrix/app/v1/ping", "POST", "/_matrix/app/v1/ping", 200),
		homeservers("GET /_matrix/app/v1/users/{userID}", "GET", "/_matrix/app/v1/users/@x:localhost", 404),
		homeservers("GET /_matrix/app/v1/rooms/{roomAlias}", "GET", "/_matrix/app/v1/rooms/%23x:localhost", 404),
		{mounted: "core/hub: GET /healthz", method: "GET", path: "/healthz", without: 200},
		{mounted: "core/hub: POST  + AdminRetryPath", method: "POST", path: hub.AdminRetryPath, right: withToken(asToken), wrong: withToken(nobody),
			body: []byte(`{"entries":[]}`), without: 401, withWrong: 401, withRight: 200, limit: 1 << 20, of: padded(`{"entries":[]}`)},
		{mounted: "core/hub: GET  + AdminCheckPath", method: "GET", path: hub.AdminCheckPath, right: withToken(asToken), wrong: withToken(nobody),
			without: 401, withWrong: 401, withRight: 200},
		{mounted: "core/hub: POST  + AdminVerifyPath", method: "POST", path: hub.AdminVerifyPath + "?hours=1", right: withToken(asToken), wrong: withToken(nobody),
			without: 401, withWrong: 401, withRight: 200},
		{mounted: "core/hub: GET /metrics", method: "GET", path: "/metrics", right: withToken(metricsToken), wrong: withToken(nobody),
			without: 401, withWrong: 401, withRight: 200},
		{mounted: "core/hub: prefix + /_matrix/provision/", method: "POST", path: "/signal/_matrix/provision/v3/login/start/existing",
			right: withToken(provisioning), wrong: withToken(nobody), body: []byte(`{}`), without: 401, withWrong: 401, withRight: 200,
			limit: 1 << 20, of: padded(`{}`)},
		{mounted: "bridges/whatsapp: GET /webhook", method: "GET", path: "/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1234&hub.verify_token=",
			right: func(r *request) { r.path += verifyToken }, wrong: func(r *request) { r.path += nobody },
			without: 403, withWrong: 403, withRight: 200, seldom: true}, // when somebody sets up the app at Meta
		{mounted: "bridges/whatsapp: POST /webhook", method: "POST", path: "/whatsapp/webhook", right: signed(appSecret), wrong: signed(nobody),
			body: []byte(meta), without: 401, withWrong: 401, withRight: 200, limit: 3 << 20, of: padded(meta)},
		{mounted: "bridges/telegram: POST /webhook/{bot}", method: "POST", path: fmt.Sprintf("/telegram/webhook/%d", botID),
			right: shows(secretOfTelegram, telegramSecret), wrong: shows(secretOfTelegram, nobody),
			body: []byte(update), without: 401, withWrong: 401, withRight: 200, limit: 4 << 20, of: padded(update)},
		{mounted: "bridges/webhook: POST /v1/systems/{system}/events", method: "POST", path: "/webhook/v1/systems/shop/events",
			right: asSystem(w.shopToken), wrong: asSystem(nobody), body: []byte(events), without: 401, withWrong: 401, withRight: 202,
			limit: 8 << 20, of: padded(events)},
		{mounted: "bridges/webhook: POST /v1/systems/{system}/uploads", method: "POST", path: "/webhook/v1/systems/shop/uploads",
			right: also(withToken(w.shopToken), "Content-Type", "text/plain"), wrong: withToken(nobody), body: []byte("a file"),
			without: 401, withWrong: 401, withRight: 201, limit: 4096, of: func(size int) []byte { return bytes.Repeat([]byte("x"), size) }},
		{mounted: "bridges/webhook: GET /v1/systems/{system}/media/{media}", method: "GET", path: "/webhook/v1/systems/shop/media/none",
			right: withToken(w.shopToken), wrong: withToken(nobody), without: 401, withWrong: 401, withRight: 404},
		{mounted: "bridges/webhook: GET /v1/openapi.yaml", method: "GET", path: "/webhook/v1/openapi.yaml", without: 200},
	}
}

// request is a call of the path with a body, showing something or nothing.
func (p path) request(body []byte, show func(*request)) request {
	r := request{method: p.method, path: p.path, body: body}
	if show != nil {
		show(&r)
	}
	return r
}

// address is one that nobody else has in this test, as a proxy names it.
func address(n int) string { return fmt.Sprintf("198.51.%d.%d", 100+n/250, 1+n%250) }

func TestPaths(t *testing.T) {
	w := newWorld(t)
	table, atFirst := paths(w), w.entries()
	caller := 0
	from := func(r request) request {
		caller++
		r.from = address(caller)
		return r
	}
	for _, p := range table {
		t.Run(strings.ReplaceAll(p.mounted, "/", "|"), func(t *testing.T) {
			w.tb = t
			before := w.entries()
			wants := func(what string, r request, want int) {
				t.Helper()
				if got, text := w.call(from(r)); got != want {
					t.Errorf("%s: %d, want %d: %.200s", what, got, want, text)
				} else if want >= 400 && strings.Contains(text, "canary") {
					t.Errorf("%s: the answer tells a secret: %s", what, text)
				}
			}
			wants("showing nothing", p.request(p.body, nil), p.without)
			for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
				r := p.request(p.body, nil)
				r.method = method
				if got, _ := w.call(from(r)); got < 300 && method != p.method {
					t.Errorf("%s is answered by %d", method, got)
				}
			}
			if p.right == nil {
				return
			}
			wants("showing something wrong", p.request(p.body, p.wrong), p.withWrong)
			wants("showing half of the right", p.request(p.body, func(r *request) {
				p.right(r)
				for name, value := range r.header {
					r.header[name] = value[:len(value)-1]
				}
				if len(r.header) == 0 {
					r.path = r.path[:len(r.path)-1]
				}
			}), p.withWrong)
			if p.limit > 0 {
				wants("a body that is too large", p.request(p.of(p.limit+1), p.right), 413)
			}
			if after := w.entries(); after != before {
				t.Errorf("the journal went from %d to %d entries", before, after)
			}
			wants("showing the right", p.request(p.body, p.right), p.withRight)
			if p.limit > 0 {
				if got, text := w.call(from(p.request(p.of(p.limit), p.right))); got >= 400 {
					t.Errorf("a body of just the limit: %d %.200s", got, text)
				}
			}
		})
	}
	w.tb = t
	if taken := w.entries() - atFirst; taken < 4 {
		t.Errorf("the journal took %d entries of four paths with the right secret: that it took none without proves nothing", taken)
	}
}

// TestGuessesAreThrottled guesses at each path until it is told to wait, and sees that who knows the secret is not.
func TestGuessesAreThrottled(t *testing.T) {
	w := newWorld(t)
	for n, p := range paths(w) {
		if p.right == nil {
			continue
		}
		t.Run(strings.ReplaceAll(p.mounted, "/", "|"), func(t *testing.T) {
			w.tb = t
			guess := p.request(p.body, p.wrong)
			guess.from = address(n)
			var last *http.Response
			for range 200 {
				last = w.ask(guess)
				_ = last.Body.Close()
				if last.StatusCode == http.StatusTooManyRequests {
					break
				}
			}
			if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
				t.Errorf("after 200 guesses: %s, Retry-After %q", last.Status, last.Header.Get("Retry-After"))
			}
			if p.seldom {
				return
			}
			right := p.request(p.body, p.right)
			right.from = address(n + 100)
			for range 100 {
				if got, text := w.call(right); got == http.StatusTooManyRequests {
					t.Fatalf("who knows the secret is throttled: %s", text)
				}
			}
		})
	}
	w.tb = t
	t.Run("NeverTheHomeserver", func(t *testing.T) {
		w.tb = t
		r := request{method: "POST", path: "/_matrix/app/v1/ping", header: bearer(nobody), from: "198.51.100.250"}
		for range 100 {
			w.call(r)
		}
		r.header = bearer(hsToken)
		if got, text := w.call(r); got != 200 {
			t.Errorf("%d %s", got, text)
		}
	})
	w.tb = t
}

// TestNoPathLeadsIntoAnotherBridge calls what needs a secret, with that secret, by every detour.
func TestNoPathLeadsIntoAnotherBridge(t *testing.T) {
	w := newWorld(t)
	before := w.entries()
	tried := 0
	for _, p := range paths(w) {
		if p.right == nil || p.method == "GET" {
			continue
		}
		own, _, _ := strings.Cut(strings.TrimPrefix(p.path, "/"), "/")
		for _, detour := range detours(p.path, own) {
			if strings.Contains(p.path, "_matrix/provision") && strings.Count(detour, "provision") == 1 && !strings.ContainsAny(detour, ".%") {
				continue // each bridge has one, for the same callers
			}
			tried++
			r := p.request(p.body, p.right)
			r.path, r.from = detour, address(tried%5000)
			if got, text := w.call(r); got < 300 || got >= 500 {
				t.Errorf("%s %s with the secret of %s: %d %.100s", p.method, detour, p.path, got, text)
			}
		}
	}
	for _, id := range []string{"whatsapp", "telegram", "signal", "webhook"} {
		// Each bridge has within itself what the hub answers for all of them.
		for _, inner := range []string{"/_matrix/mau/live", "/_matrix/mau/ready", "/_matrix/app/v1/ping", "/debug/pprof/heap", "/_matrix/provision/v3/debug"} {
			for _, token := range []string{hsToken, asToken} {
				tried++
				r := request{method: "POST", path: "/" + id + inner, header: bearer(token), from: address(tried % 5000)}
				if got, text := w.call(r); got < 300 {
					t.Errorf("%s: %d %.100s", r.path, got, text)
				}
			}
		}
	}
	if after := w.entries(); after != before {
		t.Errorf("the journal went from %d to %d entries by %d detours", before, after, tried)
	}
	if tried < 200 {
		t.Errorf("only %d detours were tried", tried)
	}
}

// detours are other ways to write a path, through other bridges.
func detours(path, own string) []string {
	var list []string
	rest := strings.TrimPrefix(path, "/"+own)
	for _, other := range []string{"whatsapp", "telegram", "signal", "webhook", "_puente", "_matrix", ""} {
		if other == own {
			continue
		}
		through := "/" + other
		list = append(list,
			through+rest, through+path, through+"/.."+path, through+"/%2e%2e"+path, through+"/%2E%2E"+path, through+"/..%2f"+strings.TrimPrefix(path, "/"),
			through+"%2f.."+path, through+"//.."+path, through+"/..;"+path, through+"/.%00."+path, through+"/..%5c"+strings.TrimPrefix(path, "/"),
			through+"/_matrix/provision/../../.."+path, through+"/_matrix/provision/%2e%2e/%2e%2e/%2e%2e"+path,
			through+"/_matrix/provision/..%2f..%2f.."+strings.ReplaceAll(path, "/", "%2f"), through+"/_matrix/provision"+path,
			through+"/webhook/..%2f.."+strings.ReplaceAll(path, "/", "%2f"), through+"%252f.."+path,
		)
	}
	upper := strings.ToUpper(own[:1]) + own[1:]
	list = append(list, "/"+strings.ToUpper(own)+rest, "//"+strings.TrimPrefix(path, "/"), "/./"+strings.TrimPrefix(path, "/"),
		"/%2f"+strings.TrimPrefix(path, "/"), "/"+own+"%2f"+strings.TrimPrefix(rest, "/"), "/"+own+"%00"+rest, "/"+own+"."+rest, "/"+own+"%20"+rest)
	if upper != own {
		list = append(list, "/"+upper+rest)
	}
	return list
}
