package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
)

// crowd makes three customers, who have some things alike and some not, in private chats and groups, and returns them.
func (w *world) crowd() (c, a, b Customer) {
	ctx := context.Background()
	c, a, b = w.meets("whatsapp", "pc", ""), w.meets("telegram", "pa", "Ana"), w.meets("telegram", "pb", "Bea")
	w.must(w.AddLabel(ctx, c.ID, "vip", anna))
	for _, one := range []Customer{a, b} {
		w.must(w.AddLabel(ctx, one.ID, "late", anna))
		w.must(w.AddLabel(ctx, one.ID, "vip", anna))
		w.must(w.SetLanguage(ctx, one.ID, map[string]string{a.ID: "de", b.ID: "en"}[one.ID], anna))
		w.must(w.SetAttribute(ctx, one.ID, "phone", "+4912345"+one.ID, anna))
		w.must(w.Prefer(ctx, one.ID, "telegram", one.ID))
	}
	w.must(w.SetAttribute(ctx, c.ID, "email", "c@example.com", anna))
	w.must(w.SetAttribute(ctx, a.ID, "email", "a@example.com", anna))
	w.must(w.Rename(ctx, b.ID, "Beatriz", anna))
	w.must(w.Block(ctx, b.ID, anna))
	for _, one := range []struct{ network, person, customer string }{
		{"whatsapp", "pc", c.ID}, {"telegram", "pa", a.ID}, {"telegram", "pb", b.ID}, {"whatsapp", "other", a.ID},
	} {
		chat := w.talks(one.network, one.person, one.customer)
		w.says(chat, one.customer, "$"+one.person)
	}
	for name, members := range map[string][]Customer{"group:1": {a}, "group:2": {a, b}, "group:3": {a, b, c}, "group:4": {c}} {
		group := w.talks(map[bool]string{true: "whatsapp", false: "telegram"}[name == "group:4"], name, "")
		for i, one := range members {
			w.takesPart(group, one.ID, int64(100+10*i))
		}
	}
	w.time.Advance(time.Second)
	return w.get(c.ID), w.get(a.ID), w.get(b.ID)
}

func TestMerge(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a, b := w.crowd()
		w.must(w.Merge(ctx, c.ID, a.ID, anna))
		got := w.get(c.ID)
		w.fact("EmptyIsFilledAndOwnStays", func(w *world) {
			if got.Name != "Ana" || got.NamedBy != "" || got.Language != "de" || got.Preferred != "telegram" || got.PreferredBy != a.ID {
				w.t.Errorf("%+v", got)
			}
			if got.Attributes["email"] != "c@example.com" || got.Attributes["phone"] != a.Attributes["phone"] || fmt.Sprint(got.Labels) != "[late vip]" {
				w.t.Errorf("%+v", got)
			}
		})
		w.fact("EverythingLeadsToTheSurvivor", func(w *world) {
			if one, err := w.Get(ctx, a.ID); err != nil || one.ID != c.ID {
				w.t.Errorf("%s %v", one.ID, err)
			}
			if one := w.meets("telegram", "pa", "Ana"); one.ID != c.ID {
				w.t.Error(one.ID)
			}
			contacts, err := w.Contacts(ctx, a.ID)
			if err != nil || len(contacts) != 2 {
				w.t.Errorf("%v %v", contacts, err)
			}
			if found, err := w.Find(ctx, a.ID, 0); err != nil || len(found) != 1 || found[0].ID != c.ID {
				w.t.Errorf("%v %v", found, err)
			}
			if found, err := w.Find(ctx, "ana", 0); err != nil || len(found) != 1 || found[0].ID != c.ID {
				w.t.Errorf("%v %v", found, err)
			}
			w.must(w.AddLabel(ctx, a.ID, "new", anna))
			if one := w.get(c.ID); fmt.Sprint(one.Labels) != "[late new vip]" {
				w.t.Error(one.Labels)
			}
			if n := w.count(`SELECT COUNT(*) FROM pu_customer_label WHERE customer=$1`, a.ID); n != 0 {
				w.t.Errorf("%d labels are left", n)
			}
		})
		w.fact("RoomsAreShownAnew", func(w *world) {
			if n := w.count(`SELECT COUNT(*) FROM pu_conversation WHERE customer=$1 AND version>1 AND changed_at=$2`, c.ID, w.time.Now().UnixMilli()); n != 3 {
				w.t.Errorf("%d rooms", n)
			}
		})
		w.fact("PlacesInGroups", func(w *world) {
			if n := w.count(`SELECT COUNT(*) FROM pu_participant WHERE customer=$1`, c.ID); n != 4 {
				w.t.Errorf("in %d groups", n)
			}
			if n := w.count(`SELECT COUNT(*) FROM pu_participant WHERE customer=$1`, a.ID); n != 0 {
				w.t.Errorf("in %d groups", n)
			}
			if n := w.count(`SELECT p.last_in_at FROM pu_participant p JOIN pu_conversation c ON c.id=p.conversation WHERE c.chat='group:3' AND p.customer=$1`, c.ID); n != 120 {
				w.t.Errorf("last heard at %d", n)
			}
		})
		w.fact("AuditLogTellsWho", func(w *world) {
			entries := w.noted(c.ID)
			for _, entry := range entries {
				if entry.Action == "customer.merged" {
					if text := fmt.Sprint(entry.Before, entry.After); entry.Actor != anna || entry.After["merged"] != a.ID || strings.Contains(text, "Ana") || strings.Contains(text, "+49") {
						w.t.Errorf("%+v", entry)
					}
					return
				}
			}
			w.t.Errorf("%+v", entries)
		})
		w.fact("BlockedIfOneWas", func(w *world) {
			w.must(w.Merge(ctx, c.ID, b.ID, anna))
			if one := w.get(c.ID); !one.Blocked.Equal(b.Blocked) || one.Blocked.IsZero() {
				w.t.Errorf("%v", one.Blocked)
			}
		})
	})
}

func TestWrongMerges(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		c, a, b := w.crowd()
		w.must(w.Merge(ctx, c.ID, a.ID, anna))
		before := w.dump()
		wrong := func(name string, err error, kind error) {
			t.Helper()
			if !errors.Is(err, kind) || errs.Message(err) == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		wrong("WithThemselves", w.Merge(ctx, b.ID, b.ID, anna), errs.ErrInvalid)
		wrong("UnknownSurvivor", w.Merge(ctx, "cus_nobody", b.ID, anna), errs.ErrNotFound)
		wrong("UnknownOther", w.Merge(ctx, b.ID, "cus_nobody", anna), errs.ErrNotFound)
		wrong("MergedTwice", w.Merge(ctx, c.ID, a.ID, anna), errs.ErrConflict)
		wrong("MergedElsewhere", w.Merge(ctx, b.ID, a.ID, anna), errs.ErrConflict)
		wrong("IntoAMergedOne", w.Merge(ctx, a.ID, b.ID, anna), errs.ErrConflict)
		wrong("SurvivorIntoTheMergedOne", w.Merge(ctx, a.ID, c.ID, anna), errs.ErrConflict)
		wrong("UndoWhatIsNotMerged", w.Unmerge(ctx, b.ID, anna), errs.ErrConflict)
		wrong("UndoTheSurvivor", w.Unmerge(ctx, c.ID, anna), errs.ErrConflict)
		wrong("UndoUnknown", w.Unmerge(ctx, "cus_nobody", anna), errs.ErrNotFound)
		if err := w.Merge(ctx, c.ID, b.ID, ""); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("by nobody: %v", err)
		}
		if err := w.Unmerge(ctx, a.ID, ""); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("undone by nobody: %v", err)
		}
		if w.dump() != before {
			t.Error("something was changed")
		}
		w.must(w.Merge(ctx, b.ID, c.ID, anna))
		wrong("UndoInTheWrongOrder", w.Unmerge(ctx, a.ID, anna), errs.ErrConflict)
	})
}

// TestMergesAtOnce: two customers are merged once, whoever of them is to be the survivor.
func TestMergesAtOnce(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		a, b := w.meets("whatsapp", "p1", "Ana"), w.meets("telegram", "p2", "Bea")
		const tries = 6
		failures := make(chan error)
		for i := range tries {
			into, from := a.ID, b.ID
			if i%2 == 0 {
				into, from = from, into
			}
			go func() { failures <- w.Merge(ctx, into, from, anna) }()
		}
		done := 0
		for range tries {
			if err := <-failures; err == nil {
				done++
			} else if !errors.Is(err, errs.ErrConflict) {
				t.Error(err)
			}
		}
		if done != 1 || w.count(`SELECT COUNT(*) FROM pu_merge`) != 1 {
			t.Errorf("%d merges", done)
		}
	})
}
