package signal_test

import (
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

func TestAGroupsChangesStandInItsRoom(t *testing.T) {
	w := build(t)
	w.connect()
	ana, ben, eva := w.customer("Ana"), w.customer("Ben"), w.customer("Eva")
	eva.opens()
	chat, room := w.group(emulator.Group{Name: "Lamps", Description: "about lamps"}, ana, ben)
	// here is a fact about the room's state
	here := func(fact func(content any) bool) person.Fact {
		return func(evt *event.Event) bool { return evt.RoomID == room && fact(evt.Content.Parsed) }
	}
	w.alice.sees("the topic", 0, here(func(content any) bool {
		topic, ok := content.(*event.TopicEventContent)
		return ok && topic.Topic == "about lamps"
	}))
	w.alice.sees("the picture", 0, here(func(content any) bool {
		avatar, ok := content.(*event.RoomAvatarEventContent)
		return ok && avatar.URL != ""
	}))
	w.must(chat.Rename("Lamps and shades"))
	w.alice.sees("the new name", 0, here(func(content any) bool {
		name, ok := content.(*event.RoomNameEventContent)
		return ok && name.Name == "Lamps and shades"
	}))
	w.must(chat.AddMembers(eva.ACI))
	w.alice.sees("Eva", 0, here(func(content any) bool {
		member, ok := content.(*event.MemberEventContent)
		return ok && member.Displayname == "Eva" && member.Membership == event.MembershipJoin
	}))
	mark := w.alice.Mark()
	w.must(chat.RemoveMember(ben.ACI))
	w.alice.sees("Ben leaving", mark, here(func(content any) bool {
		member, ok := content.(*event.MemberEventContent)
		return ok && member.Membership == event.MembershipLeave
	}))
	w.must(chat.MakeAdmin(eva.ACI, true))
	w.alice.sees("Eva's power", mark, here(func(content any) bool {
		levels, ok := content.(*event.PowerLevelsEventContent)
		if !ok {
			return false
		}
		admins := 0
		for _, level := range levels.Users {
			if level == 50 {
				admins++
			}
		}
		return admins == 2
	}))
}

func TestWhoInAGroupMissedAMessageIsNamed(t *testing.T) {
	w := build(t)
	w.connect()
	ana, gone := w.customer("Ana"), w.magic("Gone Gloria", "0404")
	gone.opens()
	_, room := w.group(emulator.Group{Name: "Lamps"}, ana, gone)
	mark := w.alice.Mark()
	sent := w.alice.say(room, "to both")
	ana.gets("to both")
	w.alice.notice(room, mark, "Not everybody", "Gone Gloria")
	w.alice.sees("success", mark, person.Status(sent, event.MessageStatusSuccess))
}
