package route

import (
	"strings"
	"testing"

	"puente/core/desk/channel"
	"puente/core/desk/consent"
)

func TestWhatIsNotedOfACustomer(t *testing.T) {
	each(t, func(w *world) {
		ana := w.meets("whatsapp", "ana", "Ana")
		for _, one := range [][3]string{
			{"name", "Ana Müller", "Done."}, {"language", "de-at", "Done."}, {"attribute", "Email ana@example.org", "Done."}, {"tag", "vip, new", "Done."},
			{"tag", "-new", "Done."}, {"tag", " ", "refused: write the labels"}, {"prefer", "WhatsApp", "Done."}, {"prefer", "", "refused: write the channel"},
			{"prefer", "telegram", "refused: "}, {"language", "no such language", "refused: "}, {"attribute", "Two Words x", "Done."}, {"name", "A\x00na Müller", "Done."},
		} {
			if got := w.does(ana, one[0], one[1]); !strings.HasPrefix(got, one[2]) {
				w.t.Errorf("%s %q is answered with %q", one[0], one[1], got)
			}
		}
		who := w.of(ana)
		if who.Name != "Ana Müller" || who.Language != "de-AT" || who.Attributes["email"] != "ana@example.org" || strings.Join(who.Labels, " ") != "vip" || who.Preferred != "whatsapp" {
			w.t.Errorf("noted is %+v", who)
		}
		got := w.does(ana, "customer", "")
		for _, line := range []string{"Ana Müller\n", "ID: cus_", "Language: de-AT", "Labels: vip", "Prefers: whatsapp", "email: ana@example.org", "On whatsapp: open, https://chat/" + ana.Room} {
			if !strings.Contains(got, line) {
				w.t.Errorf("%q is not in %q", line, got)
			}
		}
		if got = w.does(channel.Ref{}, "find", "muller"); !strings.Contains(got, "Ana Müller") || !strings.Contains(got, "whatsapp: https://chat/") {
			w.t.Errorf("found is %q", got)
		}
		if got = w.does(channel.Ref{}, "find", "nobody"); got != "Nobody is called that." {
			w.t.Errorf("found is %q", got)
		}
	})
}

func TestOneWrongLabelChangesNone(t *testing.T) {
	each(t, func(w *world) {
		ana := w.meets("whatsapp", "ana", "Ana")
		if got := w.does(ana, "tag", "vip "+strings.Repeat("x", 60)); !strings.HasPrefix(got, "refused: ") || len(w.of(ana).Labels) != 0 {
			w.t.Errorf("answered with %q, the labels are %v", got, w.of(ana).Labels)
		}
	})
}

func TestAGroupHasNoCustomer(t *testing.T) {
	each(t, func(w *world) {
		ref := channel.Ref{Network: "telegram", Account: "first", Chat: "g", Room: "!g"}
		w.hear(channel.PortalOpened{Base: channel.Base{Ref: ref, Key: "opened:g", At: w.time.Now()}, Customer: channel.Party{Name: "The family"}, Group: true})
		for _, name := range []string{"customer", "block", "merge", "via", "consent", "split"} {
			if got := w.does(ref, name, "x"); !strings.HasPrefix(got, "refused: this is a group") {
				w.t.Errorf("%s is answered with %q", name, got)
			}
		}
	})
}

func TestMergeUnmergeSplit(t *testing.T) {
	each(t, func(w *world) {
		here, there := w.meets("whatsapp", "ana", "Ana"), w.meets("telegram", "anita", "Ana")
		w.meets("signal", "anna", "Anna")
		other := w.of(there).ID
		if got := w.does(here, "same", ""); !strings.Contains(got, "same name: `!puente merge "+other+"`") || strings.Contains(got, "signal") {
			w.t.Errorf("suggested is %q", got)
		}
		if got := w.does(here, "merge", "an"); !strings.HasPrefix(got, "refused: several are called that") {
			w.t.Errorf("an ambiguous name is answered with %q", got)
		}
		w.does(there, "consent", "out")
		if got := w.does(here, "merge", other); !strings.HasPrefix(got, "They are one customer now.") || w.of(there).ID != w.of(here).ID {
			w.t.Fatalf("merged is %q", got)
		}
		if decision, err := w.Consent.Allowed(w.ctx, w.of(here).ID, "telegram", consent.Utility); err != nil || decision.Allowed {
			w.t.Errorf("what the other one forbade is not forbidden: %+v, %v", decision, err)
		}
		w.does(here, "unmerge", other)
		if decision, err := w.Consent.Allowed(w.ctx, w.of(here).ID, "telegram", consent.Utility); err != nil || !decision.Allowed || w.of(there).ID != other {
			w.t.Errorf("undone it says %+v, %v", decision, err)
		}
		w.does(here, "merge", other)
		if got := w.does(there, "split", ""); !strings.HasPrefix(got, "Whoever writes here is a customer of their own now") || w.of(there).ID == w.of(here).ID {
			w.t.Errorf("split is %q", got)
		}
		if got := w.does(there, "split", ""); !strings.HasPrefix(got, "refused: ") {
			w.t.Errorf("the only channel was split off: %q", got)
		}
		if got := w.does(here, "merge", "nobody"); got != "refused: no other customer is called that." {
			w.t.Errorf("nobody is answered with %q", got)
		}
	})
}

// On a network whose chats are not called like persons, nobody knows which of two contacts writes in a room.
func TestNobodyIsSplitOffByChance(t *testing.T) {
	each(t, func(w *world) {
		one, other := w.meets("webhook", "one", "One"), w.meets("webhook", "other", "Other")
		w.must(w.Merge(w.ctx, w.of(one).ID, w.of(other).ID, anna))
		if got := w.does(other, "split", ""); !strings.HasPrefix(got, "refused: the customer has 2 contacts on webhook") || w.of(other).ID != w.of(one).ID {
			w.t.Errorf("split is %q", got)
		}
	})
}

// Whoever said stop while they passed for somebody else is not written to when they turn out to be another.
func TestStopGoesWithWhoSaidIt(t *testing.T) {
	each(t, func(w *world) {
		for _, parting := range []string{"unmerge", "split"} {
			w.fact(parting, func(w *world) {
				refs := []channel.Ref{w.meets("whatsapp", w.next("ana"), "Ana"), w.meets("telegram", w.next("bea"), "Bea")}
				other := w.of(refs[1]).ID
				w.does(refs[0], "merge", other)
				w.does(refs[1], "consent", "out")
				w.does(refs[1], "block", "")
				w.does(refs[1], parting, map[string]string{"unmerge": other}[parting])
				who := w.of(refs[1])
				if who.ID == w.of(refs[0]).ID || parting == "split" && who.Blocked.IsZero() {
					w.t.Fatalf("they are %+v", who)
				}
				if decision, err := w.Consent.Allowed(w.ctx, who.ID, "telegram", consent.Marketing); err != nil || !decision.Explicit {
					w.t.Errorf("marketing: %+v, %v", decision, err)
				}
			})
		}
	})
}

func TestConsentByCommand(t *testing.T) {
	each(t, func(w *world) {
		ana := w.meets("whatsapp", "ana", "Ana")
		if got := w.does(ana, "consent", ""); !strings.HasPrefix(got, "marketing on whatsapp: not allowed (nobody said anything)\nutility on whatsapp: allowed (nobody said anything)") {
			w.t.Errorf("at first it is %q", got)
		}
		w.does(ana, "consent", "IN Marketing")
		if got := w.does(ana, "consent", ""); !strings.HasPrefix(got, "marketing on whatsapp: allowed\n") || !strings.Contains(got, "in: marketing on whatsapp (agent)") {
			w.t.Errorf("then it is %q", got)
		}
		if got := w.does(ana, "consent", "maybe"); !strings.HasPrefix(got, "refused: write `!puente consent`") {
			w.t.Errorf("nonsense is answered with %q", got)
		}
		history, err := w.Consent.History(w.ctx, w.of(ana).ID)
		if err != nil || len(history) != 1 || history[0].Event == "" || history[0].By != anna {
			w.t.Errorf("the ledger has %+v, %v", history, err)
		}
	})
}

func TestVia(t *testing.T) {
	each(t, func(w *world) {
		here, there := w.meets("whatsapp", "ana", "Ana"), w.meets("telegram", "anita", "Anita")
		if got := w.does(here, "via", "telegram hello"); !strings.Contains(got, "`!puente merge` joins") {
			w.t.Errorf("without another channel it is answered with %q", got)
		}
		w.must(w.Merge(w.ctx, w.of(here).ID, w.of(there).ID, anna))
		if got := w.does(here, "via", "signal hello"); !strings.Contains(got, "There is: telegram.") {
			w.t.Errorf("a channel that is not there is answered with %q", got)
		}
		if got := w.does(here, "via", "telegram"); !strings.HasPrefix(got, "refused: write the channel and the words") {
			w.t.Errorf("without words it is answered with %q", got)
		}
		got := w.does(here, "via", "Telegram  Your order is *ready*")
		for _, one := range w.rooms.Said() {
			if one.To != there || one.By != anna || one.Text != "Your order is *ready*" || !strings.HasPrefix(got, "Written on telegram: https://chat/"+there.Room) {
				w.t.Errorf("said is %+v, answered %q", one, got)
			}
		}
		if len(w.rooms.Said()) != 1 {
			w.t.Errorf("said is %+v", w.rooms.Said())
		}
	})
}
