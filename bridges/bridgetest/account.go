package bridgetest

import (
	"bytes"
	"image"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/core/testkit/sample"
)

func accountChecks() []Check {
	return []Check{
		{
			Name: "WrongCredentialsAreToldInWords",
			Says: "A login with credentials that the provider refuses fails with a reason that an operator understands.",
			run:  checkWrongCredentials,
		},
		{Name: "LoginConnects", Says: "The login's questions, rightly answered, connect the account.", run: checkLogin},
		{
			Name: "TheRoomIsASharedInbox",
			Says: "A customer's first words open one room with all agents and the customer by name.",
			run:  checkRoom,
		},
		{Name: "AvatarsAreShown", Says: "A customer's picture on the network is the ghost's picture.", run: checkAvatar},
	}
}

func checkWrongCredentials(c *trial) {
	c.meetPuente()
	login := c.provider.Login()
	if login.Wrong == nil {
		c.notApplicable("nothing is typed that could be wrong")
		return
	}
	c.inWords("a login with wrong credentials", c.login(login, login.Wrong), "The login failed: ")
}

func checkLogin(c *trial) {
	c.meetPuente()
	login := c.provider.Login()
	if answer := c.login(login, login.Answers); !strings.Contains(answer, connected) {
		c.t.Fatalf("the login ended with %q", answer)
	}
	c.meetAna()
}

// meetAna lets the customer of most checks open her conversation.
func (w *world) meetAna() {
	w.t.Helper()
	ana := w.customer(Person{Name: "Ana Ortiz"})
	room, ghost := w.opens(ana)
	w.ana, w.room, w.ghost = ana, room, ghost
}

func checkRoom(c *trial) {
	members, err := c.bob.JoinedMembers(c.ctx, c.room)
	c.must(err)
	name := c.ana.name
	if c.traits.NameIsShown != nil {
		name = c.traits.NameIsShown(name)
	}
	if got := members.Joined[c.ghost].DisplayName; got != name {
		c.t.Errorf("the customer is called %q in the room, not %q", got, name)
	}
	for _, who := range []*person.Person{c.alice, c.bob} {
		if _, joined := members.Joined[who.UserID]; !joined {
			c.t.Errorf("%s is not in the room", who.UserID)
		}
	}
	if !isGhost(c.identity.Names, c.network.ID)(c.ghost) {
		c.t.Errorf("the customer's words were sent by %s", c.ghost)
	}
	_, again := c.anaSays(c.words.phrase("the same room"))
	if again.RoomID != c.room {
		c.t.Error("the customer's next words opened another room")
	}
}

func checkAvatar(c *trial) {
	if !c.traits.Avatars {
		c.notApplicable("the network shows the business no pictures of customers")
		return
	}
	picture, err := sample.PhotoPNG()
	c.must(err)
	_, ghost := c.opens(c.customer(Person{Name: "Ava Picture", Avatar: picture}))
	var address id.ContentURIString
	c.sees("the ghost's picture", 0, func(evt *event.Event) bool {
		if evt.Type != event.StateMember || evt.GetStateKey() != ghost.String() {
			return false
		}
		address = evt.Content.AsMember().AvatarURL
		return address != ""
	})
	data, err := c.bob.Download(c.ctx, &event.MessageEventContent{URL: address})
	c.must(err)
	if _, _, err = image.DecodeConfig(bytes.NewReader(data)); err != nil {
		c.t.Errorf("the ghost's picture cannot be shown: %v", err)
	}
}

// connected is in Puente's answer to a login that worked.
const connected = "Connected"

// meetPuente opens alice's chat with @puente, if it is not open yet.
func (w *world) meetPuente() {
	w.t.Helper()
	if w.front != "" {
		return
	}
	created, err := w.alice.CreateRoom(w.ctx, &mautrix.ReqCreateRoom{Preset: "trusted_private_chat", Invite: []id.UserID{w.identity.Front()}, IsDirect: true})
	w.must(err)
	w.front = created.RoomID
	w.hears("Puente's greeting", 0, func(*event.Event, *event.MessageEventContent) bool { return true })
}

// hears waits until @puente says something to alice, from a mark on, of which fact holds.
func (w *world) hears(what string, mark int, fact func(*event.Event, *event.MessageEventContent) bool) *event.Event {
	w.t.Helper()
	ctx, cancel := w.waiting()
	defer cancel()
	seen, err := w.alice.Sees(ctx, mark, what, person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID == w.front && evt.Sender == w.identity.Front() && fact(evt, msg)
	}))
	w.must(err)
	return seen.Event
}

// asks says something to @puente and returns the answer.
func (w *world) asks(text string) string {
	w.t.Helper()
	mark := w.alice.Mark()
	_, err := w.alice.Say(w.ctx, w.front, text)
	w.must(err)
	return w.hears("an answer", mark, func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgNotice
	}).Content.AsMessage().Body
}

// login goes through the login with some answers, and returns what @puente says at the end.
func (w *world) login(login Login, answers []string) string {
	w.t.Helper()
	mark := w.alice.Mark()
	answer := ""
	for _, line := range append([]string{strings.TrimSpace("login " + w.network.ID + " " + login.Flow)}, answers...) {
		if answer != "" && isEnd(answer) {
			return answer
		}
		mark = w.alice.Mark()
		answer = w.asks(line)
		w.shown(login, answer)
	}
	for !isEnd(answer) { // the other side has something to do
		first := true
		next := w.hears("how the login ends", mark, func(_ *event.Event, msg *event.MessageEventContent) bool {
			if msg.MsgType != event.MsgNotice || first && msg.Body == answer {
				first = false
				return false
			}
			return true
		})
		answer = next.Content.AsMessage().Body
		w.shown(login, answer)
		mark = w.alice.Mark()
	}
	return answer
}

func isEnd(answer string) bool {
	return strings.Contains(answer, connected) || strings.Contains(answer, "The login failed")
}

func (w *world) shown(login Login, answer string) {
	w.t.Helper()
	if login.Shown != nil {
		w.must(login.Shown(w.ctx, answer))
	}
}
