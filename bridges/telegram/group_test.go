package telegram_test

import (
	"fmt"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/telegram/emulator"
)

// group makes a group with Ana and the bot in it.
func (w *world) group(change func(*emulator.Group)) *emulator.Chat {
	w.t.Helper()
	made := emulator.Group{Title: "Lamp friends", Members: []int64{w.ana.ID}, Admins: []int64{botID}}
	if change != nil {
		change(&made)
	}
	added, err := w.telegram.AddGroup(made)
	w.ok(err)
	chat, err := w.telegram.GroupChat(w.ana.ID, added.ID)
	w.ok(err)
	return chat
}

func roomName(name string) func(said) bool {
	return func(one said) bool {
		content, ok := one.State.(*event.RoomNameEventContent)
		return ok && content.Name == name
	}
}

func TestAGroupThatBecomesASupergroupKeepsItsRoom(t *testing.T) {
	w := newWorld(t, nil)
	chat := w.group(nil)
	w.id(chat.SendText("in the group"))
	room := w.sees("the words in the group", text("in the group")).Room
	t.Run("WhenItIsTold", func(t *testing.T) {
		w.t = t
		_, err := chat.Upgrade()
		w.ok(err)
		w.id(chat.SendText("in the supergroup"))
		if got := w.sees("the words in the supergroup", text("in the supergroup")).Room; got != room {
			t.Errorf("they came into %s, not into %s", got, room)
		}
		_, err = w.says(room, "to the supergroup")
		w.ok(err)
		w.shows(chat, "the answer", fromBot("to the supergroup"))
	})
	t.Run("WhenItIsFoundOutBySending", func(t *testing.T) {
		w.t = t
		second := w.group(func(g *emulator.Group) { g.Title = "Second" })
		w.id(second.SendText("in the second group"))
		room := w.sees("the words", text("in the second group")).Room
		w.telegram.Hold()
		_, err := second.Upgrade()
		w.ok(err)
		_, err = w.says(room, "before it is told")
		w.ok(err)
		w.shows(second, "the answer", fromBot("before it is told"))
		w.telegram.Release(false)
		w.id(second.SendText("afterwards"))
		if got := w.sees("the words afterwards", text("afterwards")).Room; got != room {
			t.Errorf("they came into %s, not into %s", got, room)
		}
	})
}

func TestTopicsHaveRoomsOfTheirOwn(t *testing.T) {
	w := newWorld(t, nil)
	chat := w.group(func(g *emulator.Group) { g.Supergroup, g.Forum = true, true })
	w.id(chat.SendText("in General"))
	general := w.sees("the words in General", text("in General")).Room
	topic := w.id(chat.CreateTopic("Repairs"))
	w.id(chat.SendText("about repairs", emulator.InTopic(topic)))
	repairs := w.sees("the words in the topic", text("about repairs"))
	if repairs.Room == general || repairs.Content.RelatesTo.GetReplyTo() != "" {
		t.Errorf("the topic's words came into %s in reply to %q", repairs.Room, repairs.Content.RelatesTo.GetReplyTo())
	}
	w.sees("the topic's name", roomName("Lamp friends › Repairs"))
	_, err := w.says(repairs.Room, "to the topic")
	w.ok(err)
	if got := w.shows(chat, "the answer", fromBot("to the topic")); got.Thread != topic {
		t.Errorf("the answer is in the thread %d, not %d", got.Thread, topic)
	}
	_, err = w.says(general, "to General")
	w.ok(err)
	if got := w.shows(chat, "the answer in General", fromBot("to General")); got.Thread != 0 {
		t.Errorf("the answer in General is in the thread %d", got.Thread)
	}
	w.ok(chat.RenameTopic(topic, "Mending"))
	w.sees("the topic's new name", roomName("Lamp friends › Mending"))
}

func TestWhatHappensInAGroup(t *testing.T) {
	w := newWorld(t, nil)
	chat := w.group(func(g *emulator.Group) { g.Supergroup = true })
	w.id(chat.SendText("we are here"))
	first := w.sees("the first words", text("we are here"))
	w.sees("that the bot came in", notice("The bot was added to the group"))
	w.ok(chat.SetTitle("Lamp lovers"))
	w.sees("the new name", roomName("Lamp lovers"))
	ben, err := w.telegram.AddCustomer(emulator.Customer{FirstName: "Ben"})
	w.ok(err)
	w.ok(chat.Invite(ben.ID))
	bens, err := w.telegram.GroupChat(ben.ID, chat.ID())
	w.ok(err)
	said1 := w.id(bens.SendText("hello all"))
	hello := w.sees("Ben's words", text("hello all"))
	if hello.Sender == first.Sender || hello.Room != first.Room {
		t.Errorf("Ben's words came from %s into %s", hello.Sender, hello.Room)
	}
	w.sees("that Ben came", member(event.MembershipJoin))
	w.ok(chat.React(said1, "🔥"))
	reaction := w.sees("the reaction", func(one said) bool { return one.Type == event.EventReaction && one.Redacts == hello.ID })
	if reaction.Sender != first.Sender {
		t.Errorf("the reaction is from %s", reaction.Sender)
	}
	w.ok(bens.Leave())
	w.sees("that Ben left", member(event.MembershipLeave))
	w.id(chat.SendText("for the group", emulator.Anonymously()))
	if got := w.sees("the anonymous words", text("for the group")); got.Sender == first.Sender || w.nameOf(got.Sender) != "Lamp lovers" {
		t.Errorf("anonymous words came from %s, called %q", got.Sender, w.nameOf(got.Sender))
	}
	w.ok(chat.Remove(botID))
	w.sees("that the bot was removed", notice("The bot was removed from the group"))
}

func (w *world) nameOf(user id.UserID) string {
	w.home.mu.Lock()
	defer w.home.mu.Unlock()
	return w.home.names[user]
}

func member(now event.Membership) func(said) bool {
	return func(one said) bool {
		content, ok := one.State.(*event.MemberEventContent)
		return ok && content.Membership == now
	}
}

func TestForwardsNameTheirOrigin(t *testing.T) {
	w := newWorld(t, nil)
	for name, option := range map[string]emulator.Option{
		"Hidden Harry": emulator.ForwardedFromHidden("Hidden Harry"), "Ana Ortiz": emulator.ForwardedFrom(w.ana.ID),
	} {
		words := fmt.Sprintf("passed on from %s", name)
		w.id(w.chat.SendText(words, option))
		if got := w.sees("the forward", contains(words)).Content.Body; !strings.HasPrefix(got, "↷ Forwarded from "+name+"\n") {
			t.Errorf("it came as %q", got)
		}
	}
}
