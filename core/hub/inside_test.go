package hub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

// fact is a subtest in the same world, whose failures are its own.
func (w *world) fact(t *testing.T, name string, test func(w *world)) {
	t.Run(name, func(t *testing.T) {
		inner := *w
		inner.TB = t
		defer func() { w.sent = inner.sent }()
		test(&inner)
	})
}

// places are the events of a room that others can be about.
type places struct {
	room                            id.RoomID
	asked, sent                     id.EventID // what the customer wrote, and what an agent answered
	card, note, command             id.EventID
	notice                          id.EventID // the bot's answer to the command
	threaded, noteThreaded, replied id.EventID // below the card, below the note, and in reply to the note
}

// internal are those of them that stay among the team, by what they are.
func (p places) internal() map[string]id.EventID {
	return map[string]id.EventID{
		"the card": p.card, "a note": p.note, "a command": p.command, "a bot's notice": p.notice,
		"a message below the card": p.threaded, "a message below a note": p.noteThreaded, "a reply to a note": p.replied,
	}
}

// furnish makes a conversation with something of everything, of which the network has what is to be there.
func (w *world) furnish(chat string) places {
	w.Helper()
	p := places{room: w.customer(w.red, chat, "hello")}
	p.asked = w.hs.sent(p.room, event.EventMessage)[0].ID
	w.calm()
	w.must(w.hub.ShowFace(w.ctx, refOf(chat, p.room), channel.Face{Card: "The card", Topic: "open", Facts: object{"status": "open"}, Buttons: []string{"✋"}}))
	p.card = w.hs.sent(p.room, event.EventMessage)[1].ID
	p.note = w.evt(p.room, ana, event.EventMessage, words("!puente note psst"))
	p.command = w.evt(p.room, ana, event.EventMessage, words("!puente help"))
	p.threaded = w.evt(p.room, ana, event.EventMessage, with(words("below the card"), threadOf(p.card)))
	p.noteThreaded = w.evt(p.room, ana, event.EventMessage, with(words("below the note"), threadOf(p.note)))
	p.replied = w.evt(p.room, ana, event.EventMessage, with(words("about the note"), replyTo(p.note)))
	p.sent = w.says(p.room, ana, "an answer")
	notices := slices.DeleteFunc(w.hs.sent(p.room, event.EventMessage), func(e sentEvent) bool { return e.ID == p.card || e.Content["msgtype"] != "m.notice" })
	if len(notices) != 1 {
		w.Fatalf("the bot said %v", notices)
	}
	p.notice = notices[0].ID
	if got := one(w, w.red, ""); got.Text != "an answer" {
		w.Fatalf("the network got %+v", got)
	}
	w.red.forget()
	return p
}

// calm has it as if no message had passed lately.
func (w *world) calm() {
	for i := range w.hub.lull.recent {
		w.hub.lull.recent[i].Store(0)
	}
}

// forget lets the toy be as if it had been handed nothing.
func (t *toy) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.handed = nil
}

// with is a content with further fields.
func with(content object, more ...object) object {
	whole := object{}
	for _, part := range append([]object{content}, more...) {
		for key, value := range part {
			whole[key] = value
		}
	}
	return whole
}

func relates(relation object) object { return object{"m.relates_to": relation} }

// threadOf is a message's place in a thread as Element writes it, with a reply for clients that know no threads.
func threadOf(root id.EventID) object {
	return relates(object{"rel_type": "m.thread", "event_id": root, "is_falling_back": true, "m.in_reply_to": object{"event_id": root}})
}

func replyTo(target id.EventID) object {
	return relates(object{"m.in_reply_to": object{"event_id": target}})
}

func refersTo(kind string, target id.EventID) object {
	return relates(object{"rel_type": kind, "event_id": target, "key": "👍"})
}

// editOf is an edit into plain words, which may claim a place of their own.
func editOf(target id.EventID, claims ...object) object {
	return with(refersTo("m.replace", target), object{"m.new_content": with(words("new words"), claims...)})
}

// sample is something that people do, without what it is about.
type sample struct {
	name    string
	kind    event.Type
	content object
}

// silent tells whether it is of no consequence, wherever it stands.
func (s sample) silent() bool { return s.name == "notice" || s.name == "unknown event" }

// samples are all types of events.
func samples() []sample {
	file := func(msgtype, name string, more ...object) object {
		return with(object{"msgtype": msgtype, "body": name, "url": "mxc://example.org/file", "info": object{"size": 5, "mimetype": "image/png"}}, more...)
	}
	message := func(name string, content object) sample { return sample{name, event.EventMessage, content} }
	unknown := event.Type{Type: "org.example.unknown", Class: event.MessageEventType}
	return []sample{
		message("text", object{"msgtype": "m.text", "body": "x", "format": "org.matrix.custom.html", "formatted_body": "<b>x</b>"}),
		message("emote", object{"msgtype": "m.emote", "body": "x"}), message("notice", object{"msgtype": "m.notice", "body": "x"}),
		message("image", file("m.image", "a.png")), message("video", file("m.video", "a.mp4", object{"filename": "a.mp4", "body": "look"})),
		message("audio", file("m.audio", "a.mp3")), message("voice", file("m.audio", "a.ogg", object{"org.matrix.msc3245.voice": object{}})),
		message("file", file("m.file", "a.pdf")), {"sticker", event.EventSticker, object{"body": "cat", "url": "mxc://example.org/cat"}},
		message("location", object{"msgtype": "m.location", "body": "here", "geo_uri": "geo:1,2"}),
		{"poll", event.EventUnstablePollStart, object{"org.matrix.msc3381.poll.start": object{"question": object{"org.matrix.msc1767.text": "When?"}}}},
		{"vote", event.EventUnstablePollResponse, object{"org.matrix.msc3381.poll.response": object{"answers": []string{"1"}}}},
		{"reaction", event.EventReaction, object{}}, {"redaction", event.EventRedaction, object{"reason": "x"}},
		message("unknown message", object{"msgtype": "org.example.unknown", "body": "x"}), {"unknown event", unknown, object{"body": "x"}},
	}
}

func sampleOf(name string) sample {
	list := samples()
	return list[slices.IndexFunc(list, func(s sample) bool { return s.name == name })]
}

// pushAll hands over several events of a room at once, in their order, and returns their IDs.
func (w *world) pushAll(room id.RoomID, who id.UserID, list []sample, about object, extra object) (ids []id.EventID) {
	w.Helper()
	var events []any
	for _, one := range list {
		w.sent++
		eventID := id.EventID(fmt.Sprintf("$pushed%d", w.sent))
		events = append(events, with(object{
			"event_id": eventID, "room_id": room, "sender": who, "type": one.kind.Type, "origin_server_ts": 1_700_000_000_000, "content": with(one.content, about),
		}, extra))
		ids = append(ids, eventID)
	}
	w.push(object{"events": events})
	return ids
}

// outwardAfter has an agent write to the customer, and waits until the network has it: then all that stood before it in the
// room is dealt with. It returns what else the network got.
func (w *world) outwardAfter(room id.RoomID) (rest []string) {
	w.Helper()
	last := w.evt(room, ana, event.EventMessage, words("for the customer"))
	w.until("what is for the customer", func() bool {
		got := w.red.got("message")
		return len(got) > 0 && got[len(got)-1].Event == last.String()
	})
	for _, got := range w.red.got("") {
		if got.Event != last.String() {
			rest = append(rest, got.What+" "+got.Text)
		}
	}
	w.red.forget()
	return rest
}

// setAside are the keys of what was set aside.
func (w *world) setAside() (keys []string) {
	w.Helper()
	for _, record := range w.failed() {
		keys = append(keys, record.Key)
	}
	return keys
}

// locks are how many locks an event got.
func (w *world) locks(room id.RoomID, eventID id.EventID) (n int) {
	for _, reaction := range w.hs.sent(room, event.EventReaction) {
		about, _ := reaction.Content["m.relates_to"].(map[string]any)
		if about["event_id"] == eventID.String() && about["key"] == lockEmoji && strings.HasPrefix(reaction.Sender.String(), "@puente_red:") {
			n++
		}
	}
	return n
}

// once fails the first request of a method to a place with this part.
func once(method, part string) func(*http.Request, []string) int {
	failed := false
	return func(r *http.Request, parts []string) int {
		if failed || r.Method != method || !slices.Contains(parts, part) {
			return 0
		}
		failed = true
		return 500
	}
}

// without does something while a table is not there.
func (w *world) without(table string, do func()) {
	w.Helper()
	rename := func(from, to string) {
		w.Helper()
		_, err := w.db.Exec(w.ctx, "ALTER TABLE "+from+" RENAME TO "+to)
		w.must(err)
	}
	rename(table, table+"_gone")
	do()
	rename(table+"_gone", table)
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	w.must(w.db.QueryRow(w.ctx, query, args...).Scan(&n))
	return n
}

// handled waits until nothing of the homeserver's waits; what rooms are shown of it may come later.
func (w *world) handled() {
	w.Helper()
	w.until("an end of the homeserver's events", func() bool {
		return w.count(`SELECT COUNT(*) FROM pu_journal WHERE source=$1 AND state='waiting'`, sourceMatrix) == 0
	})
}
