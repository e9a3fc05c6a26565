package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

// watcher stands between Puente and the homeserver and notes what is asked.
type watcher struct {
	url    string
	next   http.Handler
	server *http.Server
	done   chan struct{}

	mu       sync.Mutex
	requests []string // since the last take
	room     []byte   // the body of the last createRoom
}

func watch(homeserver string) (*watcher, error) {
	next, err := forward(homeserver)
	if err != nil {
		return nil, err
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &watcher{url: "http://" + socket.Addr().String(), next: next, done: make(chan struct{})}
	w.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: w}
	go func() {
		defer close(w.done)
		_ = w.server.Serve(socket) // ends with stop
	}()
	return w, nil
}

func (w *watcher) stop() {
	_ = w.server.Close()
	<-w.done
}

func (w *watcher) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.note(r)
	w.next.ServeHTTP(out, r)
}

func (w *watcher) note(r *http.Request) {
	var body []byte
	if strings.HasSuffix(r.URL.Path, "/createRoom") {
		body, _ = io.ReadAll(r.Body) // a broken request is refused by the homeserver
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, r.Method+" "+r.URL.Path)
	if body != nil {
		w.room = body
	}
}

func (w *watcher) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.requests
	w.requests = nil
	return taken
}

// contact measures a first contact: from a stranger's webhook until the message stands in a new room with the
// customer and the agents in it or invited. The peer asks the homeserver for the same room and lets the same ghost
// join, with nothing else done.
func (s *site) contact(ctx context.Context) (err error) {
	between, err := watch(s.homeserver)
	if err != nil {
		return err
	}
	defer between.stop()
	direct := s.homeserver
	s.homeserver = between.url
	err = s.restart(ctx, func() error { return nil })
	s.homeserver = direct
	if err != nil {
		return err
	}
	if _, err = s.meet(ctx, between); err != nil { // whose turn may be later than the peer's, who makes the same room
		return err
	}
	var arriving, showing [][]string
	bridged := func(ctx context.Context, _ int) (float64, error) {
		one, err := s.meet(ctx, between)
		arriving, showing = append(arriving, one.arriving), append(showing, one.showing)
		return one.took, err
	}
	peers := raw{base: between.url, client: s.raw.client, txn: s.raw.txn}
	figures, err := s.compare(ctx, s.contacts, s.databases.kind+", first contact, ms",
		peer{"Puente", bridged}, peer{"raw", func(ctx context.Context, round int) (float64, error) { return s.makeRoom(ctx, peers, between, round) }})
	if err != nil {
		return err
	}
	row := Row{Scenario: "first contact", Database: s.databases.kind, Unit: "ms"}
	row.against(figures[0], figures[1], nil)
	row.goal("≤ 1.5 of createRoom and join", row.RawRatio.Median <= 1.5)
	s.add(row)
	s.addRequests("first contact", arriving, "≤ 6", 6)
	s.addRequests("first contact, what the desk shows after it", showing, "", 0)
	return s.restart(ctx, func() error { return nil })
}

// addRequests adds how many requests something takes, with the requests themselves. What Puente asks from time to time,
// or once after its start, falls into few of the rounds: the median has none of it.
func (s *site) addRequests(scenario string, asked [][]string, target string, most int) {
	slices.SortFunc(asked, func(a, b []string) int { return len(a) - len(b) })
	ordinary := asked[len(asked)/2]
	row := Row{
		Scenario: scenario, Database: s.databases.kind, Unit: "requests", Puente: float64(len(ordinary)), Note: strings.Join(ordinary, ", "),
	}
	if target != "" {
		row.goal(target, len(ordinary) <= most)
	}
	s.add(row)
}

// met is what a first contact took.
type met struct {
	took     float64  // milliseconds until the message stood in its room
	arriving []string // the requests until then
	showing  []string // those after it, until the room shows all that the desk knows
}

// meet has a stranger write.
func (s *site) meet(ctx context.Context, between *watcher) (one met, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stranger, err := s.provider.customer()
	if err != nil {
		return one, err
	}
	before, err := s.puente.messages(ctx)
	if err != nil {
		return one, err
	}
	between.take()
	began := time.Now()
	if err = s.provider.post(ctx, stranger, words); err != nil {
		return one, err
	}
	if err = until(ctx, "messages in rooms", before+1, s.puente.messages); err != nil {
		return one, err
	}
	one.took = milliseconds(time.Since(began))
	one.arriving = between.take()
	err = s.settle(ctx)
	one.showing = between.take()
	return one, err
}

// makeRoom makes the same room as Puente's last one, for another ghost.
func (s *site) makeRoom(ctx context.Context, peers raw, between *watcher, round int) (float64, error) {
	between.mu.Lock()
	var room object
	err := json.Unmarshal(between.room, &room)
	between.mu.Unlock()
	if err != nil {
		return 0, fmt.Errorf("read what Puente asked for: %w", err)
	}
	ghost := as{token: asToken, user: id.NewUserID(fmt.Sprintf("puente_whatsapp_raw%d", round), domain)}
	registration := object{"type": "m.login.application_service", "username": ghost.user.Localpart(), "inhibit_login": true}
	if err = peers.call(ctx, as{token: asToken}, http.MethodPost, "register", registration, nil); err != nil {
		return 0, err
	}
	name := "profile/" + url.PathEscape(ghost.user.String()) + "/displayname"
	if err = peers.call(ctx, ghost, http.MethodPut, name, object{"displayname": "Customer"}, nil); err != nil {
		return 0, err
	}
	delete(room, "room_alias_name") // a name that there is once
	room["invite"] = inviting(room["invite"], ghost.user)
	var made struct {
		ID id.RoomID `json:"room_id"`
	}
	began := time.Now()
	if err = peers.call(ctx, as{token: asToken, user: botID}, http.MethodPost, "createRoom", room, &made); err != nil {
		return 0, err
	}
	err = peers.join(ctx, ghost, made.ID)
	took := milliseconds(time.Since(began))
	if err == nil {
		err = s.settle(ctx)
	}
	return took, err
}

// inviting puts a ghost in the place of the one who was invited.
func inviting(invited any, ghost id.UserID) []string {
	list := []string{ghost.String()}
	people, _ := invited.([]any)
	for _, one := range people {
		if user, _ := one.(string); user != "" && !strings.HasPrefix(user, "@puente_whatsapp_") {
			list = append(list, user)
		}
	}
	return list
}
