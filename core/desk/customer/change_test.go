package customer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"puente/core/base/errs"
	"puente/core/desk/audit"
)

// noted returns the audit log's entries about a customer, oldest first.
func (w *world) noted(id string) (list []audit.Entry) {
	w.t.Helper()
	entries, err := w.log.Of(context.Background(), object, id, 100)
	w.must(err)
	for _, entry := range entries {
		list = append([]audit.Entry{entry}, list...)
	}
	return list
}

// change is a call that changes something of a customer, what it looks like then, and its entry in the audit log.
type change struct {
	name          string
	do            func(s *Customers, id, by string) error
	done          func(c Customer) bool
	action        string
	before, after string
}

func changes() []change {
	ctx := context.Background()
	return []change{
		{
			"Rename", func(s *Customers, id, by string) error { return s.Rename(ctx, id, " Ana \n Secret ", by) },
			func(c Customer) bool { return c.Name == "Ana Secret" && c.NamedBy == anna },
			"customer.renamed", `{}`, `{"name":{"changed":true}}`,
		},
		{
			"SetLanguage", func(s *Customers, id, by string) error { return s.SetLanguage(ctx, id, "de_at", by) },
			func(c Customer) bool { return c.Language == "de-AT" },
			"customer.language_set", `{"language":""}`, `{"language":"de-AT"}`,
		},
		{
			"SetAttribute", func(s *Customers, id, by string) error {
				return s.SetAttribute(ctx, id, "phone", " +49 Secret\r\n<1> ", by)
			},
			func(c Customer) bool { return c.Attributes["phone"] == "+49 Secret\n<1>" },
			"customer.attribute_set", `{}`, `{"attributes":{"phone":{"changed":true}}}`,
		},
		{
			"RemoveAttribute", func(s *Customers, id, by string) error { return s.SetAttribute(ctx, id, "phone", "", by) },
			func(c Customer) bool { return len(c.Attributes) == 0 },
			"customer.attribute_set", `{}`, `{"attributes":{"phone":{"changed":true,"removed":true}}}`,
		},
		{
			"AddLabel", func(s *Customers, id, by string) error { return s.AddLabel(ctx, id, "vip", by) },
			func(c Customer) bool { return fmt.Sprint(c.Labels) == "[vip]" },
			"customer.labelled", `{"labels":[]}`, `{"labels":["vip"]}`,
		},
		{
			"AddAnotherLabel", func(s *Customers, id, by string) error { return s.AddLabel(ctx, id, "late", by) },
			func(c Customer) bool { return fmt.Sprint(c.Labels) == "[late vip]" },
			"customer.labelled", `{"labels":["vip"]}`, `{"labels":["late","vip"]}`,
		},
		{
			"RemoveLabel", func(s *Customers, id, by string) error { return s.RemoveLabel(ctx, id, "vip", by) },
			func(c Customer) bool { return fmt.Sprint(c.Labels) == "[late]" },
			"customer.unlabelled", `{"labels":["late","vip"]}`, `{"labels":["late"]}`,
		},
		{
			"Prefer", func(s *Customers, id, by string) error { return s.Prefer(ctx, id, "whatsapp", by) },
			func(c Customer) bool { return c.Preferred == "whatsapp" && c.PreferredBy == anna },
			"customer.preferred", `{"preferred":""}`, `{"preferred":"whatsapp"}`,
		},
		{
			"PreferNone", func(s *Customers, id, by string) error { return s.Prefer(ctx, id, "", by) },
			func(c Customer) bool { return c.Preferred == "" && c.PreferredBy == "" },
			"customer.preferred", `{"preferred":"whatsapp"}`, `{"preferred":""}`,
		},
		{
			"Block", func(s *Customers, id, by string) error { return s.Block(ctx, id, by) },
			func(c Customer) bool { return !c.Blocked.IsZero() },
			"customer.blocked", `{"blocked":false}`, `{"blocked":true}`,
		},
		{
			"Unblock", func(s *Customers, id, by string) error { return s.Unblock(ctx, id, by) },
			func(c Customer) bool { return c.Blocked.IsZero() },
			"customer.unblocked", `{"blocked":true}`, `{"blocked":false}`,
		},
		{
			"GiveNameBack", func(s *Customers, id, by string) error { return s.Rename(ctx, id, "", by) },
			func(c Customer) bool { return c.Name == "Ana" && c.NamedBy == "" },
			"customer.renamed", `{}`, `{"name":{"changed":true}}`,
		},
	}
}

func TestChanges(t *testing.T) {
	each(t, func(w *world) {
		one := w.meets("whatsapp", "p1", "Ana")
		chat := w.talks("whatsapp", "p1", one.ID)
		for i, change := range changes() {
			w.fact(change.name, func(w *world) {
				w.must(change.do(w.Customers, one.ID, anna))
				if got := w.get(one.ID); !change.done(got) {
					w.t.Errorf("%+v", got)
				}
				entries := w.noted(one.ID)
				if len(entries) != i+1 {
					w.t.Fatalf("%d entries in the audit log", len(entries))
				}
				before, _ := json.Marshal(entries[i].Before)
				after, _ := json.Marshal(entries[i].After)
				if entry := entries[i]; entry.Action != change.action || entry.Actor != anna || string(before) != change.before || string(after) != change.after {
					w.t.Errorf("%s by %s: %s to %s", entry.Action, entry.Actor, before, after)
				}
				if got := w.count(`SELECT version FROM pu_conversation WHERE id=$1`, chat); got != i+2 {
					w.t.Errorf("the conversation's version is %d", got)
				}
				was := w.dump()
				w.must(change.do(w.Customers, one.ID, "@ben:example.com"))
				if len(w.noted(one.ID)) != i+1 || w.dump() != was || w.count(`SELECT version FROM pu_conversation WHERE id=$1`, chat) != i+2 {
					w.t.Error("the same once more was written")
				}
			})
		}
		w.fact("NobodyIsRefused", func(w *world) {
			for _, change := range changes() {
				if err := change.do(w.Customers, one.ID, ""); !errors.Is(err, errs.ErrInvalid) {
					w.t.Errorf("%s: %v", change.name, err)
				}
			}
		})
		w.fact("UnknownCustomer", func(w *world) {
			for _, change := range changes() {
				if err := change.do(w.Customers, "cus_nobody", anna); !errors.Is(err, errs.ErrNotFound) {
					w.t.Errorf("%s: %v", change.name, err)
				}
			}
		})
	})
}

func TestWrongChanges(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		one := w.meets("whatsapp", "p1", "Ana")
		for i := range mostAttributes {
			w.must(w.SetAttribute(ctx, one.ID, fmt.Sprintf("a%d", i), "x", anna))
			w.must(w.AddLabel(ctx, one.ID, fmt.Sprintf("l%d", i), anna))
		}
		before := w.dump()
		for name, err := range map[string]error{
			"LongName":          w.Rename(ctx, one.ID, strings.Repeat("é", 201), anna),
			"NoLanguage":        w.SetLanguage(ctx, one.ID, "Secret", anna),
			"UndeterminedOne":   w.SetLanguage(ctx, one.ID, "und", anna),
			"CapitalLabel":      w.AddLabel(ctx, one.ID, "Secret", anna),
			"LabelWithSpace":    w.AddLabel(ctx, one.ID, "secret label", anna),
			"LabelWithComma":    w.AddLabel(ctx, one.ID, "secret,label", anna),
			"LabelWithNUL":      w.AddLabel(ctx, one.ID, "secret\x00", anna),
			"LongLabel":         w.AddLabel(ctx, one.ID, strings.Repeat("é", 51), anna),
			"NoLabel":           w.AddLabel(ctx, one.ID, "", anna),
			"TooManyLabels":     w.AddLabel(ctx, one.ID, "secret", anna),
			"CapitalKey":        w.SetAttribute(ctx, one.ID, "Secret", "x", anna),
			"LongKey":           w.SetAttribute(ctx, one.ID, strings.Repeat("a", 51), "x", anna),
			"LongValue":         w.SetAttribute(ctx, one.ID, "a1", strings.Repeat("é", 1001), anna),
			"ValueWithNUL":      w.SetAttribute(ctx, one.ID, "a1", "secret\x00", anna),
			"ValueNotUTF8":      w.SetAttribute(ctx, one.ID, "a1", "secret\xff", anna),
			"TooManyAttributes": w.SetAttribute(ctx, one.ID, "one_more", "secret", anna),
			"PreferUnreachable": w.Prefer(ctx, one.ID, "telegram", anna),
		} {
			if !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
				t.Errorf("%s: %v", name, err)
			} else if strings.Contains(strings.ToLower(err.Error()), "secret") {
				t.Errorf("%s: %v tells too much", name, err)
			}
		}
		if w.dump() != before {
			t.Error("something wrong was written")
		}
		w.must(w.AddLabel(ctx, one.ID, "l7", anna))
		w.must(w.SetAttribute(ctx, one.ID, "a7", strings.Repeat("é", 1000), anna))
		w.must(w.Rename(ctx, one.ID, strings.Repeat("é", 200), anna))
	})
}

// TestChangesAtOnce: none of several changes at the same time is lost.
func TestChangesAtOnce(t *testing.T) {
	each(t, func(w *world) {
		one := w.meets("whatsapp", "p1", "Ana")
		failures := make(chan error)
		for i := range 8 {
			go func() {
				failures <- w.SetAttribute(context.Background(), one.ID, fmt.Sprintf("a%d", i), "x", anna)
			}()
		}
		for range 8 {
			if err := <-failures; err != nil {
				t.Error(err)
			}
		}
		if got := w.get(one.ID); len(got.Attributes) != 8 {
			t.Errorf("%v", got.Attributes)
		}
	})
}
