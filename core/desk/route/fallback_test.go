package route

import (
	"slices"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// person is one customer on these networks, who wrote on each of them, on the last one last.
func (w *world) person(networks ...string) (refs []channel.Ref) {
	w.t.Helper()
	for _, network := range networks {
		ref := w.meets(network, w.next("person"), w.next("Name"))
		if len(refs) > 0 {
			w.must(w.Merge(w.ctx, w.of(refs[0]).ID, w.of(ref).ID, anna))
		}
		refs = append(refs, ref)
	}
	return refs
}

// went is by which networks the failures so far went on.
func (w *world) went() (networks []string) {
	for _, one := range w.rooms.Copies() {
		networks = append(networks, one.To.Network)
	}
	return networks
}

func TestWhatDoesNotArriveGoesByTheNextChannel(t *testing.T) {
	each(t, func(w *world) {
		refs := w.person("whatsapp", "telegram", "signal")
		w.must(w.Customers.Prefer(w.ctx, w.of(refs[0]).ID, "telegram", anna))
		sent := w.answers(refs[0], anna, text("ready"))
		w.fails(refs[0], sent)
		w.fails(refs[0], sent) // told twice
		if got := w.went(); !slices.Equal(got, []string{"telegram"}) {
			w.t.Fatalf("it went by %v, and telegram is preferred", got)
		}
		first := w.rooms.Copies()[0]
		if first.ID != sent || first.By != "" || first.Kind != "text" {
			w.t.Errorf("copied is %+v", first)
		}
		notices := strings.Join(w.rooms.Notices(), "\n")
		if !strings.Contains(notices, "↪️ Sent on telegram instead: https://chat/"+refs[1].Room) || !strings.Contains(notices, "↩️ whatsapp could not deliver this") {
			w.t.Errorf("the team was told %q", notices)
		}
		again := "$" + first.Key
		w.hear(channel.MessageOut{Base: channel.Base{Ref: refs[1], Key: "out:" + again, At: w.time.Now()}, ID: again, Content: text("ready")})
		w.fails(refs[1], again)
		if got := w.went(); len(got) != 2 || !slices.Contains(got, "signal") {
			w.t.Fatalf("then it went by %v", got)
		}
		last := w.rooms.Copies()[slices.Index(w.went(), "signal")]
		end := "$" + last.Key
		w.hear(channel.MessageOut{Base: channel.Base{Ref: refs[2], Key: "out:" + end, At: w.time.Now()}, ID: end, Content: text("ready")})
		w.fails(refs[2], end)
		if got := w.went(); len(got) != 2 {
			w.t.Errorf("it goes round: %v", got)
		}
	})
}

// The handler is repeated after a crash at any point, and when the team could not be told; meanwhile the customer may have
// come to prefer another channel.
func TestOneFailureGoesByOneChannel(t *testing.T) {
	for name, broken := range map[string]func(w *world) (mend func()){
		"TheCopyIsNotMade": func(w *world) func() {
			w.rooms.CopiesFail(func(channel.Ref) error { return errs.Temporary(errNo, 0) })
			return func() { w.rooms.CopiesFail(nil) }
		},
		"TheTeamCannotBeTold": func(w *world) func() { w.rooms.NoticeErr = errNo; return func() { w.rooms.NoticeErr = nil } },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				refs := w.person("whatsapp", "telegram", "signal")
				w.must(w.Customers.Prefer(w.ctx, w.of(refs[0]).ID, "telegram", anna))
				failed := channel.StatusChanged{Base: channel.Base{Ref: refs[0], Key: "failed"}, ID: w.answers(refs[0], anna, text("ready")), State: channel.Failed}
				mend := broken(w)
				if err := w.HandleChannelEvent(w.ctx, failed); err == nil {
					w.t.Fatal("it is not offered again")
				}
				mend()
				w.must(w.Customers.Prefer(w.ctx, w.of(refs[0]).ID, "signal", anna))
				w.hear(failed)
				w.hear(failed)
				if got := w.went(); !slices.Equal(got, []string{"telegram"}) {
					w.t.Fatalf("it went by %v", got)
				}
				if got := len(w.rooms.Notices()); got != 2 {
					w.t.Errorf("the team was told %q", w.rooms.Notices())
				}
				copied := "$" + w.rooms.Copies()[0].Key
				w.hear(channel.MessageOut{Base: channel.Base{Ref: refs[1], Key: "out:" + copied, At: w.time.Now()}, ID: copied, Content: text("ready")})
				w.fails(refs[1], copied)
				if got := w.went(); !slices.Equal(got, []string{"telegram", "signal"}) {
					w.t.Errorf("the copy's failure went by %v", got)
				}
			})
		})
	}
}

func TestWhatMayNotBeCopiedStaysWhereItIs(t *testing.T) {
	each(t, func(w *world) {
		w.rooms.CopiesFail(func(channel.Ref) error { return errs.Tell(errs.ErrForbidden, "it is a template.") })
		ref := w.person("whatsapp", "telegram")[0]
		sent := w.answers(ref, anna, text("Buy!"))
		w.fails(ref, sent)
		w.fails(ref, sent)
		if got := w.rooms.Notices(); !slices.Equal(got, []string{sent + ": ℹ️ It is not sent on another channel: it is a template."}) {
			w.t.Errorf("the team was told %q", got)
		}
	})
}

func TestWhatGoesByNoOtherChannel(t *testing.T) {
	each(t, func(w *world) {
		stays := func(name string, prepare func(w *world, refs []channel.Ref) (id string)) {
			w.fact(name, func(w *world) {
				refs := w.person("whatsapp", "telegram")
				before := len(w.rooms.Copies())
				w.fails(refs[0], prepare(w, refs))
				if got := w.went()[before:]; len(got) > 0 {
					w.t.Errorf("it went by %v", got)
				}
			})
		}
		answer := func(w *world, refs []channel.Ref) string { return w.answers(refs[0], anna, text("ready")) }
		stays("WhatWasRefusedBeforeItLeft", func(*world, []channel.Ref) string { return "$refused" })
		stays("AReaction", func(w *world, refs []channel.Ref) string {
			return w.answers(refs[0], anna, channel.Content{Kind: "reaction", Text: "👍"})
		})
		stays("WhereTheySaidStop", func(w *world, refs []channel.Ref) string { w.does(refs[1], "consent", "out"); return answer(w, refs) })
		stays("WhereTheWindowIsClosed", func(w *world, refs []channel.Ref) string {
			w.rooms.Window = channel.Rules{FreeTextWindow: 24 * time.Hour}
			w.time.Advance(day)
			return answer(w, refs)
		})
		w.rooms.Window = channel.Rules{}
		w.fact("IfItIsSwitchedOff", func(w *world) {
			refs := w.person("whatsapp", "telegram")
			before := len(w.rooms.Copies())
			w.Fallback = false
			w.fails(refs[0], answer(w, refs))
			if got := w.went()[before:]; len(got) > 0 {
				w.t.Errorf("it went by %v", got)
			}
		})
	})
}
