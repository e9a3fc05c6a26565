package hub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	testDomain  = "example.org"
	testASToken = "as-token-of-the-tests"
	testHSToken = "hs-token-of-the-tests"
)

// sentEvent is what somebody put into a room.
type sentEvent struct {
	ID      id.EventID
	Room    id.RoomID
	Sender  id.UserID
	Type    string
	TxnID   string
	Content map[string]any
}

func (e sentEvent) body() string {
	text, _ := e.Content["body"].(string)
	return text
}

// homeserver is a small Matrix homeserver in memory: it answers what bridgev2 and the hub ask, and remembers it.
type homeserver struct {
	*httptest.Server

	mu         sync.Mutex
	asToken    string
	tokens     map[string]id.UserID // of people
	registered map[id.UserID]bool
	members    map[id.RoomID]map[id.UserID]event.Membership
	creations  []map[string]any
	states     map[id.RoomID]any // what it was created with
	changes    []stateChange     // what was changed since
	aliases    map[string]id.RoomID
	events     []sentEvent
	byTxn      map[string]id.EventID // by sender and transaction ID
	accounts   map[string]object     // account data by type
	uploads    int
	requests   []string
	receipts   []string
	pings      int
	next       int
	// fail answers a request itself if it returns a status.
	fail func(r *http.Request, parts []string) int
	// lose has the homeserver do what a request asks for, and answer with this status.
	lose func(r *http.Request, parts []string) int
}

func newHomeserver(tb testing.TB) *homeserver {
	hs := &homeserver{
		asToken: testASToken, tokens: map[string]id.UserID{}, registered: map[id.UserID]bool{},
		members: map[id.RoomID]map[id.UserID]event.Membership{}, aliases: map[string]id.RoomID{}, byTxn: map[string]id.EventID{},
		accounts: map[string]object{}, states: map[id.RoomID]any{},
	}
	hs.Server = httptest.NewServer(http.HandlerFunc(hs.serve))
	tb.Cleanup(hs.Close)
	return hs
}

// forgetTransactions is what a restart of Synapse does.
func (hs *homeserver) forgetTransactions() {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.byTxn = map[string]id.EventID{}
}

func (hs *homeserver) failWith(fail func(r *http.Request, parts []string) int) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.fail = fail
}

func (hs *homeserver) setMember(room id.RoomID, user id.UserID, membership event.Membership) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if hs.members[room] == nil {
		hs.members[room] = map[id.UserID]event.Membership{}
	}
	hs.members[room][user] = membership
}

func (hs *homeserver) membership(room id.RoomID, user id.UserID) event.Membership {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	return hs.members[room][user]
}

// sent returns the events of a type in the order in which they came.
func (hs *homeserver) sent(room id.RoomID, eventType event.Type) []sentEvent {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	var found []sentEvent
	for _, evt := range hs.events {
		if evt.Room == room && evt.Type == eventType.Type {
			found = append(found, evt)
		}
	}
	return found
}

func (hs *homeserver) takeRequests() []string {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	taken := hs.requests
	hs.requests = nil
	return taken
}

func (hs *homeserver) created() []map[string]any {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	return slices.Clone(hs.creations)
}

// shape is a request without what differs between two runs.
func shape(r *http.Request, parts []string) string {
	shaped := slices.Clone(parts)
	for i, part := range shaped {
		switch {
		case strings.HasPrefix(part, "!"):
			shaped[i] = "{room}"
		case strings.HasPrefix(part, "@"):
			shaped[i] = "{user}"
		case strings.HasPrefix(part, "pu_"), strings.HasPrefix(part, "mautrix-go"):
			shaped[i] = "{txn}"
		}
	}
	return r.Method + " " + strings.Join(shaped, "/")
}

func (hs *homeserver) serve(w http.ResponseWriter, r *http.Request) {
	var parts []string
	for _, part := range strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/_matrix/"), "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			reply(w, 400, map[string]any{"errcode": "M_BAD_PATH"})
			return
		}
		parts = append(parts, plain)
	}
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.requests = append(hs.requests, shape(r, parts))
	if hs.fail != nil {
		if status := hs.fail(r, parts); status != 0 {
			reply(w, status, map[string]any{"errcode": map[int]string{400: "M_DUPLICATE_ANNOTATION", 403: "M_FORBIDDEN", 404: "M_NOT_FOUND"}[status], "error": "as the test wants"})
			return
		}
	}
	user, ok := hs.who(r)
	if !ok {
		reply(w, 401, map[string]any{"errcode": "M_UNKNOWN_TOKEN", "error": "Unknown token"})
		return
	}
	body := map[string]any{}
	_ = json.NewDecoder(r.Body).Decode(&body)
	status, answer := hs.answer(r, user, parts, body)
	if hs.lose != nil {
		if lost := hs.lose(r, parts); lost != 0 {
			status, answer = lost, object{"error": "as the test wants"}
		}
	}
	reply(w, status, answer)
}

func (hs *homeserver) who(r *http.Request) (id.UserID, bool) {
	if strings.HasSuffix(r.URL.Path, "/versions") {
		return "", true
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if user, ok := hs.tokens[token]; ok {
		return user, true
	}
	user := id.UserID(r.URL.Query().Get("user_id"))
	if user == "" {
		user = id.NewUserID("puente", testDomain)
	}
	return user, token == hs.asToken
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

type object = map[string]any

func (hs *homeserver) answer(r *http.Request, user id.UserID, parts []string, body object) (int, any) {
	method, path := r.Method, strings.Join(parts[1:], "/")
	switch {
	case path == "versions":
		return 200, object{"versions": []string{"v1.1", "v1.4", "v1.11"}, "unstable_features": object{}}
	case path == "v3/register":
		name, _ := body["username"].(string)
		hs.registered[id.NewUserID(name, testDomain)] = true
		return 200, object{"user_id": id.NewUserID(name, testDomain)}
	case path == "v3/account/whoami":
		return 200, object{"user_id": user}
	case strings.HasSuffix(path, "/ping"):
		hs.pings++
		return 200, object{"duration_ms": 1}
	case path == "v3/sync":
		return hs.sync(user, r.URL.Query().Get("since"))
	case path == "v3/joined_rooms":
		rooms := []id.RoomID{}
		for room, members := range hs.members {
			if members[user] == event.MembershipJoin {
				rooms = append(rooms, room)
			}
		}
		return 200, object{"joined_rooms": rooms}
	case path == "v3/createRoom":
		return hs.createRoom(user, body)
	case strings.HasPrefix(path, "v3/directory/room/"):
		if room, ok := hs.aliases[parts[4]]; ok {
			if method == http.MethodDelete {
				delete(hs.aliases, parts[4])
			}
			return 200, object{"room_id": room, "servers": []string{testDomain}}
		}
		return 404, object{"errcode": "M_NOT_FOUND"}
	case strings.HasPrefix(path, "v3/join/"):
		return hs.join(user, id.RoomID(parts[3]))
	case strings.Contains(path, "/account_data/"):
		return hs.accountData(method, parts[len(parts)-1], body)
	case strings.HasSuffix(path, "v3/upload"):
		hs.uploads++
		return 200, object{"content_uri": fmt.Sprintf("mxc://%s/file%d", testDomain, hs.uploads)}
	case strings.HasPrefix(path, "v3/rooms/"):
		return hs.room(method, user, id.RoomID(parts[3]), parts[4:], body)
	}
	return 200, object{}
}

func (hs *homeserver) accountData(method, kind string, body object) (int, any) {
	if method == http.MethodPut {
		hs.accounts[kind] = body
	} else if hs.accounts[kind] == nil {
		return 404, object{"errcode": "M_NOT_FOUND"}
	}
	return 200, hs.accounts[kind]
}

func (hs *homeserver) createRoom(user id.UserID, body object) (int, any) {
	hs.next++
	room := id.RoomID(fmt.Sprintf("!room%d:%s", hs.next, testDomain))
	if name, _ := body["room_alias_name"].(string); name != "" {
		alias := "#" + name + ":" + testDomain
		if hs.aliases[alias] != "" {
			return 400, object{"errcode": "M_ROOM_IN_USE", "error": "Room alias already taken"}
		}
		hs.aliases[alias] = room
	}
	hs.creations = append(hs.creations, body)
	hs.states[room] = initialState(body)
	hs.members[room] = map[id.UserID]event.Membership{user: event.MembershipJoin}
	invites, _ := body["invite"].([]any)
	for _, invited := range invites {
		hs.members[room][id.UserID(invited.(string))] = event.MembershipInvite
	}
	return 200, object{"room_id": room}
}

func (hs *homeserver) join(user id.UserID, room id.RoomID) (int, any) {
	switch hs.members[room][user] {
	case event.MembershipInvite, event.MembershipJoin:
		hs.members[room][user] = event.MembershipJoin
		return 200, object{"room_id": room}
	}
	return 403, object{"errcode": "M_FORBIDDEN", "error": "You are not invited to this room"}
}

func (hs *homeserver) room(method string, user id.UserID, room id.RoomID, parts []string, body object) (int, any) {
	target, _ := body["user_id"].(string)
	switch parts[0] {
	case "join":
		return hs.join(user, room)
	case "leave":
		hs.members[room][user] = event.MembershipLeave
	case "invite":
		hs.members[room][id.UserID(target)] = event.MembershipInvite
	case "kick":
		if hs.members[room][id.UserID(target)] == "" {
			return 403, object{"errcode": "M_FORBIDDEN", "error": "The target user is not in the room"}
		}
		hs.members[room][id.UserID(target)] = event.MembershipLeave
	case "joined_members":
		joined := object{}
		for member, membership := range hs.members[room] {
			if membership == event.MembershipJoin {
				joined[member.String()] = object{}
			}
		}
		return 200, object{"joined": joined}
	case "members":
		chunk := []object{}
		for member, membership := range hs.members[room] {
			chunk = append(chunk, object{"type": "m.room.member", "state_key": member, "sender": member, "content": object{"membership": membership}})
		}
		return 200, object{"chunk": chunk}
	case "receipt":
		hs.receipts = append(hs.receipts, user.String()+" "+parts[2])
	case "read_markers":
		read, _ := body["m.read"].(string)
		hs.receipts = append(hs.receipts, user.String()+" "+read)
	case "send", "redact":
		if parts[0] == "redact" {
			body["redacts"], parts = parts[1], []string{"redact", event.EventRedaction.Type, parts[2]}
		}
		return hs.send(user, room, parts[1], parts[2], body)
	case "event":
		for _, evt := range hs.events {
			if evt.ID == id.EventID(parts[1]) && evt.Room == room {
				return 200, object{
					"event_id": evt.ID, "room_id": evt.Room, "sender": evt.Sender, "type": evt.Type, "content": evt.Content, "unsigned": hs.unsigned(evt.ID),
				}
			}
		}
		return 404, object{"errcode": "M_NOT_FOUND"}
	case "messages":
		return 200, hs.messages(user, room)
	case "state":
		if len(parts) == 1 {
			return hs.state(user, room)
		}
		return hs.oneState(method, user, stateChange{Room: room, Type: parts[1], Key: strings.Join(parts[2:], "/"), Sender: user, Content: body})
	}
	return 200, object{}
}

// unsigned is what the homeserver adds to an event: the redaction that took its content. hs.mu is held.
func (hs *homeserver) unsigned(eventID id.EventID) object {
	for _, evt := range hs.events {
		if evt.Content["redacts"] == eventID.String() {
			return object{"redacted_because": object{"event_id": evt.ID, "sender": evt.Sender, "type": evt.Type, "content": evt.Content}}
		}
	}
	return object{}
}

// messages are a room's events, newest first, with the transaction IDs that Synapse shows their sender for ever.
func (hs *homeserver) messages(user id.UserID, room id.RoomID) object {
	chunk := []object{}
	for _, evt := range slices.Backward(hs.events) {
		if evt.Room == room {
			chunk = append(chunk, evt.seenBy(user))
		}
	}
	return object{"chunk": chunk}
}

func (e sentEvent) seenBy(user id.UserID) object {
	seen := object{"event_id": e.ID, "type": e.Type, "sender": e.Sender, "content": e.Content, "origin_server_ts": time.Now().UnixMilli()}
	if e.Sender == user {
		seen["unsigned"] = object{"transaction_id": e.TxnID}
	}
	return seen
}

// sync tells a user what came into the rooms after a position, which is the number of events so far.
func (hs *homeserver) sync(user id.UserID, since string) (int, any) {
	if user == id.NewUserID("puente", testDomain) {
		return 500, object{"errcode": "M_UNKNOWN", "error": "Internal server error"} // as Synapse answers the application service itself
	}
	from := len(hs.events)
	if since != "" {
		if _, err := fmt.Sscanf(since, "s%d", &from); err != nil {
			return 400, object{"errcode": "M_UNKNOWN", "error": "Invalid stream token"}
		}
	}
	join := map[id.RoomID]object{}
	for _, evt := range hs.events[from:] {
		if hs.members[evt.Room][user] != event.MembershipJoin {
			continue
		}
		if join[evt.Room] == nil {
			join[evt.Room] = object{"timeline": object{"events": []object{}}}
		}
		timeline := join[evt.Room]["timeline"].(object)
		timeline["events"] = append(timeline["events"].([]object), evt.seenBy(user))
	}
	return 200, object{"next_batch": fmt.Sprintf("s%d", len(hs.events)), "rooms": object{"join": join}}
}

// says puts somebody's words into a room without handing them over to the hub.
func (hs *homeserver) says(room id.RoomID, sender id.UserID, content object) id.EventID {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.next++
	eventID := id.EventID(fmt.Sprintf("$kept%d", hs.next))
	hs.events = append(hs.events, sentEvent{ID: eventID, Room: room, Sender: sender, Type: event.EventMessage.Type, Content: content})
	return eventID
}

// send deduplicates transaction IDs per user, as Synapse does.
func (hs *homeserver) send(user id.UserID, room id.RoomID, eventType, txnID string, content object) (int, any) {
	if hs.members[room][user] != event.MembershipJoin {
		return 403, object{"errcode": "M_FORBIDDEN", "error": "User not in room"}
	}
	key := user.String() + " " + txnID
	if known, ok := hs.byTxn[key]; ok {
		return 200, object{"event_id": known}
	}
	hs.next++
	eventID := id.EventID(fmt.Sprintf("$event%d", hs.next))
	hs.byTxn[key] = eventID
	hs.events = append(hs.events, sentEvent{ID: eventID, Room: room, Sender: user, Type: eventType, TxnID: txnID, Content: content})
	return 200, object{"event_id": eventID}
}

// push sends a transaction to the hub and returns the status of the answer.
func push(tb testing.TB, h *Hub, txnID, token, body string) int {
	tb.Helper()
	req, err := http.NewRequest(http.MethodPut, h.URL()+"/_matrix/app/v1/transactions/"+txnID, bytes.NewReader([]byte(body)))
	if err != nil {
		tb.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	status, _ := do(tb, req)
	return status
}

// do makes a request and returns the status and the body of the answer; it leaves no connection open.
func do(tb testing.TB, req *http.Request) (int, string) {
	tb.Helper()
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var text bytes.Buffer
	if _, err = text.ReadFrom(resp.Body); err != nil {
		tb.Fatal(err)
	}
	return resp.StatusCode, text.String()
}
