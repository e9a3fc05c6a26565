package hub

import (
	"testing"

	"maunium.net/go/mautrix/event"
)

func TestACommandInsideAMessageNeverLeaves(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		asked := w.hs.sent(room, event.EventMessage)[0].ID
		sent := w.says(room, ana, "an answer")
		w.red.forget()
		html := func(body, formatted string) object {
			return object{"msgtype": "m.text", "body": body, "format": "org.matrix.custom.html", "formatted_body": formatted}
		}
		const hidden = "Thanks, we will check\n!puente note he never pays"
		for name, content := range map[string]object{
			"Text":      words(hidden),
			"Indented":  words("Thanks\r\n  !Puente note he never pays"),
			"Formatted": html("Thanks", "Thanks<br>!puente note he never pays"),
			"Paragraph": html("Thanks", "<p>Thanks</p><p>!puente note he never pays</p>"),
			"Code":      html("Thanks:\n```\n!puente note x\n```", "Thanks:<pre><code>!puente note x\n</code></pre>"),
			"Caption":   {"msgtype": "m.image", "body": hidden, "filename": "a.png", "url": "mxc://x/y", "info": object{"size": 5}},
			"Edit":      with(words("* "+hidden), relates(object{"rel_type": "m.replace", "event_id": sent}), object{"m.new_content": words(hidden)}),
		} {
			w.fact(t, name, func(w *world) {
				before := len(w.notices(room))
				eventID := w.evt(room, ana, event.EventMessage, content)
				w.settled()
				notices := w.notices(room)
				if len(notices) != before+1 || notices[before] != "Nothing was sent: a command must be a message of its own." {
					w.Errorf("the author was told %q", notices[before:])
				}
				inside, err := w.hub.notes.has(w.ctx, eventID)
				w.must(err)
				if got := w.red.got(""); len(got) != 0 || !inside {
					w.Errorf("the network got %+v; inside: %v", got, inside)
				}
			})
		}
		w.fact(t, "WhatAReplyQuotesDoesNotCount", func(w *world) {
			w.evt(room, ana, event.EventMessage, with(words("> <@ana:example.org> Thanks\n> !puente help\n\nsee !puente there"), replyTo(asked)))
			w.settled()
			if got := one(w, w.red, ""); got.Text != "see !puente there" {
				w.Errorf("the network got %+v", got)
			}
		})
	})
}
