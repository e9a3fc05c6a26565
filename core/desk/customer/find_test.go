package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"puente/core/base/errs"
)

// names of customers in their order.
func names(list []Customer) string {
	var all []string
	for _, one := range list {
		all = append(all, one.Name)
	}
	return strings.Join(all, ", ")
}

func TestFind(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		jose := w.meets("whatsapp", "p1", "José Núñez")
		maria := w.meets("whatsapp", "p2", "María 100% José")
		ivan := w.meets("telegram", "p3", "Иван_Петров!")
		w.must(w.SetAttribute(ctx, maria.ID, "phone", "+34 600 100 200", anna))
		w.must(w.SetAttribute(ctx, jose.ID, "note", `says "hello" <often>`, anna))
		w.must(w.AddLabel(ctx, ivan.ID, "großkunde", anna))
		for text, want := range map[string]string{
			"José Núñez":      "José Núñez",
			"jose":            "José Núñez, María 100% José", // first the one whose name begins so
			"NUNEZ":           "José Núñez",
			"иван":            "Иван_Петров!",
			"600 100":         "María 100% José",
			"GROSSKUNDE":      "Иван_Петров!",
			`"hello" <OFTEN>`: "José Núñez",
			"0%":              "María 100% José",
			"%":               "María 100% José",
			"_":               "Иван_Петров!",
			"!":               "Иван_Петров!",
			`\`:               "",
			"phone":           "", // a key is no value
			jose.ID:           "José Núñez",
			"cus_nobody":      "",
			jose.ID[:10]:      "",
			"' OR 1=1 --":     "",
		} {
			if got, err := w.Find(ctx, text, 0); err != nil || names(got) != want {
				t.Errorf("%q: %s %v", text, names(got), err)
			}
		}
		w.fact("LabelsComeAlong", func(w *world) {
			w.must(w.AddLabel(ctx, ivan.ID, "aa", anna))
			if got, err := w.Find(ctx, "aa", 1); err != nil || len(got) != 1 || !slices.Equal(got[0].Labels, []string{"aa", "großkunde"}) {
				w.t.Errorf("%+v %v", got, err)
			}
		})
		w.fact("LimitIsOfCustomers", func(w *world) {
			if got, err := w.Find(ctx, "", 2); err != nil || len(got) != 2 {
				w.t.Errorf("%d %v", len(got), err)
			}
			if got, err := w.Find(ctx, "", 1000); err != nil || len(got) != 3 {
				w.t.Errorf("%d %v", len(got), err)
			}
		})
		w.fact("LastChangedFirst", func(w *world) {
			w.time.Advance(1)
			w.meets("whatsapp", "p1", "José")
			if got, err := w.Find(ctx, "", 1); err != nil || names(got) != "José" {
				w.t.Errorf("%s %v", names(got), err)
			}
		})
	})
}

func TestByContact(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		one := w.meets("whatsapp", "p1", "Ana")
		if got, err := w.ByContact(ctx, "whatsapp", "p1"); err != nil || !got.same(one) || got.ID != one.ID {
			t.Errorf("%+v %v", got, err)
		}
		for _, wrong := range [][2]string{{"telegram", "p1"}, {"whatsapp", "p2"}} {
			if _, err := w.ByContact(ctx, wrong[0], wrong[1]); !errors.Is(err, errs.ErrNotFound) {
				t.Errorf("%v: %v", wrong, err)
			}
		}
		if _, err := w.Contacts(ctx, "cus_nobody"); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("contacts of nobody: %v", err)
		}
		if _, err := w.Get(ctx, "cus_nobody"); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestSuggestions(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		add := func(network, person, name, phone, email string) Customer {
			one := w.meets(network, person, name)
			w.must(w.SetAttribute(ctx, one.ID, "phone", phone, anna))
			w.must(w.SetAttribute(ctx, one.ID, "email", email, anna))
			return one
		}
		suggested := func(id string, limit int) string {
			list, err := w.Suggestions(ctx, id, limit)
			w.must(err)
			var text []string
			for _, s := range list {
				text = append(text, fmt.Sprint(s.Customer.Name, s.Reasons))
			}
			return strings.Join(text, ", ")
		}
		ana := add("whatsapp", "p1", "Ana López", "0034 600-100-200", "Ana@Shop.example")
		all := add("telegram", "p2", "ana lopez", "+34 600 100 200", "ana@shop.example")
		phone := add("whatsapp", "p3", "Somebody", "+34600100200", "")
		add("whatsapp", "p4", "Office", "", "ANA@shop.example")
		add("signal", "p5", "ANA  LÓPEZ", "", "")
		add("whatsapp", "p6", "Ana López", "", "") // on the same network: another person
		add("signal", "p7", "Ana", "600100200", "@")
		want := "ana lopez[phone email name], Somebody[phone], Office[email], ANA  LÓPEZ[name]"
		want = strings.Replace(want, "ANA  ", "ANA ", 1)
		if got := suggested(ana.ID, 0); got != want {
			t.Errorf("%s, not %s", got, want)
		}
		w.fact("StrongestFirst", func(w *world) {
			if got := suggested(ana.ID, 2); got != "ana lopez[phone email name], Somebody[phone]" {
				w.t.Error(got)
			}
		})
		w.fact("NobodyWithoutAnything", func(w *world) {
			if got := suggested(w.meets("signal", "p8", "").ID, 0); got != "" {
				w.t.Error(got)
			}
			if got := suggested(w.meets("telegram", "p8", "").ID, 0); got != "" {
				w.t.Error(got)
			}
		})
		w.fact("MergedOnesAreNot", func(w *world) {
			w.must(w.Merge(ctx, ana.ID, all.ID, anna))
			if got := suggested(ana.ID, 1); got != "Somebody[phone]" {
				w.t.Error(got)
			}
			if got := suggested(phone.ID, 0); got != "Ana López[phone]" {
				w.t.Error(got)
			}
		})
		w.fact("ChangedAttributeCounts", func(w *world) {
			w.must(w.SetAttribute(ctx, ana.ID, "phone", "", anna))
			if got := suggested(phone.ID, 0); got != "" {
				w.t.Error(got)
			}
		})
		w.fact("UnknownCustomer", func(w *world) {
			if _, err := w.Suggestions(ctx, "cus_nobody", 0); !errors.Is(err, errs.ErrNotFound) {
				w.t.Error(err)
			}
		})
	})
}
