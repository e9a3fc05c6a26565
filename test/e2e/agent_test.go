package e2e

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// agent is one of the company's people with a Matrix client: it sees what /sync tells it and nothing else.
type agent struct {
	*mautrix.Client
	w *world

	mu      sync.Mutex
	changed chan struct{}
	events  []*event.Event
	rooms   map[id.RoomID]bool
	cancel  context.CancelFunc
	done    chan struct{}
}

func newAgent(w *world, localpart, name string) *agent {
	w.tb.Helper()
	a := loginAgent(w, localpart, name)
	a.Syncer = a.newSyncer()
	a.sync()
	return a
}

// loginAgent registers an agent and logs its client in.
func loginAgent(w *world, localpart, name string) *agent {
	w.tb.Helper()
	if err := w.server.RegisterUser(w.ctx, localpart, password, name, false); err != nil {
		w.tb.Fatalf("register an agent: %v", err)
	}
	token, deviceID, err := w.server.Login(w.ctx, localpart, password)
	if err != nil {
		w.tb.Fatalf("log an agent in: %v", err)
	}
	client, err := mautrix.NewClient(w.server.URL(), id.NewUserID(localpart, domain), token)
	if err != nil {
		w.tb.Fatalf("make an agent's client: %v", err)
	}
	client.DeviceID = id.DeviceID(deviceID)
	return &agent{Client: client, w: w, changed: make(chan struct{}), rooms: map[id.RoomID]bool{}, done: make(chan struct{})}
}

func (a *agent) newSyncer() *mautrix.DefaultSyncer {
	syncer := mautrix.NewDefaultSyncer()
	syncer.ParseEventContent = true
	syncer.OnEvent(func(_ context.Context, evt *event.Event) { a.take(evt) })
	return syncer
}

// sync follows what happens until the test ends.
func (a *agent) sync() {
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	go func() {
		defer close(a.done)
		_ = a.SyncWithContext(ctx) // ends with the test
	}()
	a.w.tb.Cleanup(func() {
		cancel()
		<-a.done
		a.Client.Client.CloseIdleConnections()
	})
}

func (a *agent) take(evt *event.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if evt.Type == event.StateMember && evt.GetStateKey() == a.UserID.String() && evt.Content.AsMember().Membership == event.MembershipJoin {
		a.rooms[evt.RoomID] = true
	}
	a.events = append(a.events, evt)
	close(a.changed)
	a.changed = make(chan struct{})
}

// sees waits until the client has seen an event of which fact holds, and returns it.
func (a *agent) sees(what string, fact func(*event.Event) bool) *event.Event {
	a.w.tb.Helper()
	deadline := time.After(patience)
	for from := 0; ; {
		a.mu.Lock()
		news, changed := a.events[from:], a.changed
		from = len(a.events)
		a.mu.Unlock()
		for _, evt := range news {
			if fact(evt) {
				return evt
			}
		}
		select {
		case <-changed:
		case <-deadline:
			a.w.tb.Fatalf("%s never saw %s", a.UserID, what)
		}
	}
}

// message waits for a message of which fact holds.
func (a *agent) message(what string, fact func(*event.Event, *event.MessageEventContent) bool) *event.Event {
	a.w.tb.Helper()
	return a.sees(what, func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && (evt.Type == event.EventMessage || evt.Type == event.EventSticker) && fact(evt, msg)
	})
}

// text waits for a message with exactly this text.
func (a *agent) text(body string) *event.Event {
	a.w.tb.Helper()
	return a.message(fmt.Sprintf("the text %q", body), func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.Body == body })
}

// notice waits for a notice in the room that answers an event.
func (a *agent) answerTo(target id.EventID) *event.MessageEventContent {
	a.w.tb.Helper()
	evt := a.message("an answer to "+target.String(), func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgNotice && msg.RelatesTo.GetReplyTo() == target
	})
	return evt.Content.AsMessage()
}

// receipt waits for somebody's read receipt on an event.
func (a *agent) receipt(target id.EventID, by func(id.UserID) bool) {
	a.w.tb.Helper()
	a.sees("a receipt on "+target.String(), func(evt *event.Event) bool {
		if evt.Type != event.EphemeralEventReceipt {
			return false
		}
		for user := range (*evt.Content.AsReceipt())[target][event.ReceiptTypeRead] {
			if by(user) {
				return true
			}
		}
		return false
	})
}

// say sends a text into the room.
func (a *agent) say(room id.RoomID, body string) id.EventID {
	a.w.tb.Helper()
	return a.send(room, &event.MessageEventContent{MsgType: event.MsgText, Body: body})
}

func (a *agent) send(room id.RoomID, content any) id.EventID {
	a.w.tb.Helper()
	resp, err := a.SendMessageEvent(a.w.ctx, room, event.EventMessage, content)
	if err != nil {
		a.w.tb.Fatalf("%s could not send: %v", a.UserID, err)
	}
	return resp.EventID
}

// seen returns the events seen so far of which fact holds.
func (a *agent) seen(fact func(*event.Event) bool) []*event.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.events), func(evt *event.Event) bool { return !fact(evt) })
}
