package inbox

import (
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

const (
	partner = "@partner:example.org"
	expert  = "@expert:example.net"
)

func TestGuest(t *testing.T) {
	each(t, nil, func(w *world) {
		stands := func(w *world, c *Conversation, id string, want Standing) {
			w.t.Helper()
			got, err := w.Standing(w.ctx, c, id)
			if w.must(err); got != want {
				w.t.Errorf("%s is %q", id, got)
			}
		}
		ends := func(w *world) {
			w.t.Helper()
			w.must(w.dismissDue(w.ctx))
		}
		c, other := w.meets("whatsapp", "Ana"), w.meets("whatsapp", "Berta")
		w.fact("TakesPartUntilTheTimeIsOver", func(w *world) {
			w.done(c, "guest "+partner+" 2h", partner+" is invited, can read everything in this room, what was written before and notes too, and may write to the customer until Mon 2 Mar 11:00.")
			w.noted(c, 1, anna, "guest_invited", audit.Facts{}, audit.Facts{"guest": partner})
			w.time.Advance(2*hour - time.Millisecond)
			ends(w)
			stands(w, c, partner, Guest)
			stands(w, other, partner, Outside)
			stands(w, c, anna, Member)
			stands(w, c, expert, Outside)
			if w.rooms.guest(partner) != "in" {
				w.t.Errorf("the guest is %q", w.rooms.guest(partner))
			}
			w.time.Advance(time.Millisecond)
			stands(w, c, partner, Outside) // before they are removed
			ends(w)
			w.noted(c, 2, audit.Puente, "guest_left", audit.Facts{}, audit.Facts{"guest": partner})
			if w.rooms.guest(partner) != "Your visit to this conversation has ended" {
				w.t.Errorf("the guest is %q", w.rooms.guest(partner))
			}
			ends(w)
			w.noted(c, 2, audit.Puente, "guest_left", audit.Facts{}, audit.Facts{"guest": partner})
		})
		w.fact("AnotherInvitationChangesTheTime", func(w *world) {
			w.done(other, "guest", "There are no guests here. `!puente guest @partner:example.org 2h` invites one.")
			for _, span := range []string{"2h", "30m"} {
				_, err := w.command(other, "guest "+partner+" "+span)
				w.must(err)
			}
			w.must(w.Host(w.ctx, other, expert, w.time.Now().Add(longestVisit), anna))
			w.done(other, "guest", partner+" until Mon 2 Mar 11:30\n"+expert+" until Sun 31 May 11:00")
			w.done(other, "guest "+expert+" END", "The visit has ended.")
			stands(w, other, expert, Outside)
			w.wrong(other, "guest "+expert+" end", errs.ErrNotFound, "that is no guest of this conversation")
		})
		w.fact("WhoeverIsMentionedMayBeCalledAnything", func(w *world) {
			for text, want := range map[string]time.Duration{"The Partner, of 3 towns 45m": 45 * time.Minute, "Partner tomorrow 11:00": 24 * hour} {
				_, err := w.Run(w.ctx, channel.Command{Ref: other.Ref, By: channel.Party{ID: anna}, Name: "guest", Text: text, Mentions: []string{expert}, At: w.time.Now()})
				w.must(err)
				if until := w.reads(`SELECT until FROM pu_guest WHERE guest=$1 AND conversation=$2`, expert, other.ID); until != w.time.Now().Add(want).UnixMilli() {
					w.t.Errorf("after %q the guest stays until %s", text, time.UnixMilli(until).UTC())
				}
			}
			_, err := w.Run(w.ctx, channel.Command{Ref: other.Ref, By: channel.Party{ID: anna}, Name: "guest", Text: "The Partner end", Mentions: []string{expert}, At: w.time.Now()})
			w.must(err)
			stands(w, other, expert, Outside)
		})
		w.fact("WhatIsWrongIsRefused", func(w *world) {
			w.wrong(c, "guest partner 2h", errs.ErrInvalid, "the guest's whole user ID")
			w.wrong(c, "guest "+ben+" 2h", errs.ErrConflict, "one of the team")
			w.wrong(c, "guest "+partner, errs.ErrInvalid, "write for how long")
			w.wrong(c, "guest "+partner+" soon", errs.ErrInvalid, "write for how long")
			w.wrong(c, "guest "+partner+" 91d", errs.ErrInvalid, "at most 90 days")
			w.wrong(c, "guest "+partner+" today 8:00", errs.ErrInvalid, "from now on")
			w.wrong(c, "guest "+ben+" end", errs.ErrNotFound, "that is no guest")
			if stands(w, c, partner, Outside); w.rooms.guest(ben) != "" {
				w.t.Error("a colleague is removed")
			}
		})
		w.fact("WhoCannotBeInvitedIsNone", func(w *world) {
			w.rooms.failWith(func(string, string) error { return errNo })
			err := w.Host(w.ctx, c, expert, w.time.Now().Add(hour), anna)
			w.rooms.failWith(nil)
			if stands(w, c, expert, Outside); err == nil {
				w.t.Error("nobody is told")
			}
		})
		w.fact("WhoHasJoinedTheTeamIsNotRemoved", func(w *world) {
			until := w.time.Now().Add(hour)
			for _, id := range []string{partner, expert} {
				w.must(w.Host(w.ctx, c, id, until, anna))
			}
			w.rooms.setTeam(append(everybody(), channel.Party{ID: partner, Name: "Pia"}, channel.Party{ID: expert, Name: "Xenia"})...)
			w.time.Advance(hour)
			w.done(c, "guest "+expert+" end", "The visit has ended.")
			ends(w)
			for _, id := range []string{partner, expert} {
				stands(w, c, id, Member)
				if w.rooms.guest(id) != "in" || w.reads(`SELECT COUNT(*) FROM pu_guest WHERE guest=$1 AND conversation=$2 AND ended_at IS NULL`, id, c.ID) != 0 {
					w.t.Errorf("%s is %q", id, w.rooms.guest(id))
				}
			}
			w.rooms.setTeam(everybody()...)
			w.time.Advance(teamIsFresh)
		})
		w.fact("WhoCannotBeRemovedStaysOneAndHoldsNoOtherUp", func(w *world) {
			_, err := w.command(c, "guest "+partner+" 1h")
			w.must(err)
			_, err = w.command(c, "guest "+expert+" 2h")
			w.must(err)
			w.rooms.failWith(func(what, about string) error {
				if what == "remove" && about == partner {
					return errNo
				}
				return nil
			})
			if _, err = w.command(c, "guest "+partner+" end"); err == nil {
				w.t.Error("nobody is told")
			}
			w.time.Advance(2 * hour)
			if err = w.dismissDue(w.ctx); err == nil || w.rooms.guest(expert) == "in" || w.rooms.guest(partner) != "in" {
				w.t.Errorf("the error is %v, the guests are %q and %q", err, w.rooms.guest(partner), w.rooms.guest(expert))
			}
			w.rooms.failWith(func(what, _ string) error { // the room is gone
				if what == "remove" {
					return errs.ErrNotFound
				}
				return nil
			})
			ends(w)
			w.rooms.failWith(nil)
			if w.reads(`SELECT COUNT(*) FROM pu_guest WHERE ended_at IS NULL`) != 0 {
				w.t.Error("somebody is still a guest")
			}
		})
		w.fact("WhoMayBeOfTheTeamIsNotRemoved", func(w *world) {
			w.must(w.Host(w.ctx, c, partner, w.time.Now().Add(hour), anna))
			w.time.Advance(hour)
			for _, err := range []error{errNo, errs.ErrNotFound} {
				w.rooms.failWith(func(what, _ string) error { return map[string]error{"team": err}[what] })
				if err := w.dismissDue(w.ctx); err == nil || w.rooms.guest(partner) != "in" {
					w.t.Errorf("the error is %v, the guest is %q", err, w.rooms.guest(partner))
				}
			}
			w.rooms.failWith(nil)
		})
	})
}
