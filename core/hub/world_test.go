package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/goleak"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/journal"
	"puente/core/desk/channel"
	"puente/core/hub/network"
	"puente/core/testkit/db"
)

const (
	ana      = id.UserID("@ana:" + testDomain)
	berta    = id.UserID("@berta:" + testDomain)
	operator = id.UserID("@oscar:" + testDomain)
)

// ear is a business floor that remembers what it is told.
type ear struct {
	mu     sync.Mutex
	events []channel.Event
	fail   func(channel.Event) error
}

func (e *ear) HandleChannelEvent(_ context.Context, evt channel.Event) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail != nil {
		if err := e.fail(evt); err != nil {
			return err
		}
	}
	e.events = append(e.events, evt)
	return nil
}

func (e *ear) failWith(fail func(channel.Event) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fail = fail
}

func (e *ear) heard() []channel.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]channel.Event(nil), e.events...)
}

// ofKind returns the events of one type.
func ofKind[T channel.Event](e *ear) (list []T) {
	for _, evt := range e.heard() {
		if found, ok := evt.(T); ok {
			list = append(list, found)
		}
	}
	return list
}

// world is a hub with two toy networks, a homeserver, a business floor and a database.
type world struct {
	testing.TB
	ctx     context.Context
	hs      *homeserver
	db      *dbutil.Database
	journal *journal.Journal
	hub     *Hub
	opts    Options
	desk    *ear
	red     *toy
	blue    *toy
	sent    int           // events pushed so far
	grace   time.Duration // of the journal's Stop; 0: its own
	most    int           // own failures of an entry; 0: no limit
}

// each runs a test in a started world on both databases and looks for goroutines that are left.
func each(t *testing.T, change func(*world), test func(w *world)) {
	t.Helper()
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		t.Helper()
		in(t, fresh, change, test)
	})
}

// alone runs a test on one database only, the one that the environment chooses.
func alone(t *testing.T, change func(*world), test func(w *world)) {
	t.Helper()
	in(t, db.Chosen(t), change, test)
}

func in(t *testing.T, fresh db.Fresh, change func(*world), test func(w *world)) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	w := newWorld(t, fresh.Open(t))
	if change != nil {
		change(w)
	}
	w.start()
	w.firstLook()
	w.connect()
	test(w)
}

// firstLook waits until the hub has looked into the rooms, so that what it asks of the homeserver from now on is the test's
// doing.
func (w *world) firstLook() {
	w.Helper()
	w.until("a first look", func() bool {
		var looks int
		w.must(w.db.QueryRow(w.ctx, "SELECT COUNT(*) FROM pu_sync_position WHERE next_batch<>''").Scan(&looks))
		return looks == 1+len(w.hub.bridges) // of @puente and of each bridge's bot
	})
}

func newWorld(tb testing.TB, handle *dbutil.Database) *world {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	tb.Cleanup(cancel)
	w := &world{TB: tb, ctx: ctx, hs: newHomeserver(tb), db: handle, desk: &ear{}, red: newToy("red"), blue: newToy("blue")}
	w.opts = Options{
		Identity: Identity{
			Names: Names{Domain: testDomain, Bot: "puente", Prefix: "puente_"},
			ID:    "puente", Homeserver: w.hs.URL, Address: "http://127.0.0.1:1", ASToken: testASToken, HSToken: testHSToken,
		},
		Listen: "127.0.0.1:0", Agents: AgentOptions{Users: []id.UserID{ana, berta}, Operators: []id.UserID{operator}},
		ProvisioningSecret: "a-shared-secret-of-tests", Networks: []network.Network{w.red.network(), w.blue.network()},
		NetworkConfig: func(string, any) error { return nil }, DB: handle, Listener: w.desk, Clock: clock.System{}, Log: zerolog.Nop(),
	}
	return w
}

// make builds the hub; nothing runs yet.
func (w *world) make() {
	w.Helper()
	w.journal = journal.New(w.db, journal.Options{
		Clock: clock.System{}, Log: zerolog.Nop(), Backoff: func(int) time.Duration { return time.Millisecond }, Grace: w.grace, Gather: time.Millisecond,
		MaxAttempts: w.most,
	})
	w.opts.Journal = w.journal
	var err error
	w.hub, err = New(w.opts)
	w.must(err)
	w.hub.lull.after = time.Millisecond
}

func (w *world) start() {
	w.Helper()
	w.make()
	stopped := w.hub
	w.Cleanup(func() { stopped.Stop() })
	w.must(w.hub.Start(w.ctx))
}

// restart stops the hub and starts another on the same database.
func (w *world) restart() {
	w.Helper()
	w.hub.Stop()
	w.start()
}

// connect logs the business into both networks.
func (w *world) connect() {
	w.Helper()
	for _, b := range w.hub.bridges {
		user, err := b.owner(w.ctx)
		w.must(err)
		b.watch.expect("account") // no news to the operators
		login, err := user.NewLogin(w.ctx, &database.UserLogin{ID: "account", RemoteName: "The company"}, nil)
		w.must(err)
		login.Client.Connect(w.ctx)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// until waits for a fact.
func (w *world) until(what string, fact func() bool) {
	w.Helper()
	for !fact() {
		select {
		case <-w.ctx.Done():
			w.Fatalf("never came: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// settled waits until nothing waits in the journal.
func (w *world) settled() {
	w.Helper()
	w.until("an empty journal", func() bool {
		counts, err := w.journal.Counts(w.ctx)
		w.must(err)
		waiting, _ := waitingAndFailed(counts)
		return waiting == 0
	})
}

func (w *world) failed() []journal.Record {
	w.Helper()
	list, err := w.journal.List(w.ctx, journal.Filter{State: journal.Failed})
	w.must(err)
	return list
}

// customer has a customer write on a network and returns the room.
func (w *world) customer(t *toy, chat, words string) id.RoomID {
	w.Helper()
	w.sent++
	w.must(t.tell(news{Chat: chat, From: chat, ID: fmt.Sprintf("%s-%d", chat, w.sent), Parts: []string{words}}))
	return w.room(t, chat)
}

func (w *world) room(t *toy, chat string) id.RoomID {
	w.Helper()
	portal, err := t.bridge.GetExistingPortalByKey(w.ctx, news{Chat: chat}.key())
	w.must(err)
	if portal == nil || portal.MXID == "" {
		w.Fatalf("chat %s has no room", chat)
	}
	return portal.MXID
}

// evt pushes an event as the homeserver does, and returns its ID.
func (w *world) evt(room id.RoomID, sender id.UserID, eventType event.Type, content any, extra ...object) id.EventID {
	w.Helper()
	w.sent++
	eventID := id.EventID(fmt.Sprintf("$pushed%d", w.sent))
	evt := object{
		"event_id": eventID, "room_id": room, "sender": sender, "type": eventType.Type, "origin_server_ts": 1_700_000_000_000, "content": content,
	}
	for _, more := range extra {
		for key, value := range more {
			evt[key] = value
		}
	}
	w.push(object{"events": []any{evt}})
	return eventID
}

func (w *world) push(txn any) {
	w.Helper()
	w.sent++
	body, err := json.Marshal(txn)
	w.must(err)
	if status := push(w, w.hub, fmt.Sprintf("txn%d", w.sent), testHSToken, string(body)); status != 200 {
		w.Fatalf("transaction was answered with %d", status)
	}
}

// says has an agent write, and waits until that is dealt with.
func (w *world) says(room id.RoomID, who id.UserID, words string) id.EventID {
	w.Helper()
	eventID := w.evt(room, who, event.EventMessage, object{"msgtype": "m.text", "body": words})
	w.settled()
	return eventID
}

// statuses are what the room is shown of an event, in order.
func (w *world) statuses(room id.RoomID, eventID id.EventID) (list []string) {
	for _, evt := range w.hs.sent(room, event.BeeperMessageStatus) {
		if about, _ := evt.Content["m.relates_to"].(map[string]any); about["event_id"] == eventID.String() {
			list = append(list, evt.Content["status"].(string))
		}
	}
	return list
}

// notices are what the bridge's bot and @puente say in a room.
func (w *world) notices(room id.RoomID) (list []string) {
	for _, evt := range w.hs.sent(room, event.EventMessage) {
		if evt.Content["msgtype"] == "m.notice" {
			list = append(list, strings.NewReplacer("*", "", "`", "").Replace(evt.body()))
		}
	}
	return list
}

var errToy = errors.New("the toy network fails")

var errDeadline = context.DeadlineExceeded
