package telegram_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/telegram"
	"puente/bridges/telegram/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// account is a business account that the bot is connected to, with Ana as its customer.
type account struct {
	*world
	owner      emulator.Customer
	connection string
	login      networkid.UserLoginID
	chat       *emulator.Chat // as Ana sees it
	mine       *emulator.Chat // as the owner sees it
	room       id.RoomID
}

func newAccount(t *testing.T, change func(*telegram.Config), rights ...string) *account {
	t.Helper()
	w := newWorld(t, change)
	a := &account{world: w}
	var err error
	a.owner, err = w.telegram.AddCustomer(emulator.Customer{FirstName: "Olga", Username: "olga_owner", Business: true, ID: 7_000_001_234})
	w.ok(err)
	a.login = "110201543-7000001234"
	a.connection, err = w.telegram.Connect(a.owner.ID, botID, rights...)
	w.ok(err)
	a.chat, err = w.telegram.BusinessChat(w.ana.ID, a.owner.ID)
	w.ok(err)
	a.mine, err = w.telegram.OwnerChat(a.owner.ID, w.ana.ID)
	w.ok(err)
	w.id(a.chat.SendText("hello, Olga"))
	a.room = w.sees("Ana's words to the account", text("hello, Olga")).Room
	return a
}

func TestABusinessAccountIsALoginOfItsOwn(t *testing.T) {
	a := newAccount(t, nil)
	if a.room == a.world.room {
		t.Error("the account's chat with Ana has the room of the bot's own chat with her")
	}
	a.state(a.login, "that it is connected", func(s status.BridgeState) bool { return s.StateEvent == status.StateConnected })
	if told := a.operators.last("telegram:110201543-7000001234:connection"); !strings.Contains(told, "Olga") {
		t.Errorf("the operators were told %q", told)
	}
	t.Run("AndStaysItWhenConnectedAnew", func(t *testing.T) {
		a.t = t
		a.ok(a.telegram.Disconnect(a.connection))
		a.state(a.login, "that it is disconnected", func(s status.BridgeState) bool {
			return s.StateEvent == status.StateBadCredentials && strings.Contains(s.Message, "Settings, Telegram Business, Chatbots")
		})
		_, err := a.says(a.room, "while disconnected")
		if !errors.Is(err, errs.ErrForbidden) || !strings.Contains(errs.Message(err), "was disconnected") {
			t.Errorf("sending ended with %v, %q", err, errs.Message(err))
		}
		again, err := a.telegram.Connect(a.owner.ID, botID)
		a.ok(err)
		if again == a.connection {
			t.Fatal("the connection has the same ID, so that nothing is tried")
		}
		a.state(a.login, "that it is connected again", func(s status.BridgeState) bool { return s.StateEvent == status.StateConnected })
		a.id(a.chat.SendText("are you back?"))
		if got := a.sees("the words", text("are you back?")).Room; got != a.room {
			t.Errorf("they came into another room")
		}
		_, err = a.says(a.room, "we are")
		a.ok(err)
		a.shows(a.chat, "the answer", said2("we are"))
	})
}

func said2(body string) func(emulator.Message) bool {
	return func(m emulator.Message) bool { return m.Text == body }
}

func TestARightThatIsMissingIsSaid(t *testing.T) {
	a := newAccount(t, nil, "can_read_messages")
	a.state(a.login, "that it may not reply", func(s status.BridgeState) bool {
		return s.StateEvent == status.StateBadCredentials && strings.Contains(s.Message, "right to reply")
	})
	_, err := a.says(a.room, "may I?")
	if !strings.Contains(errs.Message(err), "right to reply") {
		t.Errorf("sending ended with %v, %q", err, errs.Message(err))
	}
	a.ok(a.telegram.SetRights(a.connection, "can_reply"))
	a.state(a.login, "that it may", func(s status.BridgeState) bool { return s.StateEvent == status.StateConnected })
	sent, err := a.says(a.room, "now I may")
	a.ok(err)
	a.shows(a.chat, "the answer", said2("now I may"))
	_, err = a.sends(a.room, event.EventRedaction, &event.RedactionEventContent{Redacts: sent})
	if !strings.Contains(errs.Message(err), "may not delete") {
		t.Errorf("deleting ended with %v, %q", err, errs.Message(err))
	}
}

func TestTheOwnersWordsAreTheBusinesss(t *testing.T) {
	a := newAccount(t, nil)
	own := a.id(a.mine.SendText("from Olga's phone"))
	first := a.sees("Olga's words", text("from Olga's phone"))
	if first.Room != a.room || !strings.Contains(string(first.Sender), "business") {
		t.Errorf("Olga's words came from %s into %s", first.Sender, first.Room)
	}
	a.ok(a.mine.Edit(own, "from Olga's new phone"))
	a.sees("her edit", func(one said) bool {
		return one.Content != nil && one.Content.NewContent != nil && one.Content.NewContent.Body == "from Olga's new phone"
	})
	_, err := a.says(a.room, "from an agent")
	a.ok(err)
	message := a.shows(a.chat, "the agent's words", said2("from an agent"))
	a.ok(a.mine.Edit(message.ID, "from an agent, corrected"))
	a.sees("that Olga changed them", notice("Changed in Telegram to: from an agent, corrected"))
	a.ok(a.chat.Delete(own))
	a.sees("the deletion", func(one said) bool { return one.Type == event.EventRedaction && one.Redacts == first.ID })
	if n := a.count(text("from an agent")); n != 0 {
		t.Errorf("the echo of the agent's words came %d times", n)
	}
}

func TestAnAgentsOwnEditIsNoNews(t *testing.T) {
	a := newAccount(t, nil)
	sent, err := a.says(a.room, "at fvie")
	a.ok(err)
	_, err = a.sends(a.room, event.EventMessage, edit(sent, "at five"))
	a.ok(err)
	a.shows(a.chat, "the edit", said2("at five"))
	a.id(a.chat.SendText("thanks"))
	a.sees("what comes behind the echo", text("thanks"))
	if n := a.count(notice("Changed in Telegram")); n != 0 {
		t.Errorf("an agent's own edit is told %d times", n)
	}
}

func TestTheEchoSettlesAnAnswerThatWasCut(t *testing.T) {
	a := newAccount(t, func(config *telegram.Config) { config.EchoGrace = time.Minute })
	a.telegram.FailNext(1, emulator.Fault{Method: "sendMessage", Cut: true})
	_, err := a.says(a.room, "once only")
	a.ok(err)
	a.id(a.chat.SendText("thanks"))
	a.sees("what comes behind the echo", text("thanks"))
	copies := 0
	for _, m := range a.chat.View().Messages {
		if m.Text == "once only" {
			copies++
		}
	}
	if copies != 1 || a.count(text("once only")) != 0 {
		t.Errorf("the phone shows it %d times, the room %d times more", copies, a.count(text("once only")))
	}
}

// The process died while it sent, and the echo waits at Telegram until somebody asks for it.
func TestTheEchoIsWaitedForAfterAnAbsence(t *testing.T) {
	a := newAccount(t, func(config *telegram.Config) { config.EchoGrace = time.Minute })
	now := time.Now()
	a.away.from, a.away.until = now.Add(-time.Hour), now
	a.outcomes.put(a.next(), outcomeFake{room: a.room, began: now.Add(-time.Hour), attempts: 1})
	_, err := a.says(a.room, "sent before")
	if _, again := errs.IsTemporary(err); !again || !strings.Contains(errs.Message(err), "waiting") {
		t.Errorf("it ended with %v", err)
	}
	for _, m := range a.chat.View().Messages {
		if m.Text == "sent before" {
			t.Error("it was sent again")
		}
	}
}

func TestWhatTelegramHasDoesNotFailByItsWindow(t *testing.T) {
	a := newAccount(t, nil)
	carl, err := a.telegram.AddCustomer(emulator.Customer{FirstName: "Carl"})
	a.ok(err)
	late, err := a.telegram.OwnerChat(a.owner.ID, carl.ID)
	a.ok(err)
	a.id(late.SendText("Olga writes first"))
	room := a.sees("Olga's words", text("Olga writes first")).Room
	a.outcomes.put(a.next(), outcomeFake{room: room, sent: string(a.login) + "/1.2", attempts: 1})
	if _, err = a.says(room, "sent in time"); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestReactionsOfAgentsAreRefused(t *testing.T) {
	a := newAccount(t, nil)
	target := a.sees("Ana's words", text("hello, Olga"))
	_, err := a.sends(a.room, event.EventReaction, &event.ReactionEventContent{RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: target.ID, Key: "👍"}})
	if !errors.Is(err, errs.ErrUnsupported) || !strings.Contains(errs.Message(err), "business account") {
		t.Errorf("it ended with %v, %q", err, errs.Message(err))
	}
}

func TestWhatTheBotSentCanBeChangedForEver(t *testing.T) {
	a := newAccount(t, nil)
	a.ok(a.handle(&event.Event{
		ID: "$old", RoomID: a.room, Sender: desk, Type: event.EventMessage, Timestamp: time.Now().Add(-49 * time.Hour).UnixMilli(),
		Content: event.Content{Parsed: &event.MessageEventContent{MsgType: event.MsgText, Body: "at fvie"}, Raw: map[string]any{}},
	}))
	_, err := a.sends(a.room, event.EventMessage, edit("$old", "at five"))
	a.ok(err)
	a.shows(a.chat, "the edit", said2("at five"))
}

func TestAPressIsNoMessage(t *testing.T) {
	a := newAccount(t, nil)
	a.world.room = a.room
	a.ok(a.choices(network.ChoicesContent{Body: "Which day?", Choice: []network.Choice{{ID: "mon", Title: "Monday"}}}))
	asked := a.shows(a.chat, "the question", said2("Which day?"))
	kept := func() telegram.PortalMeta {
		portal, err := a.bridge.DB.Portal.GetByMXID(a.ctx, a.room) // as it is written down: the one in memory is in use
		a.ok(err)
		return *portal.Metadata.(*telegram.PortalMeta)
	}
	before := kept()
	_, err := a.chat.Press(asked.ID, "Monday")
	a.ok(err)
	a.sees("the answer", text("Monday"))
	if now := kept(); now != before {
		t.Errorf("the chat was %+v and is %+v", before, now)
	}
}

func TestTheWindowOfABusinessAccount(t *testing.T) {
	a := newAccount(t, nil)
	ben, err := a.telegram.AddCustomer(emulator.Customer{FirstName: "Ben"})
	a.ok(err)
	chat, err := a.telegram.BusinessChat(ben.ID, a.owner.ID)
	a.ok(err)
	a.id(chat.SendText("yesterday", emulator.SentAt(time.Now().Add(-23*time.Hour-59*time.Minute))))
	room := a.sees("Ben's words", text("yesterday")).Room
	_, err = a.says(room, "in time")
	a.ok(err)
	carl, err := a.telegram.AddCustomer(emulator.Customer{FirstName: "Carl"})
	a.ok(err)
	late, err := a.telegram.OwnerChat(a.owner.ID, carl.ID)
	a.ok(err)
	a.id(late.SendText("Olga writes first"))
	room = a.sees("Olga's words", text("Olga writes first")).Room
	_, err = a.says(room, "too late")
	if !errors.Is(err, errs.ErrForbidden) || !strings.Contains(errs.Message(err), "24 hours") {
		t.Errorf("it ended with %v, %q", err, errs.Message(err))
	}
}
