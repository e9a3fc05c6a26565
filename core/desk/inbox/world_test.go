package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
	"puente/core/desk/hours"
	"puente/core/testkit/db"
)

// start is a Monday.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const (
	anna = "@anna:example.com"
	ben  = "@ben:example.com"
	cleo = "@cleo:example.com"
)

func everybody() []channel.Party {
	return []channel.Party{{ID: anna, Name: "Anna Martín"}, {ID: ben, Name: "Ben"}, {ID: cleo, Name: "Cleo"}}
}

// shop are settings with everything in use; nobody is given a conversation by itself.
func shop() Settings {
	return Settings{
		Teams: []Team{
			{Name: "Sales", Members: []string{anna, ben}, Channels: []string{"whatsapp"}},
			{Name: "Support", Members: []string{cleo}, Channels: []string{"telegram", "whatsapp/second"}},
		},
		OfflineGrace: 10 * time.Minute, WaitingLong: time.Hour, Views: Views(), Buttons: true,
	}
}

// world is an inbox on a fresh database, with a clock that stands still.
type world struct {
	*Inbox
	t     *testing.T
	ctx   context.Context
	time  *clock.Manual
	rooms *rooms
	count int // of events and chats
}

// each runs a test on both databases and looks for goroutines that are left; change may be nil.
func each(t *testing.T, change func(*Settings), test func(w *world)) {
	t.Helper()
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		handle, now, settings := fresh.Open(t), clock.NewManual(start), shop()
		before := goleak.IgnoreCurrent()
		t.Cleanup(func() { goleak.VerifyNone(t, before) })
		if change != nil {
			change(&settings)
		}
		w := &world{t: t, ctx: context.Background(), time: now, rooms: newRooms(everybody()...)}
		log := audit.New(handle)
		ledger, err := consent.New(handle, log, now, consent.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.Inbox = New(Options{
			Settings: settings, DB: handle, Customers: customer.New(handle, log, now), Consent: ledger, Audit: log, Rooms: w.rooms, Clock: now, Log: zerolog.Nop(),
		})
		test(w)
	})
}

// fact is a subtest whose failures are its own.
func (w *world) fact(name string, test func(w *world)) {
	w.t.Run(name, func(t *testing.T) {
		inner := *w
		inner.t = t
		defer func() { w.count, w.Inbox = inner.count, inner.Inbox }()
		test(&inner)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused checks that an error is of a kind, that whoever asked is told the words, and that nobody tries again.
func (w *world) refused(err, kind error, words string) {
	w.t.Helper()
	if _, again := errs.IsTemporary(err); !errors.Is(err, kind) || again {
		w.t.Errorf("the error is %v", err)
	}
	if !strings.Contains(errs.Message(err), words) {
		w.t.Errorf("who asked is told %q, without %q", errs.Message(err), words)
	}
}

// next is a name that was not used before.
func (w *world) next(prefix string) string {
	w.count++
	return fmt.Sprintf("%s%d", prefix, w.count)
}

// meets opens a conversation with a new customer on a network.
func (w *world) meets(network, name string) *Conversation {
	w.t.Helper()
	chat := w.next("chat")
	return w.opens(channel.PortalOpened{
		Base:     channel.Base{Ref: channel.Ref{Network: network, Account: "first", Chat: chat, Room: "!" + chat}, At: w.time.Now()},
		Customer: channel.Party{ID: chat, Name: name},
	})
}

// opens tells of a room, and returns its conversation.
func (w *world) opens(evt channel.PortalOpened) *Conversation {
	w.t.Helper()
	w.must(w.HandleChannelEvent(w.ctx, evt))
	c, err := w.Find(w.ctx, evt.Ref.Room)
	w.must(err)
	return c
}

// writes is a customer's message, a second after what was before.
func (w *world) writes(c *Conversation) channel.MessageIn {
	w.t.Helper()
	w.time.Advance(time.Second)
	evt := channel.MessageIn{
		Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: w.next("$in"),
		From: channel.Party{ID: c.Ref.Chat, Name: c.Name}, Content: channel.Content{Kind: "text", Text: "hello"},
	}
	w.must(w.HandleChannelEvent(w.ctx, evt))
	return evt
}

// answers is an agent's message, a second after what was before.
func (w *world) answers(c *Conversation, agent string) channel.MessageOut {
	w.t.Helper()
	w.time.Advance(time.Second)
	evt := channel.MessageOut{
		Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: w.next("$out"),
		From: channel.Party{ID: agent}, Content: channel.Content{Kind: "text", Text: "hello"},
	}
	w.must(w.HandleChannelEvent(w.ctx, evt))
	return evt
}

// now is what the database says of a conversation.
func (w *world) now(c *Conversation) *Conversation {
	w.t.Helper()
	found, err := w.store.byID(w.ctx, c.ID)
	w.must(err)
	return found
}

// is checks whose a conversation is, and what is to be done about it.
func (w *world) is(c *Conversation, status Status, assignee string) {
	w.t.Helper()
	if found := w.now(c); found.Status != status || found.Assignee != assignee {
		w.t.Errorf("the conversation is %s, and %q's", found.Status, found.Assignee)
	}
}

// deeds are what the audit log tells of a conversation, oldest first.
func (w *world) deeds(c *Conversation) []audit.Entry {
	w.t.Helper()
	list, err := w.Audit.Of(w.ctx, "conversation", c.ID, 100)
	w.must(err)
	slices.Reverse(list)
	return list
}

// reads is one number from the database.
func (w *world) reads(query string, args ...any) (n int64) {
	w.t.Helper()
	w.must(w.DB.QueryRow(w.ctx, query, args...).Scan(&n))
	return n
}

// show has the presenter look once.
func (w *world) show() {
	w.t.Helper()
	w.must(w.step(w.ctx))
}

// runs begins to show and to do what is due, until the test ends.
func (w *world) runs() {
	w.t.Helper()
	running := w.Inbox
	running.Start(w.ctx)
	w.t.Cleanup(running.Stop)
}

// restart is another inbox with the same settings on the same database.
func (w *world) restart() {
	w.Stop()
	w.Inbox = New(w.Options)
}

// until waits for a fact while the clock goes on, a second at a time.
func (w *world) until(what string, fact func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !fact(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("never came: %s", what)
		}
		w.time.Advance(time.Second)
	}
}

// open9to5 are hours from Monday to Friday.
func open9to5(t testing.TB, zone string) hours.Hours {
	t.Helper()
	week := map[string]string{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri"} {
		week[day] = "09:00-17:00"
	}
	plan, err := hours.Parse(hours.Plan{Timezone: zone, Week: week})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
