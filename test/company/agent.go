package company

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/core/testkit/synapse/synapsetest"
	"puente/core/testkit/webclient"
)

// Agent is one of the company's people with a Matrix client, whose failures are the test's.
type Agent struct {
	// Person is the client. Of who has a web client it is a second session, with the web client's memory, for what needs
	// no encryption.
	*person.Person
	Web *webclient.Client // nil: none
	c   *Company
}

func (c *Company) agent(localpart, name string) *Agent {
	c.Helper()
	full := fmt.Sprintf("%s%d", localpart, c.place.Number)
	c.Must(c.Server.RegisterUser(c.Ctx, full, password, name, false))
	who, err := person.LogIn(c.Ctx, c.Server, full, password)
	c.Must(err)
	c.Cleanup(who.Stop)
	a := &Agent{Person: who, c: c}
	if !c.opts.Web {
		who.Follow(context.Background())
		return a
	}
	install, err := synapsetest.WebClient(c.Ctx, func(line string) { c.Log(line) })
	c.Must(err)
	a.Web, err = webclient.LogIn(c.Ctx, install, c.Server, full, password)
	c.Must(err)
	c.Cleanup(a.Web.Stop)
	who.Memory = a.Web.Memory
	return a
}

// meets waits until the web clients know the device of a network's bot, and will encrypt for it: the SDK waits for that
// for 1.5 s only, which on a busy machine is too short at a first meeting.
func (c *Company) meets(network string) {
	c.Helper()
	bot := id.NewUserID(c.Names.BridgeBot(network), c.place.Domain)
	for _, one := range c.Agents {
		if one.Web == nil {
			continue
		}
		found, err := one.QueryKeys(c.Ctx, &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{bot: {}}, Timeout: Patience.Milliseconds()})
		c.Must(err)
		for device := range found.DeviceKeys[bot] {
			c.Must(one.Web.Knows(c.Ctx, bot, device))
		}
	}
}

// Send sends an event of any type into a room, encrypted if the room is and the client can.
func (a *Agent) Send(ctx context.Context, room id.RoomID, kind event.Type, content any) (id.EventID, error) {
	if a.Web != nil {
		return a.Web.Send(ctx, room, kind, content)
	}
	return a.Person.Send(ctx, room, kind, content)
}

// Attach uploads a file as a room wants it, and returns a message with it.
func (a *Agent) Attach(ctx context.Context, room id.RoomID, kind event.MessageType, name, mime string, data []byte) (*event.MessageEventContent, error) {
	if a.Web != nil {
		return a.Web.Attach(ctx, room, kind, name, mime, data)
	}
	return a.Person.Attach(ctx, room, kind, name, mime, data)
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
	return a.Does(room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: text})
}

// Does sends an event of any type into a room.
func (a *Agent) Does(room id.RoomID, kind event.Type, content any) id.EventID {
	a.c.Helper()
	sent, err := a.Send(a.c.Ctx, room, kind, content)
	a.c.Must(err)
	return sent
}

// TakesBack redacts an event.
func (a *Agent) TakesBack(room id.RoomID, target id.EventID) id.EventID {
	a.c.Helper()
	sent, err := a.TakeBack(a.c.Ctx, room, target)
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

// Spaces are the rooms in each space that the agent is in, by the space's name.
func (a *Agent) Spaces() map[string][]id.RoomID {
	a.c.Helper()
	joined, err := a.JoinedRooms(a.c.Ctx)
	a.c.Must(err)
	found := map[string][]id.RoomID{}
	for _, room := range joined.JoinedRooms {
		state, err := a.State(a.c.Ctx, room)
		a.c.Must(err)
		create := state[event.StateCreate][""]
		if create == nil || create.Content.AsCreate().Type != event.RoomTypeSpace {
			continue
		}
		name := state[event.StateRoomName][""].Content.AsRoomName().Name
		found[name] = nil
		for child, evt := range state[event.StateSpaceChild] {
			if len(evt.Content.AsSpaceChild().Via) > 0 {
				found[name] = append(found[name], id.RoomID(child))
			}
		}
	}
	return found
}
