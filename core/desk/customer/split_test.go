package customer

import (
	"context"
	"errors"
	"testing"

	"puente/core/base/errs"
)

func TestSplit(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a, b := w.meets("whatsapp", "pc", "Cem"), w.meets("telegram", "pa", "Ana"), w.meets("telegram", "pb", "Bea")
		chat, group := w.talks("telegram", "pa", a.ID), w.talks("telegram", "group:1", "")
		w.says(chat, a.ID, "$1")
		w.takesPart(group, a.ID, 10)
		w.must(w.Prefer(ctx, a.ID, "telegram", a.ID))
		w.must(w.Merge(ctx, c.ID, a.ID, anna))
		w.must(w.Merge(ctx, c.ID, b.ID, anna))
		w.says(chat, c.ID, "$2")

		shown := w.count(`SELECT version FROM pu_conversation WHERE id=$1`, chat)
		made, err := w.Split(ctx, "telegram", "pa", anna)
		w.must(err)
		w.fact("NewOneHasTheContact", func(w *world) {
			one := w.meets("telegram", "pa", "Ana")
			if one.ID != made.ID || !one.same(made) || one.Name != "Ana" || one.ID == a.ID || len(one.Labels) != 0 {
				w.t.Errorf("%+v %+v", one, made)
			}
			if contacts, err := w.Contacts(ctx, c.ID); err != nil || len(contacts) != 2 {
				w.t.Errorf("%v %v", contacts, err)
			}
		})
		w.fact("AndItsConversation", func(w *world) {
			if w.customerOf(chat) != made.ID || w.authorOf("$1") != made.ID || w.authorOf("$2") != made.ID {
				w.t.Error(w.customerOf(chat), w.authorOf("$1"), w.authorOf("$2"))
			}
			if n := w.count(`SELECT version FROM pu_conversation WHERE id=$1`, chat); n != shown+1 {
				w.t.Error("the room is not shown anew")
			}
		})
		w.fact("GroupStaysWhileAnotherIsOnTheNetwork", func(w *world) {
			if got := [2]int{w.lastIn(group, made.ID), w.lastIn(group, c.ID)}; got != [2]int{0, 10} {
				w.t.Errorf("%v", got)
			}
		})
		w.fact("LastOneOnTheNetworkTakesGroupAndPreference", func(w *world) {
			if w.get(c.ID).Preferred != "telegram" {
				w.t.Error("it was not preferred before")
			}
			other, err := w.Split(ctx, "telegram", "pb", anna)
			w.must(err)
			if got := [2]int{w.lastIn(group, other.ID), w.lastIn(group, c.ID)}; got != [2]int{10, 0} {
				w.t.Errorf("%v", got)
			}
			if one := w.get(c.ID); one.Preferred != "" || one.PreferredBy != "" {
				w.t.Errorf("%+v", one)
			}
		})
		w.fact("NameGoesWithItsContact", func(w *world) {
			one := w.meets("whatsapp", "px", "Xenia")
			w.must(w.Merge(ctx, one.ID, w.meets("telegram", "py", "Yara").ID, anna))
			if _, err := w.Split(ctx, "whatsapp", "px", anna); err != nil {
				w.t.Error(err)
			}
			if got := w.get(one.ID); got.Name != "Yara" {
				w.t.Errorf("%q", got.Name)
			}
		})
		w.fact("UndoingTheMergeBringsNothingBack", func(w *world) {
			w.must(w.Merge(ctx, c.ID, made.ID, anna))
			w.must(w.Unmerge(ctx, a.ID, anna))
			if contacts, err := w.Contacts(ctx, a.ID); err != nil || len(contacts) != 0 {
				w.t.Errorf("%v %v", contacts, err)
			}
			if got := w.customerOf(chat); got != c.ID {
				w.t.Error(got)
			}
			w.must(w.Unmerge(ctx, made.ID, anna))
			if got := w.customerOf(chat); got != made.ID {
				w.t.Error(got)
			}
			if one := w.meets("telegram", "pa", "Ana"); one.ID != made.ID {
				w.t.Error(one.ID)
			}
		})
		w.fact("OnlyContactStays", func(w *world) {
			if _, err := w.Split(ctx, "telegram", "pa", anna); !errors.Is(err, errs.ErrConflict) || errs.Message(err) == "" {
				w.t.Error(err)
			}
		})
		w.fact("UnknownContact", func(w *world) {
			if _, err := w.Split(ctx, "telegram", "nobody", anna); !errors.Is(err, errs.ErrNotFound) || errs.Message(err) == "" {
				w.t.Error(err)
			}
			if _, err := w.Split(ctx, "telegram", "pa", ""); !errors.Is(err, errs.ErrInvalid) {
				w.t.Error(err)
			}
		})
	})
}
