package customer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"puente/core/base/errs"
)

func (w *world) customerOf(conversation string) (customer string) {
	w.t.Helper()
	w.must(w.db.QueryRow(context.Background(), `SELECT customer FROM pu_conversation WHERE id=$1`, conversation).Scan(&customer))
	return customer
}

func (w *world) authorOf(event string) (author string) {
	w.t.Helper()
	w.must(w.db.QueryRow(context.Background(), `SELECT author FROM pu_message WHERE event_id=$1`, event).Scan(&author))
	return author
}

// lastIn is when a customer was last heard in a group; 0 if they are not in it.
func (w *world) lastIn(group, customer string) int {
	w.t.Helper()
	return w.count(`SELECT COALESCE(MAX(last_in_at), 0) FROM pu_participant WHERE conversation=$1 AND customer=$2`, group, customer)
}

func TestUnmerge(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a, b := w.crowd()
		before := w.dump()
		same := func(w *world, want string) {
			w.t.Helper()
			if got := w.dump(); got != want {
				w.t.Errorf("not as before:\n%s\nbut\n%s", want, got)
			}
		}
		w.fact("RestoresAllBytes", func(w *world) {
			w.must(w.Merge(ctx, c.ID, a.ID, anna))
			w.must(w.Unmerge(ctx, a.ID, anna))
			same(w, before)
			w.must(w.Merge(ctx, a.ID, c.ID, anna))
			w.must(w.Unmerge(ctx, c.ID, anna))
			same(w, before)
		})
		w.fact("MergesOfMergedOnes", func(w *world) {
			w.must(w.Merge(ctx, b.ID, a.ID, anna))
			between := w.dump()
			w.must(w.Merge(ctx, c.ID, b.ID, anna))
			if one := w.get(a.ID); one.ID != c.ID {
				w.t.Error(one.ID)
			}
			w.must(w.Unmerge(ctx, b.ID, anna))
			same(w, between)
			w.must(w.Unmerge(ctx, a.ID, anna))
			same(w, before)
		})
		for _, order := range [][2]Customer{{a, b}, {b, a}} {
			w.fact("TheOrderOfUndoingDoesNotMatter", func(w *world) {
				first, second := order[0].ID, order[1].ID
				w.must(w.Merge(ctx, c.ID, second, anna))
				alone := w.dump()
				w.must(w.Unmerge(ctx, second, anna))
				w.must(w.Merge(ctx, c.ID, first, anna))
				w.must(w.Merge(ctx, c.ID, second, anna))
				w.must(w.Unmerge(ctx, first, anna))
				same(w, alone)
				w.must(w.Unmerge(ctx, second, anna))
				same(w, before)
			})
		}
		w.fact("WhatTheTeamRemovedStaysAway", func(w *world) {
			w.must(w.Merge(ctx, c.ID, a.ID, anna))
			w.must(w.Merge(ctx, c.ID, b.ID, anna))
			w.must(w.SetAttribute(ctx, c.ID, "phone", "", anna))
			w.must(w.RemoveLabel(ctx, c.ID, "late", anna))
			w.must(w.Unmerge(ctx, a.ID, anna))
			if got := w.get(c.ID); got.Attributes["phone"] != "" || fmt.Sprint(got.Labels) != "[vip]" || got.Language != "en" {
				w.t.Errorf("%+v", got)
			}
			w.must(w.Unmerge(ctx, b.ID, anna))
			same(w, before)
		})
		w.fact("AnyOrder", func(w *world) {
			draw := rand.New(rand.NewPCG(1, 2))
			for range 10 {
				w.wander(draw, []string{a.ID, b.ID, c.ID})
				same(w, before)
			}
		})
	})
}

func TestUnmergeAfterABlock(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a, b := w.crowd()
		w.fact("ABlockSinceHoldsForBoth", func(w *world) {
			w.must(w.Merge(ctx, c.ID, a.ID, anna))
			w.must(w.Block(ctx, c.ID, anna))
			w.must(w.Unmerge(ctx, a.ID, anna))
			if one, other := w.get(c.ID), w.get(a.ID); one.Blocked.IsZero() || !other.Blocked.Equal(one.Blocked) {
				w.t.Errorf("blocked: %v and %v", one.Blocked, other.Blocked)
			}
		})
		w.must(w.Unblock(ctx, c.ID, anna))
		w.must(w.Unblock(ctx, a.ID, anna))
		w.fact("ABlockThatAnotherBroughtIsNotTheirs", func(w *world) {
			w.must(w.Merge(ctx, c.ID, a.ID, anna))
			w.must(w.Unblock(ctx, b.ID, anna))
			w.must(w.Block(ctx, b.ID, anna))
			w.must(w.Merge(ctx, c.ID, b.ID, anna))
			w.must(w.Unmerge(ctx, a.ID, anna))
			if one, other := w.get(c.ID), w.get(a.ID); one.Blocked.IsZero() || !other.Blocked.IsZero() {
				w.t.Errorf("blocked: %v and %v", one.Blocked, other.Blocked)
			}
		})
	})
}

// wander merges and undoes merges by chance, then undoes those that are left.
func (w *world) wander(draw *rand.Rand, ids []string) {
	w.t.Helper()
	ctx := context.Background()
	for range 10 {
		into, from := ids[draw.IntN(len(ids))], ids[draw.IntN(len(ids))]
		err := w.Merge(ctx, into, from, anna)
		if draw.IntN(2) == 0 {
			err = errors.Join(err, w.Unmerge(ctx, from, anna))
		}
		if err != nil && !errors.Is(err, errs.ErrConflict) && !errors.Is(err, errs.ErrInvalid) {
			w.t.Fatal(err)
		}
	}
	for w.count(`SELECT COUNT(*) FROM pu_merge`) > 0 {
		for _, id := range ids {
			if err := w.Unmerge(ctx, id, anna); err != nil && !errors.Is(err, errs.ErrConflict) {
				w.t.Fatal(err)
			}
		}
	}
}

// TestUnmergeLater: what came in after the merge goes back with the contact that it came through.
func TestUnmergeLater(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a := w.meets("whatsapp", "pc", "Cem"), w.meets("telegram", "pa", "Ana")
		w.must(w.AddLabel(ctx, a.ID, "vip", anna))
		w.must(w.SetAttribute(ctx, a.ID, "phone", "+49123456", anna))
		w.must(w.SetAttribute(ctx, a.ID, "note", "x", anna))
		old, busy := w.talks("telegram", "pa", a.ID), w.talks("telegram", "group:1", "")
		w.takesPart(busy, a.ID, 10)
		w.must(w.Merge(ctx, c.ID, a.ID, anna))
		w.time.Advance(time.Second)

		another := w.talks("telegram2", "pa", c.ID) // another network: the survivor's
		mine := w.talks("whatsapp", "pc", c.ID)
		theirs := w.talks("telegram", "unknown", c.ID) // not the person's ID, but who else is on Telegram?
		joined, ours := w.talks("telegram", "group:2", ""), w.talks("whatsapp", "group:3", "")
		for _, chat := range []string{old, mine, theirs} {
			w.says(chat, c.ID, "$"+chat)
		}
		w.exec(`UPDATE pu_participant SET last_in_at=50 WHERE conversation=$1`, busy)
		w.takesPart(joined, c.ID, 60)
		w.takesPart(ours, c.ID, 70)
		w.meets("telegram", "pa", "Anita")
		w.must(w.RemoveLabel(ctx, c.ID, "vip", anna))
		w.must(w.AddLabel(ctx, c.ID, "late", anna))
		w.must(w.SetAttribute(ctx, c.ID, "phone", "+49999999", anna))
		w.must(w.Unmerge(ctx, a.ID, anna))

		w.fact("Conversations", func(w *world) {
			for conversation, want := range map[string]string{old: a.ID, another: c.ID, mine: c.ID, theirs: a.ID} {
				if got := w.customerOf(conversation); got != want {
					w.t.Errorf("%s is of %s, not %s", conversation, got, want)
				}
			}
		})
		w.fact("Messages", func(w *world) {
			for event, want := range map[string]string{"$" + old: a.ID, "$" + mine: c.ID, "$" + theirs: a.ID} {
				if got := w.authorOf(event); got != want {
					w.t.Errorf("%s is by %s, not %s", event, got, want)
				}
			}
		})
		w.fact("Groups", func(w *world) {
			for group, want := range map[string][2]int{busy: {50, 0}, joined: {60, 0}, ours: {0, 70}} {
				if got := [2]int{w.lastIn(group, a.ID), w.lastIn(group, c.ID)}; got != want {
					w.t.Errorf("%s: %v, not %v", group, got, want)
				}
			}
		})
		w.fact("NetworksNewName", func(w *world) {
			if one := w.get(a.ID); one.Name != "Anita" {
				w.t.Errorf("%q", one.Name)
			}
			if one := w.get(c.ID); one.Name != "Cem" {
				w.t.Errorf("%q", one.Name)
			}
		})
		w.fact("WhatTheTeamChangedStays", func(w *world) {
			one, other := w.get(c.ID), w.get(a.ID)
			if one.Attributes["phone"] != "+49999999" || one.Attributes["note"] != "" || fmt.Sprint(one.Labels) != "[late]" {
				w.t.Errorf("%+v", one)
			}
			if other.Attributes["phone"] != "+49123456" || other.Attributes["note"] != "x" || fmt.Sprint(other.Labels) != "[vip]" {
				w.t.Errorf("%+v", other)
			}
		})
		w.fact("RoomsAreShownAnew", func(w *world) {
			if n := w.count(`SELECT COUNT(*) FROM pu_conversation WHERE customer<>'' AND changed_at<>$1`, w.time.Now().UnixMilli()); n != 0 {
				w.t.Errorf("%d rooms are not", n)
			}
		})
	})
}

// TestUnmergeNamelessSurvivor: what the survivor owes to a contact that goes back goes with it.
func TestUnmergeNamelessSurvivor(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a := w.meets("whatsapp", "pc", ""), w.meets("telegram", "pa", "Ana")
		w.must(w.Merge(ctx, c.ID, a.ID, anna))
		w.must(w.Prefer(ctx, c.ID, "telegram", anna))
		if got := w.meets("telegram", "pa", "Anka"); got.Name != "Anka" {
			t.Errorf("%+v", got)
		}
		w.must(w.Unmerge(ctx, a.ID, anna))
		if got := w.get(c.ID); got.Name != "" || got.Preferred != "" || got.PreferredBy != "" {
			t.Errorf("%+v", got)
		}
		if got := w.get(a.ID); got.Name != "Anka" {
			t.Errorf("%+v", got)
		}
	})
}

// TestUnmergeBothInAGroup: by whom a group's latest message is can only be told if one of the two is on its network.
func TestUnmergeBothInAGroup(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a := w.meets("telegram", "pc", "Cem"), w.meets("telegram", "pa", "Ana")
		both, one := w.talks("telegram", "group:1", ""), w.talks("telegram", "group:2", "")
		w.takesPart(both, a.ID, 10)
		w.takesPart(both, c.ID, 20)
		w.takesPart(one, a.ID, 10)
		w.must(w.Merge(ctx, c.ID, a.ID, anna))
		w.exec(`UPDATE pu_participant SET last_in_at=50`)
		w.must(w.Unmerge(ctx, a.ID, anna))
		for _, group := range []string{both, one} {
			if got := [2]int{w.lastIn(group, a.ID), w.lastIn(group, c.ID)}; got != [2]int{10, 50} {
				t.Errorf("%s: %v", group, got)
			}
		}
	})
}
