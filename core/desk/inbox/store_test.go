package inbox

import (
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// TestOutage: what the database does not take is worth another try, and nobody is told that it is their mistake.
func TestOutage(t *testing.T) {
	each(t, func(s *Settings) { s.ClaimOnAnswer, s.Presence, s.Survey = true, true, question }, func(w *world) {
		c := w.has(anna)
		w.must(w.DB.Close())
		free := &Conversation{ID: c.ID, Ref: c.Ref}
		command := func(text string) func() error {
			return func() error {
				_, err := w.command(c, text)
				return err
			}
		}
		for name, do := range map[string]func() error{
			"Claim":        func() error { return w.Claim(w.ctx, c.ID, ben) },
			"ClaimIfFree":  func() error { _, err := w.ClaimIfFree(w.ctx, free, ben); return err },
			"Availability": func() error { return w.SetAvailability(w.ctx, anna, Busy) },
			"Presence":     func() error { return w.HandlePresence(w.ctx, anna, "offline") },
			"Canned":       func() error { return w.KeepCanned(w.ctx, Canned{ShortCode: "hi", Content: "Hello"}, anna) },
			"SayCanned":    func() error { return w.SayCanned(w.ctx, c, "hi", channel.Party{ID: anna}, "$x") },
			"Host":         func() error { return w.Host(w.ctx, c, partner, w.time.Now().Add(time.Hour), anna) },
			"Standing":     func() error { _, err := w.Standing(w.ctx, c, partner); return err },
			"Find":         func() error { _, err := w.Find(w.ctx, c.Ref.Room); return err },
			"Get":          func() error { _, err := w.Get(w.ctx, c.ID); return err },
			"OfCustomer":   func() error { _, err := w.OfCustomer(w.ctx, c.Customer); return err },
			"Touch":        func() error { return w.Touch(w.ctx, c.Customer) },
			"Opened":       func() error { return w.HandleChannelEvent(w.ctx, channel.PortalOpened{Base: channel.Base{Ref: c.Ref}}) },
			"In":           func() error { return w.HandleChannelEvent(w.ctx, channel.MessageIn{Base: channel.Base{Ref: c.Ref}}) },
			"Out":          func() error { return w.HandleChannelEvent(w.ctx, channel.MessageOut{Base: channel.Base{Ref: c.Ref}}) },
			"Status":       func() error { return w.HandleChannelEvent(w.ctx, channel.StatusChanged{ID: "$x"}) },
			"Watch":        func() error { return w.recall(w.ctx) },
			"Wake":         func() error { return w.wakeSnoozed(w.ctx) },
			"Waiting":      func() error { return w.noticeWaiting(w.ctx) },
			"Dismiss":      func() error { return w.dismissDue(w.ctx) },
			"Ask":          func() error { return w.Inbox.ask(w.ctx) },
			"Press": func() error {
				_, err := w.Press(w.ctx, channel.Press{Ref: c.Ref, By: channel.Party{ID: anna}, Button: "✋"})
				return err
			},
			"CommandInARoom": command("history"),
			"CommandInAChat": command("team"),
			"List":           command("canned"),
		} {
			if err := do(); err == nil {
				w.t.Errorf("%s: nobody is told", name)
			} else if _, again := errs.IsTemporary(err); !again {
				w.t.Errorf("%s: it is not tried again: %v", name, err)
			}
		}
	})
}
