package route

import (
	"errors"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// linked are two conversations that are linked, without what was said about that.
func (w *world) linked() (ana, sup channel.Ref) {
	w.t.Helper()
	ana, sup = w.meets("whatsapp", "ana", "Ana"), w.meets("telegram", "sup", "Supplier")
	w.must(w.Link(w.ctx, "lin_one", w.in(ana), w.in(sup), anna))
	return ana, sup
}

func text(words string) channel.Content { return channel.Content{Kind: "text", Text: words} }

func TestALinkIsMadeAndEnded(t *testing.T) {
	each(t, func(w *world) {
		ana, sup := w.meets("whatsapp", "ana", "Ana"), w.meets("telegram", "sup", "Supplier")
		third := w.meets("signal", "third", "Third")
		for text, want := range map[string]string{
			"": "refused: write with whom", "telegram": "refused: write with whom", "telegram nobody": "refused: nobody of that name writes on telegram.",
			"!nowhere": "refused: that room is no conversation.", "https://chat/" + ana.Room: "refused: that is this conversation itself.",
		} {
			if got := w.does(ana, "link", text); !strings.HasPrefix(got, want) {
				w.t.Errorf("link %q is answered with %q", text, got)
			}
		}
		if got := w.does(ana, "link", "Telegram supp | Meet each other"); got != "" {
			w.t.Fatalf("the link is answered with %q", got)
		}
		told := map[channel.Ref]string{}
		for _, one := range w.rooms.Said() {
			told[one.To] += one.Text
			if one.By != "" {
				w.t.Errorf("it makes %s the assignee", one.By)
			}
		}
		if told[ana] != "Meet each other" || told[sup] != "Meet each other" || len(w.rooms.Notices()) != 2 {
			w.t.Errorf("the customers were told %v, the team %q", told, w.rooms.Notices())
		}
		if got := w.does(third, "link", "https://chat/"+sup.Room+"?via=x"); !strings.Contains(got, "Supplier is linked already") {
			w.t.Errorf("a second link is answered with %q", got)
		}
		lines, err := w.CardLines(w.ctx, w.in(sup))
		if err != nil || len(lines) != 1 || !strings.Contains(lines[0], "[Ana on whatsapp](https://chat/"+ana.Room+")") {
			w.t.Errorf("the card says %q, %v", lines, err)
		}
		if got := w.does(sup, "unlink", ""); got != "" {
			w.t.Errorf("the end is answered with %q", got)
		}
		if got := w.does(ana, "unlink", ""); got != "refused: this conversation is not linked." {
			w.t.Errorf("a second end is answered with %q", got)
		}
		if lines, err = w.CardLines(w.ctx, w.in(ana)); err != nil || len(lines) != 0 {
			w.t.Errorf("the card says %q, %v", lines, err)
		}
		w.must(w.Link(w.ctx, "lin_third", w.in(third), w.in(sup), anna))
	})
}

// TestALinkIsWithWhomeverIsMeant: a part of a name, and a limit to what is found, lead to nobody else.
func TestALinkIsWithWhomeverIsMeant(t *testing.T) {
	each(t, func(w *world) {
		here := w.meets("whatsapp", "ana", "Ana")
		diana := w.meets("telegram", "diana", "Diana")
		if got := w.does(here, "link", "telegram ana"); !strings.HasPrefix(got, "refused: several are called that") || !strings.Contains(got, diana.Room) {
			w.t.Errorf("a part of a name that is another's is answered with %q", got)
		}
		for range mostFound {
			w.meets("whatsapp", w.next("zoe"), "Zoë")
		}
		there := w.meets("telegram", "zoe", "Zoë")
		w.time.Advance(time.Minute)
		for range mostFound {
			w.meets("whatsapp", w.next("zoe"), "Zoë")
		}
		if got := w.does(here, "link", "telegram ZOE"); got != "" {
			w.t.Errorf("the only one on the network is answered with %q", got)
		}
		if found, err := w.linkOf(w.ctx, w.in(here).ID); err != nil || found.other != w.in(there).ID {
			w.t.Errorf("linked is %+v, %v", found, err)
		}
	})
}

// A command is given again when not everybody could be told of what it did.
func TestALinkIsMadeAndEndedOnce(t *testing.T) {
	each(t, func(w *world) {
		ana := w.meets("whatsapp", "ana", "Ana")
		w.meets("telegram", "sup", "Supplier")
		for i, one := range []struct{ name, text string }{{"link", "telegram Supplier"}, {"unlink", ""}} {
			cmd := channel.Command{Ref: ana, ID: "$" + one.name, By: channel.Party{ID: anna}, Name: one.name, Text: one.text, At: w.time.Now()}
			w.rooms.NoticeErr = errNo
			if _, err := w.Run(w.ctx, cmd); !errors.Is(err, errNo) {
				w.t.Fatalf("%s, of which nobody could be told: %v", one.name, err)
			}
			w.rooms.NoticeErr = nil
			w.time.Advance(time.Minute)
			for range 2 {
				if answer, err := w.Run(w.ctx, cmd); err != nil || answer != "" {
					w.t.Errorf("%s again: %q, %v", one.name, answer, err)
				}
			}
			if said, told := len(w.rooms.Said()), len(w.rooms.Notices()); said != 2*(i+1) || told != 2*(i+1) {
				w.t.Errorf("%s: %d things were said to customers, %d to the team", one.name, said, told)
			}
		}
	})
}

func TestWhatGoesOverALink(t *testing.T) {
	each(t, func(w *world) {
		before := w.meets("whatsapp", "old", "Old")
		early := w.writes(before, "old", "Old", text("from before"))
		ana, sup := w.linked()
		asked := w.writes(ana, "ana", "Ana", text("When?"))
		w.writes(sup, "sup", "Supplier", text("Friday"))
		copies := w.rooms.Copies()
		if len(copies) != 2 || copies[0].To != sup || copies[0].By != "Ana" || copies[0].ID != asked || copies[1].To != ana || copies[1].By != "Supplier" {
			w.t.Fatalf("copied is %+v", copies)
		}
		ofAsked := "$" + copies[0].Key // what Ana's question is in the supplier's room
		for _, one := range []struct {
			name string
			do   func(w *world)
			want channel.Copy
		}{
			{"AReplyToACopyIsOneToItsOriginal", func(w *world) { w.writes(sup, "sup", "Supplier", channel.Content{Kind: "text", Target: ofAsked}) }, channel.Copy{By: "Supplier", Kind: "text", Target: asked}},
			{"AReactionToACopyIsOneToItsOriginal", func(w *world) { w.writes(sup, "sup", "Supplier", channel.Content{Kind: "reaction", Target: ofAsked}) }, channel.Copy{By: "Supplier", Kind: "reaction", Target: asked}},
			{"AnEditOfAnOriginalIsOneOfItsCopy", func(w *world) { w.writes(ana, "ana", "Ana", channel.Content{Kind: "edit", Target: asked}) }, channel.Copy{By: "Ana", Kind: "edit", Target: ofAsked}},
			{"ADeletionToo", func(w *world) { w.writes(ana, "ana", "Ana", channel.Content{Kind: "deletion", Target: asked}) }, channel.Copy{By: "Ana", Kind: "deletion", Target: ofAsked}},
			{"WhatAnAgentSaysGoesToo", func(w *world) { w.answers(ana, anna, text("I see to it")) }, channel.Copy{By: "Anna Martín", Kind: "text"}},
			{"AReplyToWhatDidNotGoOverGoesWithoutIt", func(w *world) { w.writes(ana, "ana", "Ana", channel.Content{Kind: "text", Target: early}) }, channel.Copy{By: "Ana", Kind: "text"}},
		} {
			w.fact(one.name, func(w *world) {
				count := len(w.rooms.Copies())
				one.do(w)
				all := w.rooms.Copies()
				if got := all[len(all)-1]; len(all) != count+1 || got.By != one.want.By || got.Kind != one.want.Kind || got.Target != one.want.Target {
					w.t.Errorf("copied is %+v", got)
				}
			})
		}
		count := len(w.rooms.Copies())
		w.answers(ana, "", text("Puente's own, a copy among them"))
		w.writes(ana, "ana", "Ana", channel.Content{Kind: "notice", Text: "calls"})
		w.writes(ana, "ana", "Ana", channel.Content{Kind: "notice", Payload: map[string]any{"preference": map[string]any{}}})
		w.writes(ana, "ana", "Ana", channel.Content{Kind: "reaction", Target: early})
		w.writes(before, "old", "Old", text("in no link"))
		if got := w.rooms.Copies(); len(got) != count {
			w.t.Errorf("copied is %+v", got[count:])
		}
	})
}

func TestACopyThatFails(t *testing.T) {
	each(t, func(w *world) {
		ana, sup := w.linked()
		w.rooms.CopiesFail(func(channel.Ref) error { return errs.Temporary(errNo, 0) })
		evt := channel.MessageIn{Base: channel.Base{Ref: ana, Key: "in:$x"}, ID: "$x", From: channel.Party{ID: "ana", Name: "Ana"}, Content: text("hi")}
		w.must(w.Inbox.HandleChannelEvent(w.ctx, evt))
		if err := w.HandleChannelEvent(w.ctx, evt); err == nil {
			w.t.Error("a copy that may be made later is not offered again")
		}
		w.rooms.CopiesFail(func(channel.Ref) error { return errs.ErrNotFound })
		w.must(w.HandleChannelEvent(w.ctx, evt)) // it is gone: the conversation goes on
		w.rooms.CopiesFail(func(channel.Ref) error { return errs.Tell(errs.ErrForbidden, "it is a template.") })
		w.answers(ana, anna, text("Buy!"))
		if got := w.rooms.Notices(); len(got) != 1 || got[0] != "⚠️ Not passed on to telegram: it is a template." {
			w.t.Errorf("the team was told %q", got)
		}
		w.rooms.CopiesFail(nil)
		w.writes(ana, "ana", "Ana", text("When?"))
		copied := "$" + w.rooms.Copies()[0].Key
		w.fails(sup, copied)
		w.fails(sup, copied)
		if got := w.rooms.Notices(); len(got) != 2 || got[1] != "⚠️ Not passed on to telegram: the phone is off." {
			w.t.Errorf("the team was told %q", got)
		}
	})
}
