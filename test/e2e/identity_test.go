package e2e

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
)

// topic waits until the room's topic contains the words.
func (a *agent) topic(room id.RoomID, words string) string {
	a.w.tb.Helper()
	return a.sees("a topic with "+words, func(evt *event.Event) bool {
		return evt.RoomID == room && evt.Type == event.StateTopic && strings.Contains(evt.Content.AsTopic().Topic, words)
	}).Content.AsTopic().Topic
}

func TestCustomerIdentity(t *testing.T) {
	w := build(t, nil)
	w.connect()
	// without removes what names a customer in one way from a hand-made webhook.
	without := func(value map[string]any, message, contact string) map[string]any {
		delete(value["messages"].([]any)[0].(map[string]any), message)
		delete(value["contacts"].([]any)[0].(map[string]any), contact)
		return value
	}
	text := func(wamid, body string) map[string]any {
		return map[string]any{"id": wamid, "type": "text", "text": map[string]any{"body": body}}
	}
	sameRoom := func(t *testing.T, want id.RoomID, body string) {
		t.Helper()
		if got := w.bob.text(body).RoomID; got != want {
			t.Errorf("%q came into %s, want the customer's room %s", body, got, want)
		}
	}

	w.sub(t, "FirstByNumberThenByUserIDIsOneRoom", func(t *testing.T) {
		old := w.customer("Old")
		w.emulator.Enqueue("messages", without(w.value(old, text("wamid.old1", "only my number")), "from_user_id", "user_id"))
		room := w.bob.text("only my number").RoomID
		old.says("now with my ID")
		sameRoom(t, room, "now with my ID")
		w.emulator.Enqueue("messages", without(w.value(old, text("wamid.old2", "only my ID")), "from", "wa_id"))
		sameRoom(t, room, "only my ID")
		w.emulator.Enqueue("messages", without(w.value(old, text("wamid.old3", "only my number again")), "from_user_id", "user_id"))
		sameRoom(t, room, "only my number again")
		w.bob.say(room, "hello to both")
		old.gets("hello to both")
	})
	w.sub(t, "AHiddenNumberIsReachedByUserID", func(t *testing.T) {
		shy := w.person(emulator.Customer{Name: "Shy", Username: "shy.one", HidesNumber: true})
		room := shy.opens()
		topic := w.bob.topic(room, "@shy.one")
		if strings.Contains(topic, shy.WaID) {
			t.Errorf("the topic %q shows the hidden number", topic)
		}
		w.bob.say(room, "hello shy one")
		if got := shy.gets("hello shy one"); !got.ByUserID {
			t.Error("the answer was addressed by number")
		}
		shown := *shy
		w.emulator.Enqueue("messages", w.value(&shown, text("wamid.shy1", "you may see my number")))
		w.bob.text("you may see my number")
		w.bob.topic(room, "+"+shy.WaID)
	})
	w.sub(t, "ANewNumberKeepsTheRoom", func(t *testing.T) {
		mover := w.customer("Mover")
		room := mover.opens()
		_, err := mover.ChangeNumber("16505559876")
		w.must(err)
		w.bob.message("the notice of the new number", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.RoomID == room && msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, "new phone number")
		})
		if topic := w.bob.topic(room, "+16505559876"); strings.Contains(topic, mover.WaID) {
			t.Errorf("the topic %q still shows the old number", topic)
		}
		mover.says("from my new number")
		sameRoom(t, room, "from my new number")
		w.bob.say(room, "to your new number")
		mover.gets("to your new number")
	})
	w.sub(t, "TheOldNumberOfSomebodyElseIsSomebodyElse", func(t *testing.T) {
		first := w.customer("First")
		room := first.opens()
		second := w.customer("Second")
		w.emulator.Enqueue("messages", w.value(&customer{Customer: emulator.Customer{Name: "Second", UserID: second.UserID, WaID: first.WaID}, w: w}, text("wamid.second1", "I have that number now")))
		if got := w.bob.text("I have that number now").RoomID; got == room {
			t.Error("somebody with another user ID and the same number came into the first customer's room")
		}
	})
	w.sub(t, "ANewUserIDKeepsTheRoom", func(t *testing.T) {
		renewed := w.customer("Renewed")
		room := renewed.opens()
		_, err := renewed.ChangeUserID("US.99990000111122223333")
		w.must(err)
		w.bob.message("the notice of the renewed account", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.RoomID == room && msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, "renewed")
		})
		renewed.says("by my new ID")
		sameRoom(t, room, "by my new ID")
		w.emulator.Enqueue("messages", without(w.value(&customer{Customer: emulator.Customer{Name: "Renewed", UserID: "US.99990000111122223333"}, w: w}, text("wamid.renewed1", "by my new ID alone")), "from", "wa_id"))
		sameRoom(t, room, "by my new ID alone")
	})
	w.sub(t, "AUserIDUpdateAloneKeepsTheRoom", func(t *testing.T) {
		quiet := w.customer("Quiet")
		room := quiet.opens()
		w.emulator.Enqueue("user_id_update", map[string]any{
			"messaging_product": "whatsapp", "metadata": map[string]any{"display_phone_number": "15550783881", "phone_number_id": phoneNumberID},
			"user_id_update": []any{map[string]any{
				"detail": "changed", "timestamp": w.opts.Clock.Now().Unix(), "user_id": map[string]any{"previous": quiet.UserID, "current": "US.77770000111122223333"},
			}},
		})
		w.emulator.Enqueue("messages", without(w.value(&customer{Customer: emulator.Customer{Name: "Quiet", UserID: "US.77770000111122223333"}, w: w}, text("wamid.quiet1", "after the quiet update")), "from", "wa_id"))
		sameRoom(t, room, "after the quiet update")
	})
	w.sub(t, "ANewNameIsShown", func(t *testing.T) {
		named := w.customer("Before")
		room := named.opens()
		renamed := *named
		renamed.Name = "Afterwards"
		w.emulator.Enqueue("messages", w.value(&renamed, text("wamid.named1", "call me otherwise")))
		sameRoom(t, room, "call me otherwise")
		w.bob.sees("the new name", func(evt *event.Event) bool {
			return evt.RoomID == room && evt.Type == event.StateMember && evt.Content.AsMember().Displayname == "Afterwards"
		})
	})
	w.sub(t, "NumbersAreInNoUserIDAndNoKey", func(t *testing.T) {
		for table, query := range map[string]string{
			"ghost": `SELECT id FROM ghost`, "portal": `SELECT id FROM portal`, "lane": `SELECT lane FROM pu_journal`, "key": `SELECT COALESCE(key, '') FROM pu_journal`,
		} {
			for _, value := range w.column(query) {
				if strings.Contains(value, "1650555") {
					t.Errorf("%s %q holds a phone number", table, value)
				}
			}
		}
	})
}

// column reads the first column of a query on the hub's database.
func (w *world) column(query string, args ...any) []string {
	w.tb.Helper()
	rows, err := w.opts.DB.Query(w.ctx, query, args...)
	w.must(err)
	defer func() { _ = rows.Close() }()
	var values []string
	for rows.Next() {
		var value string
		w.must(rows.Scan(&value))
		values = append(values, value)
	}
	w.must(rows.Err())
	if len(values) == 0 {
		w.tb.Fatalf("%s finds nothing", query)
	}
	return values
}

func TestBusinessApp(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()

	w.sub(t, "EditsOfTheCustomer", func(t *testing.T) {
		wamid := ana.says("at five o'clock")
		first := w.bob.text("at five o'clock")
		_, err := ana.Edit(wamid, "at *six* o'clock")
		w.must(err)
		edit := w.bob.message("the edit", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.RelatesTo.GetReplaceID() == first.ID
		}).Content.AsMessage()
		if edit.NewContent == nil || !strings.Contains(edit.NewContent.FormattedBody, "<strong>six</strong>") {
			t.Errorf("the edit says %+v", edit.NewContent)
		}
	})
	w.sub(t, "DeletionsOfTheCustomer", func(t *testing.T) {
		wamid := ana.says("I should not have said this")
		first := w.bob.text("I should not have said this")
		_, err := ana.Delete(wamid)
		w.must(err)
		w.bob.redacted(first.ID)
	})
	w.sub(t, "WhatIsTypedInTheAppIsTheBusinesss", func(t *testing.T) {
		wamid, err := ana.Echo("typed in the app", nil)
		w.must(err)
		echo := w.bob.text("typed in the app")
		if echo.RoomID != room || !w.opts.IsPuppet(echo.Sender) || echo.Sender == w.bob.text("Hello from Ana "+ana.UserID).Sender {
			t.Errorf("the echo was sent by %s in %s", echo.Sender, echo.RoomID)
		}
		w.bob.sees("the business's name", func(evt *event.Event) bool {
			return evt.Type == event.StateMember && evt.GetStateKey() == echo.Sender.String() && evt.Content.AsMember().Displayname == "Corner Shop"
		})
		_, err = ana.EchoEdit(wamid, "typed better")
		w.must(err)
		w.bob.message("the edited echo", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.RelatesTo.GetReplaceID() == echo.ID && msg.NewContent.Body == "typed better"
		})
		_, err = ana.Reply(wamid, "an answer to the app")
		w.must(err)
		if got := w.bob.text("an answer to the app").Content.AsMessage().RelatesTo.GetReplyTo(); got != echo.ID {
			t.Errorf("the answer points at %q", got)
		}
		_, err = ana.EchoDelete(wamid)
		w.must(err)
		w.bob.redacted(echo.ID)
		picture := pngOf(t, picture(10, 10, false))
		_, err = ana.Echo("a picture from the app", &emulator.File{Data: picture, Mime: "image/png"})
		w.must(err)
		w.bob.file("a picture from the app", picture)
	})
	w.sub(t, "AnEchoToSomebodyNewOpensARoom", func(t *testing.T) {
		luis := w.customer("Luis")
		_, err := luis.Echo("we write first", nil)
		w.must(err)
		first := w.bob.text("we write first")
		luis.says("who is this?")
		if got := w.bob.text("who is this?"); got.RoomID != first.RoomID || got.Sender == first.Sender {
			t.Errorf("the customer answers in %s as %s, the business wrote in %s as %s", got.RoomID, got.Sender, first.RoomID, first.Sender)
		}
	})
}
