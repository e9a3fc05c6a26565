package inbox

import (
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

func TestPress(t *testing.T) {
	each(t, nil, func(w *world) {
		press := func(w *world, c *Conversation, button string) error {
			w.t.Helper()
			answer, err := w.Press(w.ctx, channel.Press{Ref: c.Ref, ID: w.next("$press"), By: channel.Party{ID: anna}, Button: button, At: w.time.Now()})
			if answer != "" {
				w.t.Errorf("%s is answered with %q", button, answer)
			}
			return err
		}
		for _, test := range []struct {
			button           string
			before, after    Status
			assignee, owners string
		}{
			{"✋", Open, Open, "", anna}, {"🙋", Resolved, Open, "", anna}, {"✅", Open, Resolved, ben, ben}, {"✔", Snoozed, Resolved, "", ""},
			{"💤", Open, Snoozed, anna, anna}, {"⏰", Pending, Snoozed, ben, ben}, {"🔓", Open, Open, ben, ""}, {"↩", Open, Open, anna, ""},
			{"🔁", Resolved, Open, ben, ben}, {"👍", Resolved, Resolved, ben, ben}, {"", Open, Open, ben, ben},
		} {
			w.fact("Button"+test.button, func(w *world) {
				c := w.has(test.assignee)
				_, err := w.DB.Exec(w.ctx, `UPDATE pu_conversation SET status=$2 WHERE id=$1`, c.ID, test.before)
				w.must(err)
				w.must(press(w, c, test.button))
				w.is(c, test.after, test.owners)
				if found := w.now(c); test.after == Snoozed && !found.SnoozedUntil.Equal(start.Add(24*time.Hour)) {
					w.t.Errorf("it is snoozed until %s", found.SnoozedUntil)
				}
			})
		}
		w.fact("WhatIsAnothersIsNotTaken", func(w *world) {
			w.refused(press(w, w.has(ben), "✋"), errs.ErrConflict, "Ben has it already")
		})
		w.fact("AClosingThatIsRequiredIsAskedFor", func(w *world) {
			w.Closing.Required = true
			c := w.has(anna)
			w.refused(press(w, c, "✅"), errs.ErrInvalid, "`!puente resolve <category>")
			w.is(c, Open, anna)
		})
		w.fact("AnUnknownRoom", func(w *world) {
			w.refused(press(w, &Conversation{Ref: channel.Ref{Room: "!unknown"}}, "✋"), errs.ErrNotFound, "nothing is known of this conversation yet")
		})
	})
}
