package telegram_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/bridges/telegram/emulator"
)

func TestWhatCustomersSend(t *testing.T) {
	w := newWorld(t, nil)
	t.Run("AnInvisibleEditIsPassedOver", func(t *testing.T) {
		w.t = t
		message := w.id(w.chat.SendText("see https://example.com"))
		w.sees("the text", text("see https://example.com"))
		w.ok(w.chat.EditInvisibly(message))
		w.fence()
		if n := w.count(contains("example.com")); n != 1 {
			t.Errorf("%d events stand for one message", n)
		}
		w.ok(w.chat.Edit(message, "see https://example.org"))
		w.sees("the edit", func(one said) bool {
			return one.Content != nil && one.Content.NewContent != nil && one.Content.NewContent.Body == "see https://example.org"
		})
	})
	t.Run("AStartPayloadIsShownAndKept", func(t *testing.T) {
		w.t = t
		w.id(w.chat.Start("order-17"))
		w.sees("the link", notice("t.me/corner_shop_bot?start=order-17"))
	})
	t.Run("TheChosenWordsOfAReplyAreQuoted", func(t *testing.T) {
		w.t = t
		first := w.id(w.chat.SendText("blue or red or green"))
		target := w.sees("the question", text("blue or red or green"))
		w.id(w.chat.SendText("this one", emulator.Quoting(first, "red")))
		got := w.sees("the answer", contains("this one")).Content
		if got.Body != "> red\n\nthis one" || !strings.HasPrefix(got.FormattedBody, "<blockquote>red</blockquote>") || got.RelatesTo.GetReplyTo() != target.ID {
			t.Errorf("it came as %q, %q, in reply to %q", got.Body, got.FormattedBody, got.RelatesTo.GetReplyTo())
		}
	})
	t.Run("WhatTheRoomDoesNotHaveIsQuoted", func(t *testing.T) {
		w.t = t
		w.id(w.chat.SendText("about that", emulator.With("reply_to_message", map[string]any{
			"message_id": 4711, "date": 1, "text": "long ago", "chat": map[string]any{"id": w.ana.ID, "type": "private"},
		})))
		w.sees("the answer", text("> long ago\n\nabout that"))
	})
	t.Run("AnAlbumIsMarkedAsOne", func(t *testing.T) {
		w.t = t
		_, err := w.chat.SendAlbum([]string{emulator.Photo, emulator.Photo}, make([]emulator.File, 2), emulator.Caption("two lamps"))
		w.ok(err)
		first := w.sees("the first", contains("two lamps"))
		album, _ := first.Raw["dev.puente.album"].(map[string]any)
		if album["id"] == nil || album["id"] == "" {
			t.Errorf("the first is of the album %v", album)
		}
		w.fence()
		if n := w.count(func(one said) bool {
			other, _ := one.Raw["dev.puente.album"].(map[string]any)
			return other["id"] == album["id"]
		}); n != 2 {
			t.Errorf("%d pictures are of the album", n)
		}
	})
	t.Run("AMovingPlaceIsAnEdit", func(t *testing.T) {
		w.t = t
		message := w.id(w.chat.SendLocation(emulator.Place{Latitude: 40.1, Longitude: -3.1, Live: time.Hour}))
		w.sees("the place", func(one said) bool { return one.Content != nil && strings.HasPrefix(one.Content.GeoURI, "geo:40.1") })
		w.ok(w.chat.MoveLocation(message, emulator.Place{Latitude: 40.2, Longitude: -3.2, Live: time.Hour}))
		w.sees("the move", func(one said) bool {
			return one.Content != nil && one.Content.NewContent != nil && strings.HasPrefix(one.Content.NewContent.GeoURI, "geo:40.2")
		})
	})
	t.Run("OnlyOnesOwnNumberIsBelieved", func(t *testing.T) {
		w.t = t
		w.id(w.chat.SendContact("+34600999888", "Luis", "Gil", 0))
		w.sees("the card", contains("+34600999888"))
		w.fence()
		if n := w.count(topic("34600999888")); n != 0 {
			t.Error("a stranger's number became the customer's")
		}
		w.id(w.chat.ShareContact())
		w.sees("the number in the topic", topic("+34600111222"))
	})
	t.Run("AnAnimatedStickerShowsItsPreview", func(t *testing.T) {
		w.t = t
		w.id(w.chat.SendSticker("animated"))
		w.sees("the sticker", func(one said) bool {
			return one.Type == event.EventSticker && strings.HasPrefix(one.Content.Info.MimeType, "image/") && one.Content.Body == "Sticker 💙"
		})
	})
	t.Run("BlockingIsSaid", func(t *testing.T) {
		w.t = t
		w.ok(w.chat.Block())
		w.sees("that the bot is blocked", notice("blocked the bot"))
		w.ok(w.chat.Unblock())
		w.sees("that it is no longer", notice("takes messages of the bot again"))
	})
	t.Run("ThingsWithoutAFormAreSaid", func(t *testing.T) {
		w.t = t
		w.id(w.chat.SendDice("🎲", 4))
		w.sees("the dice", text("🎲 4"))
		w.id(w.chat.SendChecklist("Shopping", []string{"milk", "bread"}, 1))
		w.sees("the checklist", text("☑ Shopping\n☐ milk\n☑ bread"))
		w.id(w.chat.SendGame("Lamp Quest"))
		w.sees("the game", notice("Lamp Quest"))
		w.id(w.chat.SendRich("Offer", "two for one", "only today"))
		w.sees("the rich message", text("Offer\n• two for one\n• only today"))
		w.id(w.chat.SendPaidMedia(5))
		w.sees("the paid media", notice("Paid media for 5 Stars"))
		w.id(w.chat.SendStory(7))
		w.sees("the story", notice("A story of"))
		w.id(w.chat.SendInvoice("Lamp", "EUR", 1999))
		w.sees("the invoice", notice("19.99 EUR"))
	})
}

// topic is a room's topic that holds the words.
func topic(part string) func(said) bool {
	return func(one said) bool {
		content, ok := one.State.(*event.TopicEventContent)
		return ok && strings.Contains(content.Topic, part)
	}
}

func TestWhatComesAgainIsTakenOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.id(w.chat.SendText("once"))
	w.sees("the text", text("once"))
	w.ok(w.telegram.Redeliver(botID, 3))
	w.fence()
	if n := w.count(text("once")); n != 1 {
		t.Errorf("%d events stand for one message", n)
	}
}

func TestNothingIsConfirmedThatIsNotKept(t *testing.T) {
	w := newWorld(t, nil)
	w.journal.mu.Lock()
	w.journal.broken = fmt.Errorf("the disk is full")
	w.journal.mu.Unlock()
	w.id(w.chat.SendText("during the fault"))
	w.state(w.login.ID, "a fault", func(s stateOf) bool { return s.StateEvent == "TRANSIENT_DISCONNECT" })
	if w.telegram.Waiting(botID) == 0 {
		t.Error("an update was confirmed that nobody kept")
	}
	w.journal.mu.Lock()
	w.journal.broken = nil
	w.journal.mu.Unlock()
	w.sees("the text", text("during the fault"))
}

func TestAnUnknownKindOfChatIsSetAside(t *testing.T) {
	w := newWorld(t, nil)
	w.ok(w.telegram.Inject(botID, "message", map[string]any{
		"message_id": 9001, "date": time.Now().Unix(), "text": "from another world", "from": map[string]any{"id": w.ana.ID, "is_bot": false, "first_name": "Ana"},
		"chat": map[string]any{"id": w.ana.ID, "type": "hologram"},
	}))
	w.sees("a notice in the room that there is", notice("changed what kind of chat this is"))
	w.fence()
	if got := strings.Join(w.journal.aside(), "\n"); !strings.Contains(got, `chat of type "hologram"`) {
		t.Errorf("set aside was %q", got)
	}
}

func TestAnUnreadableMessageIsSaid(t *testing.T) {
	w := newWorld(t, nil)
	w.ok(w.telegram.Inject(botID, "message", map[string]any{
		"message_id": 9002, "date": time.Now().Unix(), "from": map[string]any{"id": w.ana.ID, "is_bot": false, "first_name": "Ana"},
		"chat": map[string]any{"id": w.ana.ID, "type": "private", "first_name": "Ana", "last_name": "Ortiz"}, "forward_origin": map[string]any{"type": "hologram", "date": 1}, "text": "hi",
	}))
	w.sees("a notice", notice("does not show"))
}

func TestAnUnknownKindOfUpdateIsSetAside(t *testing.T) {
	w := newWorld(t, nil)
	w.ok(w.telegram.Inject(botID, "hologram_sent", map[string]any{"id": 1}))
	w.fence()
	if got := w.journal.aside(); len(got) != 1 || !strings.Contains(got[0], "hologram_sent") {
		t.Errorf("set aside was %q", got)
	}
}
