package send

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

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

// start is a Monday.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const (
	anna  = "@anna:example.com"
	ben   = "@ben:example.com"
	guest = "@partner:elsewhere.org"
)

// world is a gate with all that it asks, on a fresh database, with a clock that stands still.
type world struct {
	*Gate
	t     *testing.T
	ctx   context.Context
	db    *dbutil.Database
	time  *clock.Manual
	rooms *teamrooms.Rooms
	count int
}

// each runs a test on both databases. Whoever answers what is nobody's gets it if the policy is not Anyone's.
func each(t *testing.T, policy Policy, test func(w *world)) {
	t.Helper()
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		handle, now := fresh.Open(t), clock.NewManual(start)
		w := &world{t: t, ctx: context.Background(), db: handle, time: now, rooms: teamrooms.New(channel.Party{ID: anna, Name: "Anna Martín"}, channel.Party{ID: ben, Name: "Ben"})}
		log := audit.New(handle)
		customers := customer.New(handle, log, now)
		ledger, err := consent.New(handle, log, now, consent.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.Gate = New(Options{
			Policy: policy, Customers: customers, Consent: ledger, Rooms: w.rooms, Clock: now, Log: zerolog.Nop(),
			Inbox: inbox.New(inbox.Options{
				Settings: inbox.Settings{ClaimOnAnswer: true}, DB: handle, Customers: customers, Audit: log, Rooms: w.rooms, Clock: now, Log: zerolog.Nop(),
			}),
		})
		test(w)
	})
}

// fact is a subtest whose failures are its own.
func (w *world) fact(name string, test func(w *world)) {
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

// hear tells the inbox and the gate of something, as the program does.
func (w *world) hear(evt channel.Event) {
	w.t.Helper()
	w.must(w.Inbox.HandleChannelEvent(w.ctx, evt))
	w.must(w.HandleChannelEvent(w.ctx, evt))
}

func (w *world) next(prefix string) string {
	w.count++
	return fmt.Sprintf("%s%d", prefix, w.count)
}

// meets opens a conversation with a customer, who writes.
func (w *world) meets(network, person, name string) channel.Ref {
	w.t.Helper()
	chat := w.next("chat")
	ref := channel.Ref{Network: network, Account: "first", Chat: chat, Room: "!" + chat}
	w.hear(channel.PortalOpened{Base: channel.Base{Ref: ref, Key: "opened:" + chat, At: w.time.Now()}, Customer: channel.Party{ID: person, Name: name}})
	w.writes(ref, person, "hello")
	return ref
}

// group opens a conversation with several customers.
func (w *world) group() channel.Ref {
	w.t.Helper()
	chat := w.next("group")
	ref := channel.Ref{Network: "whatsapp", Account: "first", Chat: chat, Room: "!" + chat}
	w.hear(channel.PortalOpened{Base: channel.Base{Ref: ref, Key: "opened:" + chat, At: w.time.Now()}, Customer: channel.Party{Name: "The family"}, Group: true})
	return ref
}

// writes is a customer's message, a second after what was before.
func (w *world) writes(ref channel.Ref, person, text string) channel.MessageIn {
	w.t.Helper()
	w.time.Advance(time.Second)
	id := w.next("$in")
	evt := channel.MessageIn{
		Base: channel.Base{Ref: ref, Key: "in:" + id, At: w.time.Now()}, ID: id, From: channel.Party{ID: person}, Content: channel.Content{Kind: "text", Text: text},
	}
	w.hear(evt)
	return evt
}

// in is the conversation of a room.
func (w *world) in(ref channel.Ref) *inbox.Conversation {
	w.t.Helper()
	found, err := w.Inbox.Find(w.ctx, ref.Room)
	w.must(err)
	return found
}

// of is the customer of a conversation.
func (w *world) of(ref channel.Ref) string { return w.in(ref).Customer }

// agrees records what a customer said of a purpose.
func (w *world) agrees(ref channel.Ref, purpose consent.Purpose, state consent.State) {
	w.t.Helper()
	w.time.Advance(time.Second)
	_, err := w.Consent.Record(w.ctx, consent.Entry{
		Key: w.next("key"), Customer: w.of(ref), Network: ref.Network, Purpose: purpose, State: state, Source: consent.Agent, By: anna, At: w.time.Now(),
	})
	w.must(err)
}

// secret is what no error may tell.
const secret = "4711"

// text is what somebody writes.
func (w *world) text(ref channel.Ref, who string) channel.Outgoing {
	return channel.Outgoing{
		Ref: ref, ID: w.next("$out"), From: channel.Party{ID: who}, Content: channel.Content{Kind: "text", Text: secret},
		Rules: channel.Rules{FreeTextWindow: 24 * time.Hour, Templates: true}, At: w.time.Now(),
	}
}

// template is an approved one that somebody sends.
func (w *world) template(ref channel.Ref, who, name string) channel.Outgoing {
	out := w.text(ref, who)
	out.Template = name
	return out
}

// passes checks that something may leave.
func (w *world) passes(out channel.Outgoing) {
	w.t.Helper()
	if err := w.MayLeave(w.ctx, out); err != nil {
		w.t.Errorf("it was refused: %v (%s)", err, errs.Message(err))
	}
}

// refused checks that something may not leave, for good, and in which words that is told.
func (w *world) refused(out channel.Outgoing, words string) {
	w.t.Helper()
	err := w.MayLeave(w.ctx, out)
	if _, again := errs.IsTemporary(err); again || !errors.Is(err, errs.ErrForbidden) || errs.Message(err) != words {
		w.t.Errorf("it was answered with %v, in the words\n%s\nand not\n%s", err, errs.Message(err), words)
	}
	if strings.Contains(fmt.Sprint(err, errs.Message(err)), secret) {
		w.t.Errorf("the error tells what was written: %v", err)
	}
}

// later checks that something is to be asked again.
func (w *world) later(out channel.Outgoing) {
	w.t.Helper()
	err := w.MayLeave(w.ctx, out)
	if _, again := errs.IsTemporary(err); !again {
		w.t.Errorf("it was answered with %v", err)
	}
}

// without does something while a table is not there.
func (w *world) without(table string, do func()) {
	w.t.Helper()
	rename := func(from, to string) {
		_, err := w.db.Exec(w.ctx, "ALTER TABLE "+from+" RENAME TO "+to)
		w.must(err)
	}
	rename(table, table+"_gone")
	do()
	rename(table+"_gone", table)
}
