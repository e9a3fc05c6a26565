package bridgetest

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/goleak"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/person"
	"puente/core/testkit/synapse"
)

// patience bounds how long a check waits for a fact before it says that the fact never came.
const patience = 20 * time.Second

// startLimit bounds how long Puente may take to come up.
const startLimit = time.Minute

// world is one company with one network: its Puente, its agents and its customers. It serves all checks of a run.
type world struct {
	t        *testing.T // of the check that runs
	ctx      context.Context
	network  network.Network
	provider Provider
	traits   Traits
	server   *synapse.Server
	listen   string
	identity hub.Identity
	database store.Config
	book     *logbook
	words    *words
	before   goleak.Option // what ran before the run

	db         *dbutil.Database
	journal    *journal.Journal
	hub        *hub.Hub
	alice, bob *person.Person
	front      id.RoomID // alice's chat with @puente

	ana       *customer // who takes part in most checks
	room      id.RoomID // ana's
	ghost     id.UserID // ana, as the room knows her
	stuck     bool      // a check failed since she opened the room, and may have left it so
	customers []*customer
	providing bool
}

// customer is somebody on the network, with the room that the conversation has.
type customer struct {
	Customer
	name string
}

// begin brings the provider and Puente up.
func (w *world) begin() {
	w.t.Helper()
	w.must(w.provider.Start(w.ctx, "http://"+w.listen))
	w.providing = true
	w.start()
}

// start brings Puente up on the run's database, which outlives it.
func (w *world) start() {
	w.t.Helper()
	w.startAs(true)
}

// startDeaf brings up a Puente that takes things in and deals with none of them.
func (w *world) startDeaf() {
	w.t.Helper()
	w.startAs(false)
}

func (w *world) startAs(deals bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, startLimit)
	defer cancel()
	log := w.log()
	opened, err := store.Open(ctx, w.database, log)
	w.must(err)
	w.db = opened
	w.must(store.Upgrade(ctx, opened))
	w.journal = journal.New(opened, journal.Options{Log: log, Backoff: func(int) time.Duration { return 200 * time.Millisecond }})
	w.hub, err = hub.New(hub.Options{
		Identity: w.identity, Listen: w.listen, PublicURL: "http://" + w.listen,
		Agents:   hub.AgentOptions{Users: []id.UserID{w.alice.UserID, w.bob.UserID}, Operators: []id.UserID{w.alice.UserID}},
		Networks: []network.Network{w.network}, NetworkConfig: func(_ string, into any) error { return w.provider.Config(into) },
		Signature: hub.SignatureNone, Encryption: hub.EncryptionOff, ProvisioningSecret: provisioningSecret,
		DB: opened, Journal: w.journal, Clock: clock.System{}, Log: log,
	})
	w.must(err)
	if !deals {
		ended, end := context.WithCancel(w.ctx)
		end()
		w.journal.Start(ended) // before the hub does: entries are taken, none is begun
	}
	w.must(w.hub.Start(ctx))
}

// stop ends Puente as an operator does.
func (w *world) stop() {
	w.t.Helper()
	if w.hub != nil {
		w.hub.Stop()
		w.hub = nil
	}
	if w.db != nil {
		if err := w.db.Close(); err != nil {
			w.t.Errorf("close the database: %v", err)
		}
		w.db = nil
	}
}

// endAll ends whatever of the run still runs.
func (w *world) endAll() {
	w.stop()
	if w.providing {
		w.provider.Stop()
		w.providing = false
	}
	for _, who := range []**person.Person{&w.alice, &w.bob} {
		if *who != nil {
			(*who).Stop()
			*who = nil
		}
	}
}

// log keeps every line, and shows them too if PUENTE_TEST_LOG is set.
func (w *world) log() zerolog.Logger {
	log := zerolog.New(w.book).Level(zerolog.TraceLevel)
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		log = zerolog.New(zerolog.MultiLevelWriter(w.book, zerolog.NewTestWriter(w.t))).Level(zerolog.TraceLevel)
	}
	return log.With().Timestamp().Logger()
}

// must ends the check if something that it needs did not work.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// waiting is the context of one wait.
func (w *world) waiting() (context.Context, context.CancelFunc) {
	return context.WithTimeout(w.ctx, patience*time.Duration(max(w.traits.Patience, 1)))
}

// receives tells whether the network declares that the feature comes from customers.
func (w *world) receives(feature network.Feature) bool {
	for _, one := range w.network.Capabilities.Receives {
		if one == feature {
			return true
		}
	}
	return false
}

// features are those of the chat with one customer.
func (w *world) features() *event.RoomFeatures { return w.network.Capabilities.Chats[0].Features }

// customer is somebody new.
func (w *world) customer(who Person) *customer {
	w.t.Helper()
	made, err := w.provider.Customer(w.ctx, who)
	w.must(err)
	one := &customer{Customer: made, name: who.Name}
	w.customers = append(w.customers, one)
	return one
}

// does lets a customer do something that the network must know.
func (w *world) does(who *customer, act Act) string {
	w.t.Helper()
	messageID, err := who.Do(w.ctx, act)
	w.must(err)
	return messageID
}

// tries lets a customer do something that the network may not know; false if it does not.
func (w *world) tries(who *customer, act Act) (messageID string, known bool) {
	w.t.Helper()
	messageID, err := who.Do(w.ctx, act)
	if errors.Is(err, errs.ErrUnsupported) {
		return "", false
	}
	w.must(err)
	return messageID, true
}

// opens starts a customer's conversation and returns its room.
func (w *world) opens(who *customer) (id.RoomID, id.UserID) {
	w.t.Helper()
	text := w.words.phrase("hello")
	w.does(who, Say{Text: text})
	hello := w.sees("the first words of "+who.name, 0, person.Text(text))
	return hello.RoomID, hello.Sender
}

// sees waits until bob's client has an event, from a mark on, of which fact holds.
func (w *world) sees(what string, mark int, fact person.Fact) *event.Event {
	w.t.Helper()
	ctx, cancel := w.waiting()
	defer cancel()
	seen, err := w.bob.Sees(ctx, mark, what, fact)
	if err != nil {
		w.t.Fatalf("%v; since then came: %s", err, w.recent(mark))
	}
	return seen.Event
}

// shows waits until a customer's phone shows a message of which fact holds.
func (w *world) shows(who *customer, what string, fact func(Message) bool) Message {
	w.t.Helper()
	var found Message
	w.phone(who, what, func(p Phone) bool {
		for _, message := range p.Messages {
			if fact(message) {
				found = message
				return true
			}
		}
		return false
	})
	return found
}

// phone waits until fact holds for a customer's phone.
func (w *world) phone(who *customer, what string, fact func(Phone) bool) {
	w.t.Helper()
	ctx, cancel := w.waiting()
	defer cancel()
	if phone, err := who.Wait(ctx, fact); err != nil {
		w.t.Fatalf("the phone of %s did not show %s %v; it shows %s", who.name, what, person.InTime(ctx.Err()), phone.last(5))
	}
}

// gets waits for exactly this text of the business's.
func (w *world) gets(who *customer, text string) Message {
	w.t.Helper()
	return w.shows(who, "the text", func(m Message) bool { return m.FromBusiness && m.Text == text })
}

// now is what a customer's phone shows.
func (w *world) now(who *customer) Phone {
	w.t.Helper()
	phone, err := who.Wait(w.ctx, func(Phone) bool { return true })
	w.must(err)
	return phone
}

// copies counts the business's messages with this text on the phone.
func (w *world) copies(who *customer, text string) (count int) {
	w.t.Helper()
	for _, m := range w.now(who).Messages {
		if m.FromBusiness && m.Text == text {
			count++
		}
	}
	return count
}

// says lets bob write into a room.
func (w *world) says(room id.RoomID, text string) id.EventID {
	w.t.Helper()
	sent, err := w.bob.Say(w.ctx, room, text)
	w.must(err)
	return sent
}

// sends lets bob send an event into ana's room.
func (w *world) sends(kind event.Type, content any) id.EventID {
	w.t.Helper()
	sent, err := w.bob.Send(w.ctx, w.room, kind, content)
	w.must(err)
	return sent
}
