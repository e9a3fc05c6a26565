package bridgetest

import (
	"fmt"
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

// clipped bounds what a failure shows of a text.
const clipped = 80

func clip(text string) string {
	if len(text) > clipped {
		return text[:clipped] + "…"
	}
	return text
}

// recent tells what bob's client saw from a mark on, for a check that failed.
func (w *world) recent(mark int) string {
	var lines []string
	for _, one := range w.bob.Since(mark) {
		if msg, ok := one.Content.Parsed.(*event.MessageEventContent); ok {
			lines = append(lines, fmt.Sprintf("%s %s %q", one.Type.Type, msg.MsgType, clip(msg.Body)))
		} else if one.Type == event.EventReaction || one.Type == event.EventRedaction || one.Type == event.BeeperMessageStatus {
			lines = append(lines, one.Type.Type)
		}
	}
	if len(lines) == 0 {
		return "nothing"
	}
	return strings.Join(lines[max(0, len(lines)-8):], ", ")
}

// last tells what the phone shows at the end, for a check that failed.
func (p Phone) last(count int) string {
	var lines []string
	for _, m := range p.Messages[max(0, len(p.Messages)-count):] {
		line := fmt.Sprintf("%s %q", m.Kind, clip(m.Text))
		if m.File != nil {
			line += fmt.Sprintf(" (%s, %d bytes)", m.File.MIME, len(m.File.Data))
		}
		if m.FromBusiness {
			line = "business: " + line
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return "nothing"
	}
	return strings.Join(lines, ", ")
}

// fromAna is a message of ana's in her room of which fact holds.
func (w *world) fromAna(fact func(*event.Event, *event.MessageEventContent) bool) person.Fact {
	return person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID == w.room && evt.Sender == w.ghost && fact(evt, msg)
	})
}

// anaSays lets ana write and waits until bob has it.
func (w *world) anaSays(text string) (messageID string, evt *event.Event) {
	w.t.Helper()
	mark := w.bob.Mark()
	messageID = w.does(w.ana, Say{Text: text})
	return messageID, w.sees("ana's text", mark, w.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.Body == text }))
}

// bobSays lets bob write to ana and waits until her phone has it.
func (w *world) bobSays(text string) (sent id.EventID, got Message) {
	w.t.Helper()
	sent = w.says(w.room, text)
	return sent, w.gets(w.ana, text)
}

// fence lets ana say something new and waits for it: what came from her before has been dealt with then.
func (w *world) fence() {
	w.t.Helper()
	w.anaSays(w.words.phrase("fence"))
}

// visible tells whether something stands in ana's room since a mark, besides what she says as a fence.
func (w *world) visible(mark int) bool {
	w.t.Helper()
	w.fence()
	return len(w.bob.Seen(mark, person.Message(func(evt *event.Event, _ *event.MessageEventContent) bool {
		return evt.RoomID == w.room
	}))) > 1
}

// mustRefuse waits until an event of an agent's is refused as it should be: the message is marked as failed, and an
// answer in the room says why in words for people, which it returns.
func (w *world) mustRefuse(what string, sent id.EventID) string {
	w.t.Helper()
	answer := w.sees("why "+what+" was refused", 0, person.AnswerTo(sent)).Content.AsMessage().Body
	w.inWords(what, answer, "Not delivered: ")
	w.sees("that "+what+" is marked as failed", 0, person.Status(sent, event.MessageStatusFail))
	return answer
}

// aReason is how long a reason is at the least, in bytes, that says why and what to do next.
const aReason = 25

// inWords checks that an answer of Puente's gives a reason behind the lead.
func (w *world) inWords(what, answer, lead string) {
	w.t.Helper()
	_, reason, found := strings.Cut(answer, lead)
	switch {
	case !found:
		w.t.Errorf("%s is answered by %q, without %q", what, answer, lead)
	case strings.Contains(reason, "something went wrong inside Puente"):
		w.t.Errorf("%s is answered by %q, which gives no reason", what, answer)
	case len(reason) < aReason:
		w.t.Errorf("%s is answered by %q, which is no reason that helps", what, answer)
	}
}
