package hub

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

var anas = channel.Party{ID: ana.String(), Name: "ana"}

// TestEverythingThatLeavesIsAskedFor, once, and by what it is.
func TestEverythingThatLeavesIsAskedFor(t *testing.T) {
	desk, red := &office{}, &templating{}
	setUp := func(w *world) { withTemplates(red)(w); staffed(desk)(w) }
	each(t, setUp, func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		desk.asked()
		ref := refOf("c1", p.room)
		said := func(kind, text, target string) channel.Content {
			return channel.Content{Kind: kind, Text: text, Target: target}
		}
		fact := func(name string, want channel.Outgoing, do func(w *world) id.EventID) {
			w.fact(t, name, func(w *world) {
				eventID := do(w)
				w.handled()
				want.Ref, want.At, want.ID = ref, time.UnixMilli(1_700_000_000_000).UTC(), eventID.String()
				if got := desk.asked(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
					w.Errorf("asked was %+v\nand not %+v", got, want)
				}
			})
		}
		pushes := func(kind event.Type, who id.UserID, content object) func(w *world) id.EventID {
			return func(w *world) id.EventID { return w.evt(p.room, who, kind, content) }
		}
		asked, sent := p.asked.String(), p.sent.String()
		fact("Message", channel.Outgoing{From: anas, Content: said("text", "hi", "")}, pushes(event.EventMessage, ana, words("hi")))
		fact("Reply", channel.Outgoing{From: anas, Content: said("text", "hi", asked)}, pushes(event.EventMessage, ana, with(words("hi"), replyTo(p.asked))))
		fact("Image", channel.Outgoing{From: anas, Content: channel.Content{Kind: "image", File: "mxc://example.org/file"}}, pushes(event.EventMessage, ana, sampleOf("image").content))
		fact("Reaction", channel.Outgoing{From: anas, Content: said("reaction", "👍", asked)}, pushes(event.EventReaction, ana, refersTo("m.annotation", p.asked)))
		fact("Edit", channel.Outgoing{From: anas, Content: said("edit", "new words", sent)}, pushes(event.EventMessage, ana, with(words("* new words"), editOf(p.sent))))
		fact("Poll", channel.Outgoing{From: anas, Content: said("other", "", "")}, pushes(event.EventUnstablePollStart, ana, sampleOf("poll").content))
		fact("UnknownMessage", channel.Outgoing{From: anas, Content: said("other", "x", "")}, pushes(event.EventMessage, ana, object{"msgtype": "org.example.unknown", "body": "x"}))
		fact("ClaimsThatAnAgentMayNotMake", channel.Outgoing{From: anas, Content: said("text", "hi", "")},
			pushes(event.EventMessage, ana, with(words("hi"), object{network.AuthorKey: berta, network.PurposeKey: "marketing"})))
		fact("WhatTheDeskSays", channel.Outgoing{Content: said("text", "hi", "")}, pushes(event.EventMessage, w.hub.Desk(), words("hi")))
		fact("WhatTheDeskSaysForSomebody", channel.Outgoing{From: channel.Party{ID: ana.String()}, Purpose: "marketing", Content: said("text", "hi", "")},
			pushes(event.EventMessage, w.hub.Desk(), with(words("hi"), object{network.AuthorKey: ana, network.PurposeKey: "marketing"})))
		fact("Template", channel.Outgoing{From: channel.Party{ID: ana.String()}, Template: "both", Content: said("text", "Hola", "")},
			pushes(event.EventMessage, w.hub.Desk(), with(words("Hola"), object{network.AuthorKey: ana, network.TemplateKey: object{"name": "both", "language": "es"}})))
		fact("Deletion", channel.Outgoing{From: anas, Content: said("deletion", "", sent)}, pushes(event.EventRedaction, ana, object{"redacts": p.sent}))
		w.fact(t, "NothingElse", func(w *world) {
			w.pushAll(p.room, ana, samples(), threadOf(p.card), nil)
			w.pushAll(p.room, ana, []sample{{kind: event.EventMessage, content: words("!puente templates")}, {kind: event.EventMessage, content: words("!puente nonsense")}}, nil, nil)
			w.evt(p.room, ana, event.StateTopic, object{"topic": "x"}, object{"state_key": ""})
			w.reads(p.room, p.asked, map[id.UserID]string{ana: "main"})
			if got := desk.asked(); len(got) > 0 {
				w.Errorf("asked was %+v", got)
			}
		})
	})
}

// TestARefusalOfTheGate is shown with its words, and the network and the desk hear nothing of the message.
func TestARefusalOfTheGate(t *testing.T) {
	desk := &office{}
	each(t, staffed(desk), func(w *world) {
		p := w.furnish("c1")
		outs, told := len(ofKind[channel.MessageOut](w.desk)), len(w.notices(p.room))
		desk.decides(func(o *office) {
			o.leave = func(out channel.Outgoing) error {
				if out.From.ID == berta.String() {
					return nil
				}
				return errs.Tell(fmt.Errorf("send: %w", errs.ErrForbidden), "Berta has it. !puente assign me takes it over.")
			}
		})
		var last id.EventID
		for _, one := range samples() {
			content := one.content
			switch {
			case one.silent():
				continue
			case one.kind == event.EventReaction:
				content = refersTo("m.annotation", p.asked)
			case one.kind == event.EventUnstablePollResponse:
				content = with(content, refersTo("m.reference", p.sent))
			case one.kind == event.EventRedaction:
				content = object{"redacts": p.sent}
			}
			last = w.pushAll(p.room, ana, []sample{{one.name, one.kind, content}}, nil, nil)[0]
			w.handled()
			if aside := w.failed(); len(aside) == 0 || aside[0].Key != last.String() || !strings.HasPrefix(aside[0].Reason, "Berta has it.") {
				w.Errorf("of the %s was set aside %+v", one.name, aside)
			}
			if got := w.statuses(p.room, last); !slices.Equal(got, []string{"FAIL_PERMANENT"}) {
				w.Errorf("of the %s the room was shown %v", one.name, got)
			}
		}
		if got := w.notices(p.room)[told:]; len(got) != 14 || slices.ContainsFunc(got, func(words string) bool {
			return words != "⚠️ Not delivered: Berta has it. !puente assign me takes it over."
		}) {
			w.Errorf("the room was told %q", got)
		}
		if got := w.red.got(""); len(got) > 0 || len(ofKind[channel.MessageOut](w.desk)) != outs {
			w.Errorf("the network got %+v", got)
		}
	})
}

func TestAGateThatCannotTellYet(t *testing.T) {
	desk := &office{}
	each(t, staffed(desk), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		var tries atomic.Int32
		desk.decides(func(o *office) {
			o.leave = func(channel.Outgoing) error {
				if tries.Add(1) < 3 {
					return errs.Temporary(errs.Tell(errToy, "in a moment."), 0)
				}
				return nil
			}
		})
		first := w.evt(room, ana, event.EventMessage, words("one"))
		w.evt(room, ana, event.EventMessage, words("two"))
		w.until("a try", func() bool { return tries.Load() > 0 })
		w.settled()
		if got := w.red.got("message"); len(got) != 2 || got[0].Text != "one" {
			w.Errorf("the network got %+v", got)
		}
		if got := w.statuses(room, first); !slices.Equal(got, []string{"PENDING", "SUCCESS"}) {
			w.Errorf("the room was shown %v", got)
		}
		asked := desk.asked()
		if len(asked) != 4 || slices.ContainsFunc(asked, func(out channel.Outgoing) bool { return out.Again }) {
			w.Errorf("asked was %+v", asked)
		}
	})
}
