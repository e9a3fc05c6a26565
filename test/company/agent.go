package company

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

// Agent is one of the company's people with a Matrix client, whose failures are the test's.
type Agent struct {
	*person.Person
	c *Company
}

func (c *Company) agent(localpart, name string) *Agent {
	c.Helper()
	full := fmt.Sprintf("%s%d", localpart, c.place.number)
	c.Must(c.Server.RegisterUser(c.Ctx, full, password, name, false))
	who, err := person.LogIn(c.Ctx, c.Server, full, password)
	c.Must(err)
	who.Follow(context.Background())
	c.Cleanup(who.Stop)
	return &Agent{Person: who, c: c}
}

// Finds waits until the client has seen an event of which fact holds, from a mark on, and returns it.
func (a *Agent) Finds(mark int, what string, fact person.Fact) *event.Event {
	a.c.Helper()
	ctx, cancel := context.WithTimeout(a.c.Ctx, Patience)
	defer cancel()
	seen, err := a.Sees(ctx, mark, what, fact)
	if err != nil {
		a.c.Fatal(err)
	}
	return seen.Event
}

// Text waits for a message with exactly this text.
func (a *Agent) Text(body string) *event.Event {
	a.c.Helper()
	return a.Finds(0, fmt.Sprintf("the text %q", body), person.Text(body))
}

// Answer waits for a notice that answers an event, and returns its words.
func (a *Agent) Answer(target id.EventID) string {
	a.c.Helper()
	return a.Finds(0, "an answer to "+target.String(), person.AnswerTo(target)).Content.AsMessage().Body
}

// Writes sends a text into a room.
func (a *Agent) Writes(room id.RoomID, text string) id.EventID {
	a.c.Helper()
	sent, err := a.Say(a.c.Ctx, room, text)
	a.c.Must(err)
	return sent
}

// Does sends an event of any type into a room.
func (a *Agent) Does(room id.RoomID, kind event.Type, content any) id.EventID {
	a.c.Helper()
	sent, err := a.Send(a.c.Ctx, room, kind, content)
	a.c.Must(err)
	return sent
}

// Presses reacts to an event.
func (a *Agent) Presses(room id.RoomID, target id.EventID, emoji string) id.EventID {
	a.c.Helper()
	return a.Does(room, event.EventReaction, &event.ReactionEventContent{
		RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: target, Key: emoji},
	})
}
