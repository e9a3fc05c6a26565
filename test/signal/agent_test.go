package signal_test

import (
	"context"
	"fmt"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

// agent is one of the company's people with a Matrix client, whose failures are the test's.
type agent struct {
	*person.Person
	w *world
}

func newAgent(w *world, localpart string) *agent {
	w.tb.Helper()
	w.must(w.server.RegisterUser(w.ctx, localpart, password, localpart, false))
	who, err := person.LogIn(w.ctx, w.server, localpart, password)
	w.must(err)
	who.Follow(context.Background())
	w.tb.Cleanup(who.Stop)
	return &agent{Person: who, w: w}
}

// talk opens a chat with @puente and waits for its greeting.
func (a *agent) talk() id.RoomID {
	a.w.tb.Helper()
	created, err := a.CreateRoom(a.w.ctx, &mautrix.ReqCreateRoom{Preset: "trusted_private_chat", Invite: []id.UserID{a.w.opts.Front()}, IsDirect: true})
	a.w.must(err)
	a.sees("a greeting", 0, person.Message(func(evt *event.Event, _ *event.MessageEventContent) bool {
		return evt.RoomID == created.RoomID && evt.Sender == a.w.opts.Front()
	}))
	return created.RoomID
}

// sees waits until the client has, from a mark on, an event of which fact holds, and returns it.
func (a *agent) sees(what string, mark int, fact person.Fact) *event.Event {
	a.w.tb.Helper()
	ctx, cancel := context.WithTimeout(a.w.ctx, patience)
	defer cancel()
	seen, err := a.Sees(ctx, mark, what, fact)
	a.w.must(err)
	return seen.Event
}

// text waits for a message with exactly this text.
func (a *agent) text(body string) *event.Event {
	a.w.tb.Helper()
	return a.sees(fmt.Sprintf("the text %q", body), 0, person.Text(body))
}

// notice waits for a notice in the room with these words in it, from a mark on, and returns all that it says.
func (a *agent) notice(room id.RoomID, mark int, words ...string) string {
	a.w.tb.Helper()
	return a.sees(fmt.Sprintf("a notice with %q", words), mark, person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		for _, word := range words {
			if !strings.Contains(msg.Body, word) {
				return false
			}
		}
		return evt.RoomID == room && msg.MsgType == event.MsgNotice
	})).Content.AsMessage().Body
}

// asks says something and waits for a notice with these words in it.
func (a *agent) asks(room id.RoomID, text string, words ...string) string {
	a.w.tb.Helper()
	mark := a.Mark()
	a.say(room, text)
	return a.notice(room, mark, words...)
}

// say sends a text into the room.
func (a *agent) say(room id.RoomID, body string) id.EventID {
	a.w.tb.Helper()
	return a.send(room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: body})
}

func (a *agent) send(room id.RoomID, kind event.Type, content any) id.EventID {
	a.w.tb.Helper()
	sent, err := a.Send(a.w.ctx, room, kind, content)
	a.w.must(err)
	return sent
}

// edit gives an own message another text.
func (a *agent) edit(room id.RoomID, target id.EventID, text string) id.EventID {
	a.w.tb.Helper()
	return a.send(room, event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: "* " + text, NewContent: &event.MessageEventContent{MsgType: event.MsgText, Body: text},
		RelatesTo: (&event.RelatesTo{}).SetReplace(target),
	})
}

// bodies lists the texts in a room that begin so, in the order in which they stand there.
func (a *agent) bodies(room id.RoomID, prefix string) []string {
	var texts []string
	for _, evt := range a.Seen(0, func(evt *event.Event) bool { return evt.RoomID == room && evt.Type == event.EventMessage }) {
		if body := evt.Content.AsMessage().Body; strings.HasPrefix(body, prefix) {
			texts = append(texts, body)
		}
	}
	return texts
}

// operatorsRoom waits for the room in which Puente tells the operators what they must act on.
func (a *agent) operatorsRoom() id.RoomID {
	a.w.tb.Helper()
	return a.sees("the operators' room", 0, func(evt *event.Event) bool {
		name, ok := evt.Content.Parsed.(*event.RoomNameEventContent)
		return ok && evt.Type == event.StateRoomName && name.Name == "Puente operators"
	}).RoomID
}
