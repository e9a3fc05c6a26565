package hub

import (
	"encoding/json"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/journal"
)

// again handles an event that was pushed once more, as after a kill.
func (w *world) again(room id.RoomID, eventID id.EventID, sender id.UserID, kind event.Type, content object) error {
	w.Helper()
	payload, err := json.Marshal(object{
		"event_id": eventID, "room_id": room, "sender": sender, "type": kind.Type, "origin_server_ts": 1_700_000_000_000, "content": content,
	})
	w.must(err)
	return w.hub.handleMatrixEntry(w.ctx, journal.Entry{Source: sourceMatrix, Kind: kindEvent, Payload: payload, Earlier: true})
}

// TestWhoWritesANoteSeesThatItIsOne, once, where the client does not show it by itself.
func TestWhoWritesANoteSeesThatItIsOne(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		poll := sampleOf("poll").content
		mixed := relates(object{"rel_type": "m.thread", "event_id": p.asked, "is_falling_back": true, "m.in_reply_to": object{"event_id": p.note}})
		for _, one := range []struct {
			name    string
			kind    event.Type
			content object
			locks   int
		}{
			{"Note", event.EventMessage, words("!puente note x"), 1},
			{"NoteWithAFile", event.EventMessage, object{"msgtype": "m.image", "filename": "a.png", "body": "!puente note look", "url": "mxc://x/y"}, 1},
			{"NoteOnASticker", event.EventSticker, object{"body": "!puente note x", "url": "mxc://x/y"}, 1},
			{"NoteAsAPoll", event.EventUnstablePollStart, object{"org.matrix.msc3381.poll.start": object{"question": object{"org.matrix.msc1767.text": "!Puente note x?"}}}, 1},
			{"NoteInFormattedWords", event.EventMessage, object{"msgtype": "m.text", "body": "x", "format": "org.matrix.custom.html", "formatted_body": "<p><b>!puente</b> note x</p>"}, 1},
			{"EditIntoFormattedWordsOfANote", event.EventMessage, with(object{"msgtype": "m.text", "body": "* x", "m.new_content": object{
				"msgtype": "m.text", "body": "x", "format": "org.matrix.custom.html", "formatted_body": "!puente note x",
			}}, relates(object{"rel_type": "m.replace", "event_id": p.sent})), 0},
			{"ReplyToANote", event.EventMessage, with(words("x"), replyTo(p.note)), 1},
			{"ReplyToTheCard", event.EventMessage, with(words("x"), replyTo(p.card)), 1},
			{"ReplyToACommand", event.EventMessage, with(words("x"), replyTo(p.command)), 1},
			{"ReplyToANotice", event.EventMessage, with(words("x"), replyTo(p.notice)), 1},
			{"ReplyToAThreadMessage", event.EventMessage, with(words("x"), replyTo(p.threaded)), 1},
			{"StickerInReply", event.EventSticker, with(sampleOf("sticker").content, replyTo(p.note)), 1},
			{"PollInReply", event.EventUnstablePollStart, with(poll, replyTo(p.note)), 1},
			{"InTheCustomersThread", event.EventMessage, with(words("x"), mixed), 1},
			{"InTheCardsThread", event.EventMessage, with(words("x"), threadOf(p.card)), 0},
			{"InANotesThread", event.EventMessage, with(words("x"), threadOf(p.note)), 0},
			{"InANoticesThread", event.EventMessage, with(words("x"), threadOf(p.notice)), 0},
			{"PollInTheCardsThread", event.EventUnstablePollStart, with(poll, threadOf(p.card)), 0},
			{"Vote", event.EventUnstablePollResponse, with(sampleOf("vote").content, refersTo("m.reference", p.threaded)), 0},
			{"EditOfANote", event.EventMessage, with(words("* x"), editOf(p.note)), 0},
			{"EditOfAThreadMessage", event.EventMessage, with(words("* x"), editOf(p.threaded)), 0},
			{"ReactionToANote", event.EventReaction, refersTo("m.annotation", p.note), 0},
			{"DeletionOfANote", event.EventRedaction, object{"redacts": p.note}, 0},
			{"Command", event.EventMessage, words("!puente help"), 0},
		} {
			w.fact(t, one.name, func(w *world) {
				eventID := w.evt(p.room, berta, one.kind, one.content)
				w.handled()
				if n := w.locks(p.room, eventID); n != one.locks {
					w.Fatalf("it has %d locks, not %d", n, one.locks)
				}
				w.must(w.again(p.room, eventID, berta, one.kind, one.content))
				if n := w.locks(p.room, eventID); n != one.locks {
					w.Errorf("handled again it has %d locks, not %d", n, one.locks)
				}
			})
		}
		if got, aside := w.red.got(""), w.setAside(); len(got) > 0 || len(aside) > 0 {
			w.Errorf("the network got %+v; set aside were %v", got, aside)
		}
	})
}

// TestALockIsPutOnAgain after a failure of the homeserver's; the note is one before that.
func TestALockIsPutOnAgain(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.hs.failWith(once("PUT", "m.reaction"))
		note := w.evt(room, ana, event.EventMessage, words("!puente note x"))
		reply := w.evt(room, ana, event.EventMessage, with(words("y"), replyTo(note)))
		w.handled()
		if w.locks(room, note) != 1 || w.locks(room, reply) != 1 || len(w.red.got("")) > 0 {
			w.Errorf("the note has %d locks, the reply %d; the network got %+v", w.locks(room, note), w.locks(room, reply), w.red.got(""))
		}
	})
}
