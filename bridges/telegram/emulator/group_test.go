package emulator_test

import (
	"testing"

	"puente/bridges/telegram/emulator"
	"puente/core/testkit/sample"
)

// withGroup makes a group of Ana's with both bots and forgets the updates of that.
func (w *world) withGroup(g emulator.Group) *emulator.Chat {
	w.t.Helper()
	g.Title, g.Members = "Gardeners", append([]int64{w.ana}, g.Members...)
	if g.Bots == nil && g.Admins == nil {
		g.Bots = []int64{botID, otherID}
	}
	made, err := w.e.AddGroup(g)
	w.ok(err)
	chat, err := w.e.GroupChat(w.ana, made.ID)
	w.ok(err)
	w.updates()
	return chat
}

func (w *world) othersTexts() string {
	w.t.Helper()
	return texts(w.callAs(otherToken, "getUpdates", object{"allowed_updates": []string{"message"}})["result"])
}

func TestJoiningAGroup(t *testing.T) {
	w := newWorld(t, nil).withAna()
	_, err := w.e.AddGroup(emulator.Group{Title: "G", Members: []int64{w.ana}, Admins: []int64{botID}})
	w.ok(err)
	all := w.updates()
	w.want(len(all), 3)
	w.want(at(all[0], "my_chat_member", "new_chat_member", "status"), "member")
	w.want(at(all[1], "message", "new_chat_members", 0, "id"), botID)
	w.want(at(all[2], "my_chat_member", "new_chat_member", "status"), "administrator")
}

func TestPrivacyMode(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{})
	w.callAs(otherToken, "getUpdates", object{"offset": -1})
	for _, text := range []string{
		"plain", "/help", "/help@lucky_shrub_bot", "/help@other_bot", "hi @Lucky_Shrub_Bot", "hi @somebody",
	} {
		w.id(g.SendText(text))
	}
	sent := w.result("sendMessage", object{"chat_id": g.ID(), "text": "from the bot"})
	w.id(g.Reply(int64(at(sent, "message_id").(float64)), "answer"))
	var seen []any
	for _, u := range w.updates() {
		seen = append(seen, at(u, "message", "text"))
	}
	w.want(seen, []any{"/help", "/help@lucky_shrub_bot", "hi @Lucky_Shrub_Bot", "answer"})
	w.want(w.othersTexts() != "", true)

	w.ok(g.Promote(botID))
	w.updates()
	w.id(g.SendText("plain"))
	w.want(w.update("message")["text"], "plain")
}

func TestMembers(t *testing.T) {
	w := newWorld(t, nil).withAna()
	bea := w.person("Bea", "")
	g := w.withGroup(emulator.Group{Admins: []int64{botID}, Members: []int64{bea.UserID()}})
	w.result("getUpdates", object{"allowed_updates": []string{"message", "chat_member", "my_chat_member"}})
	w.ok(g.Restrict(bea.UserID()))
	w.want(at(w.update("chat_member"), "new_chat_member", "can_send_messages"), false)
	w.ok(g.Remove(bea.UserID()))
	all := w.updates()
	w.want(at(all[0], "message", "left_chat_member", "first_name"), "Bea")
	w.want(at(all[1], "chat_member", "new_chat_member", "status"), "kicked")
	w.want(at(w.result("getChatMember", object{"chat_id": g.ID(), "user_id": bea.UserID()}), "status"), "kicked")
	w.want(w.result("getChatMemberCount", object{"chat_id": g.ID()}), 2)
	admins := w.result("getChatAdministrators", object{"chat_id": g.ID()}).([]any)
	w.want(len(admins), 2)

	w.ok(g.SetTitle("Growers"))
	w.want(w.update("message")["new_chat_title"], "Growers")
	w.result("setChatTitle", object{"chat_id": g.ID(), "title": "Sowers"})
	w.want(w.update("message")["new_chat_title"], "Sowers") // a bot hears of what it did itself
	w.ok(g.SetGroupPhoto(must(sample.PhotoJPEG())))
	w.want(at(w.update("message"), "new_chat_photo", 1, "width"), 640)
	w.want(at(w.result("getChat", object{"chat_id": g.ID()}), "photo") != nil, true)
	w.ok(g.SetGroupPhoto(nil))
	w.want(w.update("message")["delete_chat_photo"], true)
	w.id(g.StartVideoChat())
	w.want(w.update("message")["video_chat_started"] != nil, true)

	w.ok(g.Remove(botID))
	all = w.updates()
	w.want(at(all[len(all)-1], "my_chat_member", "new_chat_member", "status"), "kicked")
	w.refused("sendMessage", object{"chat_id": g.ID(), "text": "x"}, "Forbidden: bot was kicked from the group chat")
}

func TestPins(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{Supergroup: true, Admins: []int64{botID}})
	id := w.id(g.SendText("important"))
	w.updates()
	w.result("pinChatMessage", object{"chat_id": g.ID(), "message_id": id})
	w.want(at(w.update("message"), "pinned_message", "text"), "important")
	w.want(at(w.result("getChat", object{"chat_id": g.ID()}), "pinned_message", "message_id"), id)
	w.ok(g.Pin(id))
	w.updates()
	w.result("unpinChatMessage", object{"chat_id": g.ID(), "message_id": id})
	w.refused("unpinChatMessage", object{"chat_id": g.ID(), "message_id": id}, "Bad Request: message to unpin not found")
	w.result("unpinAllChatMessages", object{"chat_id": g.ID()})
}

func TestMigration(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{Admins: []int64{botID}})
	w.id(g.SendText("before"))
	w.updates()
	old := g.ID()
	grown, err := g.Upgrade()
	w.ok(err)
	all := w.updates()
	w.want(at(all[0], "message", "migrate_to_chat_id"), grown)
	w.want(at(all[1], "message", "migrate_from_chat_id"), old)
	w.want(at(all[1], "message", "message_id"), 1)
	out := w.refused("sendMessage", object{"chat_id": old, "text": "x"}, "Bad Request: group chat was upgraded to a supergroup chat")
	w.want(at(out, "parameters", "migrate_to_chat_id"), grown)
	w.result("sendMessage", object{"chat_id": grown, "text": "x"})
	w.id(g.SendText("after"))
	w.want(at(w.update("message"), "chat", "id"), grown)
}

func TestTopics(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{Supergroup: true, Forum: true, Admins: []int64{botID}})
	made := w.result("createForumTopic", object{"chat_id": g.ID(), "name": "Ana"})
	thread := int64(at(made, "message_thread_id").(float64))
	w.want(at(w.update("message"), "forum_topic_created", "name"), "Ana") // a bot hears of its own topics
	w.id(g.SendText("in it", emulator.InTopic(thread)))
	m := w.update("message")
	w.want(m["message_thread_id"], thread)
	w.want(m["is_topic_message"], true)
	w.want(at(m, "reply_to_message", "message_id"), thread)
	sent := w.result("sendMessage", object{"chat_id": g.ID(), "message_thread_id": thread, "text": "x"})
	w.want(at(sent, "message_thread_id"), thread)
	w.refused("sendMessage", object{"chat_id": g.ID(), "message_thread_id": 99, "text": "x"}, "Bad Request: message thread not found")

	w.ok(g.RenameTopic(thread, "Bea"))
	w.want(at(w.update("message"), "forum_topic_edited", "name"), "Bea")
	w.result("closeForumTopic", object{"chat_id": g.ID(), "message_thread_id": thread})
	w.want(w.update("message")["forum_topic_closed"] != nil, true)
	w.result("reopenForumTopic", object{"chat_id": g.ID(), "message_thread_id": thread})
	w.result("editForumTopic", object{"chat_id": g.ID(), "message_thread_id": thread, "name": "Cy"})
	w.result("unpinAllForumTopicMessages", object{"chat_id": g.ID(), "message_thread_id": thread})
	w.result("deleteForumTopic", object{"chat_id": g.ID(), "message_thread_id": thread})
	w.want(len(g.View().Topics), 0)
}

func TestAnonymousAdministrator(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{Supergroup: true, Admins: []int64{botID}})
	w.ok(g.GoAnonymous())
	id := w.id(g.SendText("who am I"))
	m := w.update("message")
	w.want(at(m, "sender_chat", "id"), g.ID())
	w.want(at(m, "from", "username"), "GroupAnonymousBot")
	w.result("getUpdates", object{"allowed_updates": []string{"message_reaction_count", "message_reaction"}})
	w.ok(g.React(id, "👍"))
	w.want(at(w.update("message_reaction_count"), "reactions", 0, "total_count"), 1)
}

func TestReactionsInGroups(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{Supergroup: true})
	w.result("getUpdates", object{"allowed_updates": []string{"message_reaction"}})
	id := w.id(g.SendText("x"))
	w.ok(g.React(id, "👍"))
	w.want(len(w.updates()), 0) // no administrator, no reactions
	w.ok(g.Promote(botID))
	w.ok(g.React(id, "❤"))
	w.want(at(w.update("message_reaction"), "user", "id"), w.ana)
}

func TestChannel(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{Channel: true, Username: "gardeners", Bots: []int64{botID}})
	id := w.id(g.SendText("news"))
	m := w.update("channel_post")
	w.want(at(m, "sender_chat", "type"), "channel")
	w.want(m["from"], nil)
	w.ok(g.Edit(id, "newer"))
	w.want(w.update("edited_channel_post")["text"], "newer")
	sent := w.result("sendMessage", object{"chat_id": "@gardeners", "text": "from the bot"})
	w.want(at(sent, "chat", "id"), g.ID())
	w.result("editMessageText", object{"chat_id": g.ID(), "message_id": at(sent, "message_id"), "text": "edited"})
}

func TestLeaving(t *testing.T) {
	w := newWorld(t, nil).withAna()
	g := w.withGroup(emulator.Group{Supergroup: true})
	w.result("leaveChat", object{"chat_id": g.ID()})
	all := w.updates()
	w.want(at(all[len(all)-1], "my_chat_member", "new_chat_member", "status"), "left")
	w.refused("sendMessage", object{"chat_id": g.ID(), "text": "x"}, "Forbidden: bot is not a member of the supergroup chat")
	w.ok(g.Leave())
	if _, err := g.SendText("x"); err == nil {
		t.Error("somebody wrote into a group that they had left")
	}
	w.ok(g.Join())
	w.id(g.SendText("x"))
}
