package day

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/test/company"
)

// How long the bank has patience: desk.offline_grace and desk.waiting_too_long.
const (
	offlineGrace   = 15 * time.Minute
	waitingTooLong = 10 * time.Minute
)

// supportTeam takes turns on three networks; the bank's own app, on the webhook network, is whoever's takes it.
const supportTeam = `        - name: support
          members: ["{alice}", "{bob}", "{carol}"]
          channels: [whatsapp, telegram, signal]
          routing: round_robin
`

// bank is a bank's day: one team for several apps.
type bank struct {
	day
	ana, ben, cleo *company.Chat // Alice's, Bob's and Carol's in the morning
	dora           *company.Chat // in the bank's own app
	eve            *company.Chat // is blocked
	finn, gus      *company.Chat // come when Bob is alone
	front          id.RoomID     // Carol's chat with Puente
}

func TestBank(t *testing.T) {
	t.Parallel()
	b := &bank{day: begins(t, company.Options{
		Teams: supportTeam, Moving: true,
		Config: map[string]string{
			"desk.assignee_policy": "assignee", "desk.capacity": "2",
			"desk.offline_grace": offlineGrace.String(), "desk.waiting_too_long": waitingTooLong.String(),
		},
	})}
	b.Sub(t, "TheTeamTakesTurns", b.takesTurns)
	b.Sub(t, "AllAnswerAtOnceAndEachCustomerReadsTheirOwn", b.answers)
	b.Sub(t, "OnlyTheAssigneeWritesAndOthersAreToldWhatToDo", b.isTheAssignees)
	b.Sub(t, "ANoteCallsAColleagueAndStaysInTheTeam", b.notes)
	b.Sub(t, "OneOfTwoWhoClaimAtOnceGetsIt", b.claims)
	b.Sub(t, "ABlockedCustomerGetsNothing", b.blocks)
	b.Sub(t, "WhatNobodyHasRoomForWaits", b.waits)
	b.Sub(t, "AtTheShiftsEndAllGoesBackToTheQueueAfterTheGrace", b.shiftEnds)
	b.Sub(t, "TheOldestIsGivenFirst", b.goesOn)
	b.Sub(t, "AColleagueTakesOverAndSeesTheHistory", b.takesOver)
	b.Sub(t, "TheHistoryNamesWhoDidWhat", b.audits)
	b.Sub(t, "OutsideOfTheWindowATemplateIsOfferedAndSent", b.sendsATemplate)
	b.Sub(t, "EverybodyGotWhatWasTheirsOnce", b.closes)
}

func (b *bank) takesTurns(*testing.T) {
	b.ana = b.Opens("whatsapp", "Ana", b.carol)
	b.ana.Card(b.carol, "assigned to Alice Martín")
	b.ben = b.Opens("signal", "Ben", b.carol)
	b.ben.Card(b.carol, "assigned to Bob Weber")
	b.cleo = b.Opens("telegram", "Cleo", b.alice)
	b.cleo.Card(b.alice, "assigned to Carol Ito")
	b.Until("Ana among what is Alice's", func() bool { return inSpace(b.alice, "Mine", b.ana) && !inSpace(b.bob, "Mine", b.ana) })
}

func (b *bank) answers(*testing.T) {
	b.atOnce(
		b.saying(b.alice, b.ana.Room, "Good morning, Ana", "Your card is blocked", "A new one comes by post"),
		b.saying(b.bob, b.ben.Room, "Good morning, Ben", "The transfer is under way", "It takes a day"),
		b.saying(b.carol, b.cleo.Room, "Good morning, Cleo", "We have no such loan", "A colleague calls you"),
	)
	b.ana.Gets("A new one comes by post")
	b.ben.Gets("It takes a day")
	b.cleo.Gets("A colleague calls you")
}

func (b *bank) isTheAssignees(*testing.T) {
	b.refused(b.bob, b.ana, "I can help, too", "Alice Martín has this conversation. `!puente assign me` takes it over; `!puente note …` says it among you.")
}

func (b *bank) notes(t *testing.T) {
	card := b.ana.Card(b.alice, "Ana")
	note := &event.MessageEventContent{
		MsgType: event.MsgText, Body: "Bob Weber: is her limit right?", Mentions: &event.Mentions{UserIDs: []id.UserID{b.bob.UserID}},
		RelatesTo: (&event.RelatesTo{}).SetThread(card, card),
	}
	b.alice.Does(b.ana.Room, event.EventMessage, note)
	seen := reads(b.bob, b.ana, note.Body)
	if msg := seen.Content.AsMessage(); msg.RelatesTo.GetThreadParent() != card || !msg.Mentions.Has(b.bob.UserID) {
		t.Errorf("Bob's client has the note as %+v", msg)
	}
	b.bob.Does(b.ana.Room, event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: "It is, she was late twice", RelatesTo: (&event.RelatesTo{}).SetThread(card, seen.ID),
	})
	reads(b.alice, b.ana, "It is, she was late twice")
	b.alice.Writes(b.ana.Room, "Your limit stays as it is")
	b.ana.Gets("Your limit stays as it is")
}

// claims has two take what is nobody's: who came second is told who was first.
func (b *bank) claims(t *testing.T) {
	b.dora = b.Opens("webhook", "Dora", b.alice)
	b.dora.Card(b.alice, "nobody's")
	var bobs, carols id.EventID
	b.atOnce(
		func() (err error) { bobs, err = b.bob.Say(b.Ctx, b.dora.Room, "!puente claim"); return err },
		func() (err error) { carols, err = b.carol.Say(b.Ctx, b.dora.Room, "!puente claim"); return err },
	)
	answered := func(evt *event.Event) bool { return person.AnswerTo(bobs)(evt) || person.AnswerTo(carols)(evt) }
	refusal := b.alice.Finds(0, "who came second", answered).Content.AsMessage()
	winner, name := b.bob, "Bob Weber"
	if refusal.RelatesTo.GetReplyTo() == bobs {
		winner, name = b.carol, "Carol Ito"
	}
	if want := "Nothing was sent: " + name + " has it already. `!puente assign me` takes it over."; refusal.Body != want {
		t.Errorf("who came second is told %q, want %q", refusal.Body, want)
	}
	b.dora.Topic(b.alice, 0, "open · "+name)
	winner.Writes(b.dora.Room, "Your code is on its way")
	b.dora.Gets("Your code is on its way")
	mark := b.alice.Mark()
	winner.Writes(b.dora.Room, "!puente resolve")
	b.dora.Topic(b.alice, mark, "resolved")
	if n := len(b.alice.Seen(0, answered)); n != 1 {
		t.Errorf("%d of two claims were answered", n)
	}
}

func (b *bank) blocks(*testing.T) {
	b.eve = b.Opens("telegram", "Eve", b.alice)
	b.eve.Card(b.alice, "assigned to Alice Martín")
	b.commands(b.alice, b.eve.Room, "block", "Nothing is sent to this customer any more.")
	b.eve.Card(b.bob, "blocked")
	b.refused(b.alice, b.eve, "We never ask for your PIN", "this customer is blocked. `!puente unblock` lets you write again.")
	b.eve.Writes("I do")
	reads(b.bob, b.eve, "I do") // what they write still comes
	mark := b.bob.Mark()
	b.alice.Writes(b.eve.Room, "!puente resolve")
	b.eve.Topic(b.bob, mark, "resolved")
}

func (b *bank) waits(*testing.T) {
	b.commands(b.alice, b.ana.Room, "busy", "You are busy")
	b.commands(b.carol, b.cleo.Room, "busy", "You are busy")
	b.finn = b.Opens("telegram", "Finn", b.carol)
	b.finn.Card(b.carol, "assigned to Bob Weber")
	b.gus = b.Opens("signal", "Gus", b.carol) // Bob has two already
	b.gus.Card(b.carol, "nobody's")
	b.ben.Writes("It has not come yet")
	reads(b.carol, b.ben, "It has not come yet")
}

// shiftEnds has Bob go: until the grace is over he might come back.
func (b *bank) shiftEnds(t *testing.T) {
	b.commands(b.bob, b.ben.Room, "offline", "You are offline. What you have goes back to the queue in 15m0s.")
	b.Clock.Advance(waitingTooLong)
	b.Until("Ben among who waits too long", func() bool { return inSpace(b.carol, "Waiting too long", b.ben) })
	if team := b.commands(b.carol, b.cleo.Room, "team", ""); !strings.Contains(team, "Bob Weber – offline, 2 open") {
		t.Errorf("within the grace the team is\n%s", team)
	}
	b.Clock.Advance(offlineGrace - waitingTooLong)
	for _, chat := range []*company.Chat{b.ben, b.finn} {
		b.Until("what was Bob's to be nobody's", func() bool { return inSpace(b.carol, "Unassigned", chat) })
	}
	b.talks()
	lines := strings.Split(b.asks("queue"), "\n")
	for n, name := range []string{"Finn", "Gus", "Ben"} {
		if len(lines) != 3 || !strings.Contains(lines[n], name) {
			t.Fatalf("the queue is %q, want Finn, Gus and Ben", lines)
		}
	}
	b.finn.Writes("Is anybody there?")
	reads(b.alice, b.finn, "Is anybody there?")
}

// talks opens Carol's chat with Puente.
func (b *bank) talks() {
	made, err := b.carol.CreateRoom(b.Ctx, &mautrix.ReqCreateRoom{
		Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{id.NewUserID(b.Names.Bot, b.Names.Domain)},
	})
	b.Must(err)
	b.front = made.RoomID
	b.carol.Finds(0, "Puente's greeting", func(evt *event.Event) bool { return evt.RoomID == b.front && evt.Type == event.EventMessage })
}

// asks gives a command in that chat and returns the answer.
func (b *bank) asks(command string) string {
	mark := b.carol.Mark()
	b.carol.Writes(b.front, command)
	return b.carol.Finds(mark, "an answer to "+command, person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID == b.front && msg.MsgType == event.MsgNotice
	})).Content.AsMessage().Body
}

// goesOn has colleagues come who have room for one more each; who has waited longest is given first.
func (b *bank) goesOn(*testing.T) {
	b.asks("online")
	b.finn.Card(b.alice, "assigned to Carol Ito")
	b.commands(b.alice, b.ana.Room, "online", "You are online.")
	b.gus.Card(b.carol, "assigned to Alice Martín")
	b.Until("Ben alone to wait", func() bool {
		return inSpace(b.carol, "Unassigned", b.ben) && !inSpace(b.carol, "Unassigned", b.finn) && !inSpace(b.carol, "Unassigned", b.gus)
	})
	b.carol.Writes(b.cleo.Room, "!puente resolve")
	b.ben.Card(b.alice, "assigned to Carol Ito")
}

func (b *bank) takesOver(t *testing.T) {
	var said []string
	for _, evt := range b.timeline(b.carol, b.ben.Room) {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		if ok && (evt.Sender == b.ben.Ghost || evt.Sender == b.bob.UserID) && msg.MsgType == event.MsgText {
			said = append(said, msg.Body)
		}
	}
	want := []string{"Good morning, Ben", "The transfer is under way", "It takes a day", "It has not come yet", "!puente offline"}
	if len(said) == 0 || !slices.Equal(said[1:], want) { // the first is Ben's question
		t.Errorf("Carol's client shows %q, want a question and %q", said, want)
	}
	b.refused(b.bob, b.ben, "One more thing", "Carol Ito has this conversation.")
	b.atOnce(
		b.saying(b.carol, b.ben.Room, "It is there now, Ben"),
		b.saying(b.carol, b.finn.Room, "We are looking into it, Finn"),
		b.saying(b.alice, b.gus.Room, "Yes, until six, Gus"),
	)
	b.ben.Gets("It is there now, Ben")
	b.finn.Gets("We are looking into it, Finn")
	b.gus.Gets("Yes, until six, Gus")
}

func (b *bank) audits(t *testing.T) {
	mark := b.alice.Mark()
	b.atOnce(b.saying(b.carol, b.ben.Room, "!puente label transfer", "!puente priority high", "!puente resolve"))
	b.ben.Topic(b.alice, mark, "resolved")
	history := strings.Split(b.commands(b.alice, b.ben.Room, "history", ""), "\n")
	want := []string{ // the newest first
		"Carol Ito: resolved", "Carol Ito: prioritised (high)", "Carol Ito: labelled (transfer)",
		"Puente: assigned (Carol Ito)", "Puente: returned", "Puente: assigned (Bob Weber)",
	}
	for n, line := range history {
		_, history[n], _ = strings.Cut(line, "  ") // without its time
	}
	if !slices.Equal(history, want) {
		t.Errorf("the history is\n%s\nwant\n%s", strings.Join(history, "\n"), strings.Join(want, "\n"))
	}
	if of := b.commands(b.alice, b.eve.Room, "history", ""); !strings.Contains(of, "Alice Martín: customer blocked") {
		t.Errorf("Eve's history is\n%s", of)
	}
}

func (b *bank) sendsATemplate(*testing.T) {
	// No provider's clock can be put forward: so the customer's last words are put back.
	past := time.Now().Add(-25 * time.Hour).UnixMilli()
	_, err := b.App.DB.Exec(b.Ctx, `UPDATE pu_conversation SET last_in_at=$1 WHERE room_id=$2`, past, b.ana.Room)
	b.Must(err)
	offered := b.refused(b.alice, b.ana, "Has the card come?", "the customer wrote more than 24 hours ago", "Send a template instead:", "!puente template order_update en_US Ana | …")
	_, line, _ := strings.Cut(offered, "!puente template order_update")
	line, _, _ = strings.Cut(line, "`")
	b.alice.Writes(b.ana.Room, "!puente template order_update"+strings.Replace(line, "…", "card 4711", 1))
	b.ana.Gets("Hello Ana, your order card 4711 is on its way to you.")
	b.ana.Writes("Thank you")
	reads(b.alice, b.ana, "Thank you")
	b.alice.Writes(b.ana.Room, "You are welcome")
	b.ana.Gets("You are welcome")
}

func (b *bank) closes(*testing.T) {
	b.ends(story{
		b.ana: {
			"Good morning, Ana", "Your card is blocked", "A new one comes by post", "Your limit stays as it is",
			"Hello Ana, your order card 4711 is on its way to you. | Reply here if anything is wrong. | [Where is it?]", "You are welcome",
		},
		b.ben:  {"Good morning, Ben", "The transfer is under way", "It takes a day", "It is there now, Ben"},
		b.cleo: {"Good morning, Cleo", "We have no such loan", "A colleague calls you"},
		b.dora: {"Your code is on its way"},
		b.eve:  nil,
		b.finn: {"We are looking into it, Finn"},
		b.gus:  {"Yes, until six, Gus"},
	}, 4)
}
