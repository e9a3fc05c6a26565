package route

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
	"puente/core/desk/inbox"
	"puente/core/testkit/db"
	"puente/core/testkit/teamrooms"
)

const (
	anna = "@anna:example.com"
	day  = 24 * time.Hour
)

// world is a router with all that it asks, on a fresh database, with a clock that stands still.
type world struct {
	*Router
	t     *testing.T
	ctx   context.Context
	time  *clock.Manual
	rooms *teamrooms.Rooms
	count int
}

// each runs a test on both databases.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		handle, now := fresh.Open(t), clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		w := &world{t: t, ctx: context.Background(), time: now, rooms: teamrooms.New(channel.Party{ID: anna, Name: "Anna Martín"})}
		log := audit.New(handle)
		customers := customer.New(handle, log, now)
		ledger, err := consent.New(handle, log, now, consent.Options{Policy: consent.DefaultPolicy()})
		w.must(err)
		w.Router = New(Options{
			Fallback: true, Called: called(), DB: handle, Customers: customers, Consent: ledger, Audit: log, Rooms: w.rooms, Clock: now, Log: zerolog.Nop(),
			Inbox: inbox.New(inbox.Options{DB: handle, Customers: customers, Audit: log, Rooms: w.rooms, Clock: now, Log: zerolog.Nop()}),
		})
		test(w)
	})
}

// called are the networks of the tests.
func called() []Called {
	return []Called{
		{Network: "whatsapp", Name: "WhatsApp", Also: []string{"WA", "ватсап"}}, {Network: "telegram", Name: "Telegram", Also: []string{"TG", "تلغرام"}},
		{Network: "signal", Name: "Signal"},
	}
}

// fact is a subtest whose failures are its own.
func (w *world) fact(name string, test func(w *world)) {
	w.t.Helper()
	w.t.Run(name, func(t *testing.T) {
		inner := *w
		inner.t = t
		defer func() { w.count = inner.count }()
		test(&inner)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) next(prefix string) string {
	w.count++
	return fmt.Sprintf("%s%03d", prefix, w.count)
}

// hear tells the inbox and the router of something, as the program does.
func (w *world) hear(evt channel.Event) {
	w.t.Helper()
	w.must(w.Inbox.HandleChannelEvent(w.ctx, evt))
	w.must(w.HandleChannelEvent(w.ctx, evt))
}

// meets opens a conversation with a customer, who writes.
func (w *world) meets(network, person, name string) channel.Ref {
	w.t.Helper()
	chat := w.next("chat")
	ref := channel.Ref{Network: network, Account: "first", Chat: chat, Room: "!" + chat}
	w.hear(channel.PortalOpened{Base: channel.Base{Ref: ref, Key: "opened:" + chat, At: w.time.Now()}, Customer: channel.Party{ID: person, Name: name}})
	w.writes(ref, person, name, channel.Content{Kind: "text", Text: "hello"})
	return ref
}

// writes is what a customer does, a second after what was before; its ID comes back.
func (w *world) writes(ref channel.Ref, person, name string, said channel.Content) string {
	w.t.Helper()
	w.time.Advance(time.Second)
	id := w.next("$in")
	w.hear(channel.MessageIn{Base: channel.Base{Ref: ref, Key: "in:" + id, At: w.time.Now()}, ID: id, From: channel.Party{ID: person, Name: name}, Content: said})
	return id
}

// answers is what one of the team does, or Puente (""); its ID comes back.
func (w *world) answers(ref channel.Ref, who string, said channel.Content) string {
	w.t.Helper()
	w.time.Advance(time.Second)
	id := w.next("$out")
	w.hear(channel.MessageOut{Base: channel.Base{Ref: ref, Key: "out:" + id, At: w.time.Now()}, ID: id, From: channel.Party{ID: who}, Content: said})
	return id
}

// fails is that a message does not arrive.
func (w *world) fails(ref channel.Ref, id string) {
	w.t.Helper()
	w.hear(channel.StatusChanged{Base: channel.Base{Ref: ref, Key: "status:" + id, At: w.time.Now()}, ID: id, State: channel.Failed, Reason: "the phone is off."})
}

// in is the conversation of a room.
func (w *world) in(ref channel.Ref) *inbox.Conversation {
	w.t.Helper()
	found, err := w.Inbox.Find(w.ctx, ref.Room)
	w.must(err)
	return found
}

// of is the customer of a conversation.
func (w *world) of(ref channel.Ref) customer.Customer {
	w.t.Helper()
	found, err := w.Customers.Get(w.ctx, w.in(ref).Customer)
	w.must(err)
	return found
}

// does gives a command in a room, or in a chat (zero), and returns what is said to it.
func (w *world) does(ref channel.Ref, name, text string) string {
	w.t.Helper()
	w.time.Advance(time.Second)
	answer, err := w.Run(w.ctx, channel.Command{Ref: ref, ID: w.next("$cmd"), By: channel.Party{ID: anna, Name: "Anna Martín"}, Name: name, Text: text, At: w.time.Now()})
	if err == nil {
		return answer
	} else if _, again := errs.IsTemporary(err); again || errs.Message(err) == "" {
		w.t.Fatalf("%s: %v", name, err)
	}
	return "refused: " + errs.Message(err)
}

var errNo = errors.New("no")
