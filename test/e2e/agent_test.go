package e2e

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

// agent is one of the company's people with a Matrix client, whose failures are the test's.
type agent struct {
	*person.Person
	w *world
}

func newAgent(w *world, localpart, name string) *agent {
	w.tb.Helper()
	a := loginAgent(w, localpart, name)
	a.sync()
	return a
}

// loginAgent registers an agent and logs its client in.
func loginAgent(w *world, localpart, name string) *agent {
	w.tb.Helper()
	if err := w.server.RegisterUser(w.ctx, localpart, password, name, false); err != nil {
		w.tb.Fatalf("register an agent: %v", err)
	}
	who, err := person.LogIn(w.ctx, w.server, localpart, password)
	if err != nil {
		w.tb.Fatalf("log an agent in: %v", err)
	}
	return &agent{Person: who, w: w}
}

// sync follows what happens until the test ends.
func (a *agent) sync() {
	a.Follow(context.Background())
	a.w.tb.Cleanup(a.Stop)
}

// sees waits until the client has seen an event of which fact holds, and returns it.
func (a *agent) sees(what string, fact person.Fact) *event.Event {
	a.w.tb.Helper()
	ctx, cancel := context.WithTimeout(a.w.ctx, patience)
	defer cancel()
	seen, err := a.Sees(ctx, 0, what, fact)
	if err != nil {
		a.w.tb.Fatal(err)
	}
	return seen.Event
}

// message waits for a message of which fact holds.
func (a *agent) message(what string, fact func(*event.Event, *event.MessageEventContent) bool) *event.Event {
	a.w.tb.Helper()
	return a.sees(what, person.Message(fact))
}

// text waits for a message with exactly this text.
func (a *agent) text(body string) *event.Event {
	a.w.tb.Helper()
	return a.sees(fmt.Sprintf("the text %q", body), person.Text(body))
}

// answerTo waits for a notice in the room that answers an event.
func (a *agent) answerTo(target id.EventID) *event.MessageEventContent {
	a.w.tb.Helper()
	return a.sees("an answer to "+target.String(), person.AnswerTo(target)).Content.AsMessage()
}

// receipt waits for somebody's read receipt on an event.
func (a *agent) receipt(target id.EventID, by func(id.UserID) bool) {
	a.w.tb.Helper()
	a.sees("a receipt on "+target.String(), person.Receipt(target, by))
}

// say sends a text into the room.
func (a *agent) say(room id.RoomID, body string) id.EventID {
	a.w.tb.Helper()
	return a.send(room, &event.MessageEventContent{MsgType: event.MsgText, Body: body})
}

func (a *agent) send(room id.RoomID, content any) id.EventID {
	a.w.tb.Helper()
	sent, err := a.Send(a.w.ctx, room, event.EventMessage, content)
	a.w.must(err)
	return sent
}

// seen returns the events seen so far of which fact holds.
func (a *agent) seen(fact person.Fact) []*event.Event { return a.Seen(0, fact) }
