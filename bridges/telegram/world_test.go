package telegram_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/telegram"
	"puente/bridges/telegram/emulator"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
	"puente/core/testkit/db"
)

// patience bounds how long a test waits for a fact.
const patience = time.Minute

// world is the bridge in bridgev2 with a homeserver in memory, the emulator, and Ana, who has pressed Start.
type world struct {
	t         *testing.T
	ctx       context.Context
	home      *homeserverFake
	journal   *journalFake
	outcomes  *outcomesFake
	handles   *handlesFake
	operators *operatorsFake
	bridge    *bridgev2.Bridge
	connector network.Connector
	telegram  *emulator.Emulator
	login     *bridgev2.UserLogin
	ana       emulator.Customer
	chat      *emulator.Chat
	room      id.RoomID // Ana's
	sentSoFar int
	away      struct{ from, until time.Time } // when nobody listened
}

// newWorld starts everything. change may change the config; nil leaves it.
func newWorld(t *testing.T, change func(*telegram.Config)) *world {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	w := &world{
		t: t, ctx: ctx, home: newHomeserver(), journal: newJournal(), outcomes: newOutcomes(), handles: &handlesFake{},
		operators: &operatorsFake{told: map[string]string{}},
	}
	w.startTelegram()
	w.startBridge(change)
	w.logIn()
	w.meetAna()
	return w
}

func (w *world) startTelegram() {
	w.t.Helper()
	w.telegram = emulator.New(emulator.Options{Bots: []emulator.Bot{theBot(botToken)}, AnyWebhook: true, RetryMin: time.Millisecond, RetryMax: 10 * time.Millisecond})
	w.t.Cleanup(w.telegram.Stop)
}

func (w *world) startBridge(change func(*telegram.Config)) {
	w.t.Helper()
	base, err := w.telegram.Start(w.ctx, "127.0.0.1:0")
	w.ok(err)
	config := telegram.Config{
		APIURL: base, Mode: "poll", PollTimeout: 2 * time.Second, Typing: true, LinkPreviews: true, EchoGrace: 50 * time.Millisecond,
		MessagesPerSecond: 500, ChatPerSecond: 500, ChatBurst: 500, GroupPerMinute: 6000,
	}
	if change != nil {
		change(&config)
	}
	log := zerolog.New(zerolog.NewTestWriter(w.t)).Level(zerolog.Disabled)
	w.connector, err = telegram.Network().New(network.Env{
		Config: func(into any) error {
			*into.(*telegram.Config) = config
			return nil
		},
		Intake: w.journal, Outcomes: w.outcomes, Handles: w.handles, Operators: w.operators, Clock: clock.System{}, Log: log,
		Away: func() (time.Time, time.Time) { return w.away.from, w.away.until },
	})
	w.ok(err)
	settings := &bridgeconfig.BridgeConfig{CommandPrefix: "!puente", DeduplicateMatrixMessages: true, PrivateChatPortalMeta: true}
	settings.Permissions = bridgeconfig.PermissionConfig{string(desk): &bridgeconfig.PermissionLevelAdmin}
	w.bridge = bridgev2.NewBridge("telegram", db.Chosen(w.t).Open(w.t), log, settings, w.home, w.connector, func(*bridgev2.Bridge) bridgev2.CommandProcessor { return nil })
	w.bridge.ExternallyManagedDB = true
	w.ok(w.bridge.DB.Upgrade(w.ctx))
	w.ok(w.bridge.Start(w.ctx))
	working, stop := context.WithCancel(w.ctx)
	var done sync.WaitGroup
	done.Go(func() { w.journal.work(working, w.connector.HandleEntry) })
	w.t.Cleanup(func() {
		logins := w.bridge.GetAllCachedUserLogins()
		w.bridge.StopWithTimeout(5 * time.Second)
		for _, login := range logins {
			if login.BridgeState != nil {
				login.BridgeState.Destroy()
			}
		}
		stop()
		done.Wait()
	})
}

func (w *world) logIn() {
	w.t.Helper()
	user, err := w.bridge.GetUserByMXID(w.ctx, desk)
	w.ok(err)
	process, err := w.connector.CreateLogin(w.ctx, user, "token")
	w.ok(err)
	_, err = process.Start(w.ctx)
	w.ok(err)
	step, err := process.(bridgev2.LoginProcessUserInput).SubmitUserInput(w.ctx, map[string]string{"token": botToken})
	w.ok(err)
	w.login = step.CompleteParams.UserLogin
}

// meetAna lets Ana open a conversation.
func (w *world) meetAna() {
	w.t.Helper()
	var err error
	w.ana, err = w.telegram.AddCustomer(emulator.Customer{FirstName: "Ana", LastName: "Ortiz", Username: "ana_ortiz", Phone: "34600111222"})
	w.ok(err)
	w.chat, err = w.telegram.Chat(w.ana.ID, botID)
	w.ok(err)
	w.id(w.chat.SendText("hello from Ana"))
	w.room = w.sees("Ana's first words", text("hello from Ana")).Room
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) id(id int64, err error) int64 {
	w.t.Helper()
	w.ok(err)
	return id
}

// sees waits until the rooms hold an event of which fact holds.
func (w *world) sees(what string, fact func(said) bool) said {
	w.t.Helper()
	deadline := time.After(patience)
	for {
		w.home.mu.Lock()
		changed := w.home.changed
		for _, one := range w.home.events {
			if fact(one) {
				w.home.mu.Unlock()
				return one
			}
		}
		w.home.mu.Unlock()
		select {
		case <-changed:
		case <-deadline:
			w.t.Fatalf("%s never came; there are %s; set aside: %q", what, w.recent(), w.journal.aside())
		}
	}
}

// recent is what the rooms hold last.
func (w *world) recent() string {
	w.home.mu.Lock()
	defer w.home.mu.Unlock()
	var lines []string
	for _, one := range w.home.events[max(0, len(w.home.events)-8):] {
		line := one.Type.Type
		if one.Content != nil {
			line += fmt.Sprintf(" %s %q", one.Content.MsgType, one.Content.Body)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// count is how many events there are of which fact holds.
func (w *world) count(fact func(said) bool) (n int) {
	w.home.mu.Lock()
	defer w.home.mu.Unlock()
	for _, one := range w.home.events {
		if fact(one) {
			n++
		}
	}
	return n
}

// fence lets Ana say something new and waits for it: what came from her before has been dealt with then.
func (w *world) fence() {
	w.t.Helper()
	w.sentSoFar++
	words := fmt.Sprintf("fence %d", w.sentSoFar)
	w.id(w.chat.SendText(words))
	w.sees("the fence", text(words))
}

func text(body string) func(said) bool {
	return func(one said) bool {
		return one.Content != nil && one.Content.NewContent == nil && one.Content.Body == body
	}
}

func notice(part string) func(said) bool {
	return func(one said) bool {
		return one.Content != nil && one.Content.MsgType == event.MsgNotice && strings.Contains(one.Content.Body, part)
	}
}

func contains(part string) func(said) bool {
	return func(one said) bool { return one.Content != nil && strings.Contains(one.Content.Body, part) }
}

// says lets an agent write into a room, again as long as the error is temporary, and returns the event and what became
// of it.
func (w *world) says(room id.RoomID, body string) (id.EventID, error) {
	w.t.Helper()
	return w.sends(room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: body})
}

// next is the ID of what an agent says next.
func (w *world) next() id.EventID { return id.EventID(fmt.Sprintf("$agent%d", w.sentSoFar+1)) }

func (w *world) sends(room id.RoomID, kind event.Type, content any) (id.EventID, error) {
	w.t.Helper()
	eventID := w.next()
	w.sentSoFar++
	evt := &event.Event{
		ID: eventID, RoomID: room, Sender: desk, Type: kind,
		Timestamp: time.Now().UnixMilli(), Content: event.Content{Parsed: content, Raw: map[string]any{}},
	}
	if kind.Class == event.EphemeralEventType {
		evt.Sender, evt.Mautrix.EventSource = "", event.SourceEphemeral // as homeservers send them
	}
	return evt.ID, w.handle(evt)
}

// handle gives an agent's event to the bridge, as the hub does.
func (w *world) handle(evt *event.Event) error {
	w.t.Helper()
	var err error
	for range 100 {
		again := *evt
		if err = network.Result(w.bridge.QueueMatrixEvent(w.ctx, &again)); err == nil {
			return nil
		}
		after, temporary := errs.IsTemporary(err)
		if !temporary {
			return err
		}
		w.ok(clock.Sleep(w.ctx, clock.System{}, min(after, 20*time.Millisecond)+time.Millisecond))
	}
	return err
}

// shows waits until a chat on a phone shows a message of which fact holds.
func (w *world) shows(chat *emulator.Chat, what string, fact func(emulator.Message) bool) (found emulator.Message) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	_, err := chat.Wait(ctx, func(v emulator.View) bool {
		for _, m := range v.Messages {
			if fact(m) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		w.t.Fatalf("the phone never showed %s: %v", what, err)
	}
	return found
}

// state waits until a login reports a state of which fact holds.
func (w *world) state(login networkid.UserLoginID, what string, fact func(status.BridgeState) bool) status.BridgeState {
	w.t.Helper()
	deadline := time.After(patience)
	for {
		w.home.mu.Lock()
		changed, state := w.home.changed, w.home.states[login]
		w.home.mu.Unlock()
		if fact(state) {
			return state
		}
		select {
		case <-changed:
		case <-deadline:
			w.t.Fatalf("the login never reported %s, but %s: %s", what, state.StateEvent, state.Message)
		}
	}
}

type stateOf = status.BridgeState
