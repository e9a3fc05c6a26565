package emulator_test

import (
	"testing"
	"time"

	"github.com/go-telegram/bot"

	"puente/bridges/telegram/emulator"
)

// shop is a business account that the first bot is connected to, with Ana as its customer.
type shop struct {
	*world
	owner        int64
	connection   string
	customer, me *emulator.Chat
}

func newShop(t *testing.T, rights ...string) *shop {
	t.Helper()
	s := &shop{world: newWorld(t, nil).withAna()}
	owner, err := s.e.AddCustomer(emulator.Customer{FirstName: "Olga", Business: true})
	s.ok(err)
	s.owner = owner.ID
	s.connection, err = s.e.Connect(s.owner, botID, rights...)
	s.ok(err)
	u := s.update("business_connection")
	s.want(u["id"], s.connection)
	s.want(u["is_enabled"], true)
	s.customer, err = s.e.BusinessChat(s.ana, s.owner)
	s.ok(err)
	s.me, err = s.e.OwnerChat(s.owner, s.ana)
	s.ok(err)
	return s
}

func (s *shop) fields(more object) object {
	out := object{"business_connection_id": s.connection, "chat_id": s.ana}
	for name, v := range more {
		out[name] = v
	}
	return out
}

func TestBusinessMessages(t *testing.T) {
	s := newShop(t)
	id := s.id(s.customer.SendText("do you have trees?"))
	m := s.update("business_message")
	s.want(m["business_connection_id"], s.connection)
	s.want(at(m, "from", "id"), s.ana)
	s.want(at(m, "chat", "id"), s.ana)

	s.id(s.me.SendText("yes", emulator.FromOffline()))
	m = s.update("business_message")
	s.want(at(m, "from", "id"), s.owner)
	s.want(at(m, "chat", "id"), s.ana)
	s.want(m["is_from_offline"], true)

	sent, err := s.bot.SendMessage(s.ctx, &bot.SendMessageParams{BusinessConnectionID: s.connection, ChatID: s.ana, Text: "and shrubs"})
	s.ok(err)
	s.want(sent.From.ID, s.owner)
	s.want(sent.SenderBusinessBot.ID, botID)
	s.want(at(s.update("business_message"), "sender_business_bot", "id"), botID)
	last, _ := s.customer.View().Last()
	s.want(last.Bot, botID)

	s.result("readBusinessMessage", s.fields(object{"message_id": id}))
	m1, _ := s.customer.View().Message(id)
	s.want(m1.Read, true)
}

func TestBusinessChanges(t *testing.T) {
	s := newShop(t)
	first, second := s.id(s.customer.SendText("one")), s.id(s.customer.SendText("two"))
	s.updates()
	s.ok(s.customer.Edit(first, "uno"))
	s.want(s.update("edited_business_message")["text"], "uno")
	s.ok(s.customer.Delete(first, second))
	s.want(s.update("deleted_business_messages")["message_ids"], []any{first, second})

	sent := s.result("sendMessage", s.fields(object{"text": "x"}))
	s.updates()
	s.result("editMessageText", s.fields(object{"message_id": at(sent, "message_id"), "text": "y"}))
	s.want(s.update("edited_business_message")["text"], "y")
	s.result("deleteBusinessMessages", object{"business_connection_id": s.connection, "message_ids": []any{at(sent, "message_id")}})
	s.want(s.update("deleted_business_messages")["message_ids"], []any{at(sent, "message_id")})
	s.result("setMessageReaction", object{"chat_id": s.ana, "message_id": 1, "reaction": []any{}}) // the bot's own chat
}

func TestBusinessRules(t *testing.T) {
	s := newShop(t)
	s.refused("sendMessage", s.fields(object{"text": "x"}), "Bad Request: BUSINESS_PEER_INVALID") // never wrote
	s.id(s.customer.SendText("hello"))
	s.result("sendMessage", s.fields(object{"text": "x", "reply_parameters": object{"message_id": 999}}))
	s.refused("sendMessage", s.fields(object{"text": "x", "reply_parameters": object{"message_id": 1, "chat_id": 5}}), "Bad Request: reply to messages in other chats")
	s.clock.Advance(25 * time.Hour)
	s.refused("sendMessage", s.fields(object{"text": "x"}), "Bad Request: BUSINESS_PEER_USAGE_MISSING")
	s.id(s.customer.SendText("still there?"))
	s.result("sendChatAction", s.fields(object{"action": "typing"}))
	s.want(s.customer.View().Typing, "typing")
	s.result("sendMessage", s.fields(object{"text": "x"}))
}

func TestBusinessConnectionChanges(t *testing.T) {
	s := newShop(t)
	s.id(s.customer.SendText("hello"))
	s.updates()
	s.ok(s.e.SetRights(s.connection, "can_read_messages"))
	u := s.update("business_connection")
	s.want(at(u, "rights", "can_reply"), nil)
	s.refused("sendMessage", s.fields(object{"text": "x"}), "Bad Request: BUSINESS_CONNECTION_NOT_ALLOWED")
	s.refused("deleteBusinessMessages", object{"business_connection_id": s.connection, "message_ids": []int64{1}}, "Bad Request: message can't be deleted")

	s.ok(s.e.Disconnect(s.connection))
	s.want(s.update("business_connection")["is_enabled"], false)
	s.refused("sendMessage", s.fields(object{"text": "x"}), "Bad Request: BUSINESS_CONNECTION_INVALID")
	s.id(s.customer.SendText("unseen"))
	s.want(len(s.updates()), 0)

	again, err := s.e.Connect(s.owner, botID)
	s.ok(err)
	s.want(again != s.connection, true)
	s.update("business_connection")
	got := s.result("getBusinessConnection", object{"business_connection_id": again})
	s.want(at(got, "user", "id"), s.owner)
	s.refused("getBusinessConnection", object{"business_connection_id": "nobody"}, "Bad Request: business connection not found")
	if _, err = s.e.Connect(s.owner, otherID); err == nil {
		t.Error("a bot without business mode was connected")
	}
}
