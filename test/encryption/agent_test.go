package encryption

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/core/testkit/webclient"
)

// agent is one of the company's people with a web client, whose failures are the test's.
type agent struct {
	*webclient.Client
	w         *world
	localpart string
}

// agent registers somebody and starts a client.
func (w *world) agent(localpart, name string) *agent {
	w.Helper()
	localpart = fmt.Sprintf("%s%d", localpart, w.place.Number)
	w.must(w.server.RegisterUser(w.ctx, localpart, password, name, false))
	return w.client(localpart)
}

// client starts another client of a user, on a device of its own.
func (w *world) client(localpart string) *agent {
	w.Helper()
	client, err := webclient.LogIn(w.ctx, w.install, w.server, localpart, password)
	w.must(err)
	w.Cleanup(client.Stop)
	return &agent{Client: client, w: w, localpart: localpart}
}

// sees waits until the client has read an event of which fact holds, and returns it.
func (a *agent) sees(what string, fact person.Fact) *event.Event {
	a.w.Helper()
	return a.seesSince(0, what, fact)
}

func (a *agent) seesSince(mark int, what string, fact person.Fact) *event.Event {
	a.w.Helper()
	ctx, cancel := context.WithTimeout(a.w.ctx, patience)
	defer cancel()
	seen, err := a.Sees(ctx, mark, what, fact)
	if err != nil {
		a.w.Fatalf("%v; it could not decrypt %+v", err, a.Locked())
	}
	return seen.Event
}

// text waits for a message with exactly this text.
func (a *agent) text(body string) *event.Event {
	a.w.Helper()
	return a.sees(fmt.Sprintf("the text %q", body), person.Text(body))
}

// say sends a text into the room.
func (a *agent) say(room id.RoomID, body string) id.EventID {
	a.w.Helper()
	sent, err := a.Say(a.w.ctx, room, body)
	a.w.must(err)
	return sent
}

// settled waits until a client has got an event, and tells whether it can read it.
func (w *world) settled(reader *agent, sent id.EventID) (read bool) {
	w.Helper()
	w.changes("what the client has", func() bool {
		read = len(reader.Seen(0, func(evt *event.Event) bool { return evt.ID == sent })) > 0
		return read || reader.IsLocked(sent)
	})
	return read
}
