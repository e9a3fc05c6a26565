package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"puente/core/desk/channel"
)

// legendOfShop ends every card.
const legendOfShop = "✋ take it · ✅ resolve · 💤 until tomorrow  \nWrite in this message's thread to note something among you. Commands: `!puente help`"

// shows checks the topic, and the card up to its legend.
func (w *world) shows(c *Conversation, topic string, lines ...string) {
	w.t.Helper()
	face, err := w.face(w.ctx, w.now(c))
	w.must(err)
	if face.Topic != topic {
		w.t.Errorf("the topic is %q", face.Topic)
	}
	if want := strings.Join(append(lines, legendOfShop), "  \n"); face.Card != want {
		w.t.Errorf("the card is\n%s\ninstead of\n%s", face.Card, want)
	}
}

func TestCard(t *testing.T) {
	each(t, func(s *Settings) { s.Zone = zone(t, "Europe/Madrid") }, func(w *world) {
		w.fact("OfWhatIsNew", func(w *world) {
			w.shows(w.meets("signal", "Ana"), "open · nobody's", "**Ana** – open · nobody's")
		})
		w.fact("WithAllThatIsKnown", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.must(w.SetPriority(w.ctx, c.ID, "urgent", anna))
			w.must(w.Label(w.ctx, c.ID, []string{"vip", "late-payer"}, nil, anna))
			w.must(w.Customers.AddLabel(w.ctx, c.Customer, "wholesale", anna))
			w.must(w.Customers.SetLanguage(w.ctx, c.Customer, "pt-BR", anna))
			w.must(w.Customers.Prefer(w.ctx, c.Customer, "whatsapp", anna))
			w.shows(c, "open · Anna Martín · urgent",
				"**Berta** – open · "+`assigned to Anna Martín · team Sales · priority urgent · labels: late\-payer\, vip`,
				`customer: wholesale · language pt\-BR · prefers whatsapp`)
		})
		w.fact("OfABlockedCustomer", func(w *world) {
			c := w.meets("signal", "Carlos")
			w.must(w.Customers.Block(w.ctx, c.Customer, anna))
			w.shows(c, "open · nobody's", "**Carlos** – open · nobody's", "**blocked**")
		})
		w.fact("OfWhatIsPutAside", func(w *world) {
			c := w.meets("signal", "Dora")
			w.must(w.Claim(w.ctx, c.ID, ben))
			w.must(w.Snooze(w.ctx, c.ID, time.Date(2026, 3, 30, 7, 0, 0, 0, time.UTC), ben))
			w.shows(c, "snoozed until Mon 30 Mar 09:00 · Ben", "**Dora** – snoozed until Mon 30 Mar 09:00 · assigned to Ben")
			w.must(w.Snooze(w.ctx, c.ID, time.Time{}, ben))
			w.shows(c, "snoozed until the customer writes · Ben", "**Dora** – snoozed until the customer writes · assigned to Ben")
			w.must(w.Assign(w.ctx, c.ID, "", ben))
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, ben))
			w.shows(c, "resolved", "**Dora** – resolved")
			w.must(w.Suspend(w.ctx, c.ID, ben))
			w.shows(c, "pending · nobody's", "**Dora** – pending · nobody's")
		})
		w.fact("OfWhoWaitsTooLong", func(w *world) {
			c := w.meets("signal", "Emil")
			since := w.writes(c).At.In(w.zone()).Format("Mon 2 Jan 15:04")
			w.time.Advance(hour)
			w.shows(c, "open, waiting since "+since+" · nobody's", "**Emil** – open, waiting since "+since+" · nobody's")
		})
		w.fact("OfSomebodyWithoutAName", func(w *world) {
			w.shows(w.meets("signal", ""), "open · nobody's", "**no name yet** – open · nobody's")
		})
		w.fact("WordsOfOthersAreNoMarkdown", func(w *world) {
			w.Teams[0].Name = "Sales_1"
			defer func() { w.Teams[0].Name = "Sales" }()
			w.rooms.setTeam(append(everybody(), channel.Party{ID: "@x:example.com", Name: "[x](y)"})...)
			w.time.Advance(teamIsFresh)
			c := w.meets("whatsapp", "**Fe**\n# <b>`x`")
			w.must(w.Claim(w.ctx, c.ID, "@x:example.com"))
			w.shows(c, "open · [x](y)", "**\\*\\*Fe\\*\\* \\# \\<b\\>\\`x\\`** – open · "+`assigned to \[x\]\(y\) · team Sales\_1`)
		})
		w.fact("WithoutButtons", func(w *world) {
			w.Buttons = false
			defer func() { w.Buttons = true }()
			face, err := w.face(w.ctx, w.meets("signal", "Gil"))
			if w.must(err); face.Card != "**Gil** – open · nobody's  \nWrite in this message's thread to note something among you. Commands: `!puente help`" || len(face.Buttons) != 0 {
				w.t.Errorf("the card is %q with %q", face.Card, face.Buttons)
			}
		})
		w.fact("WithLinesOfOthers", func(w *world) {
			c := w.meets("signal", "Hugo")
			w.CardLines = func(_ context.Context, about *Conversation) ([]string, error) {
				return []string{"linked: " + about.ID}, nil
			}
			w.shows(c, "open · nobody's", "**Hugo** – open · nobody's", "linked: "+c.ID)
			w.CardLines = func(context.Context, *Conversation) ([]string, error) { return nil, errNo }
			defer func() { w.CardLines = nil }()
			if _, err := w.face(w.ctx, c); !errors.Is(err, errNo) {
				w.t.Errorf("the error is %v", err)
			}
		})
	})
}

func TestOtherChannels(t *testing.T) {
	each(t, nil, func(w *world) {
		phone, two := w.meets("signal", "Ana"), w.meets("telegram", "Ana M.")
		w.writes(two)
		w.writes(phone)
		one, err := w.Customers.ByContact(w.ctx, "signal", phone.Ref.Chat)
		w.must(err)
		silent := w.meets("whatsapp", "A")
		w.show()
		for _, c := range []*Conversation{two, silent} {
			other, err := w.Customers.ByContact(w.ctx, c.Ref.Network, c.Ref.Chat)
			w.must(err)
			w.must(w.Customers.Merge(w.ctx, one.ID, other.ID, anna))
		}
		w.must(w.Touch(w.ctx, one.ID))
		all := " · [all conversations of this customer](https://chat/customer:" + one.ID + ")"
		w.fact("TheCardNamesThem", func(w *world) {
			w.shows(phone, "open · nobody's", "**Ana** – open · nobody's",
				"Also on [telegram](https://chat/"+two.Ref.Room+") (last wrote 2 Mar 2026), [whatsapp](https://chat/"+silent.Ref.Room+")"+all)
			w.shows(two, "open · nobody's", `**Ana M\.** – open · nobody's · team Support`,
				"Also on [signal](https://chat/"+phone.Ref.Room+") (last wrote 2 Mar 2026), [whatsapp](https://chat/"+silent.Ref.Room+")"+all)
		})
		w.fact("TheyAreTogetherInASpaceOfTheirOwn", func(w *world) {
			w.show()
			key := "customer:" + one.ID
			for _, c := range []*Conversation{phone, two, silent} {
				if face, _ := w.rooms.looks(c.Ref.Room); !slices.Contains(face.Views, key) {
					w.t.Errorf("%s is in %q", c.Ref.Room, face.Views)
				}
			}
			rooms := []string{phone.Ref.Room, two.Ref.Room, silent.Ref.Room}
			slices.Sort(rooms)
			if view := w.rooms.seen()[key]; view.Name != "Ana" || len(view.Members) != 0 || !slices.Equal(view.Rooms, rooms) {
				w.t.Errorf("the space is %+v", view)
			}
		})
		w.fact("AnotherRoomOfTheirsIsShownInAllOfThem", func(w *world) {
			before := w.painted(two)
			w.must(w.HandleChannelEvent(w.ctx, channel.PortalOpened{
				Base:     channel.Base{Ref: channel.Ref{Network: "signal", Account: "second", Chat: phone.Ref.Chat, Room: "!another"}, At: start},
				Customer: channel.Party{ID: phone.Ref.Chat, Name: "Ana"},
			}))
			if w.show(); w.painted(two) != before+1 {
				w.t.Errorf("it is shown %d times", w.painted(two)-before)
			}
		})
	})
}

func TestFacts(t *testing.T) {
	each(t, nil, func(w *world) {
		c := w.meets("whatsapp", "Ana")
		said := func(want string) {
			w.t.Helper()
			face, err := w.face(w.ctx, w.now(c))
			w.must(err)
			text, err := json.Marshal(face.Facts)
			if w.must(err); string(text) != want {
				w.t.Errorf("the facts are %s", text)
			}
			if face.Order != "001772442000000" || !slices.Equal(face.Buttons, []string{"✋", "✅", "💤"}) {
				w.t.Errorf("its place is %s, its buttons are %q", face.Order, face.Buttons)
			}
		}
		ids := `{"conversation_id":"` + c.ID + `","customer_id":"` + c.Customer + `",`
		said(ids + `"status":"open","team":"Sales"}`)
		w.must(w.Claim(w.ctx, c.ID, anna))
		w.must(w.SetPriority(w.ctx, c.ID, "low", anna))
		w.must(w.Label(w.ctx, c.ID, []string{"vip"}, nil, anna))
		w.must(w.Snooze(w.ctx, c.ID, start.Add(hour), anna))
		said(ids + `"status":"snoozed","snoozed_until":"2026-03-02T10:00:00Z","assignee":"` + anna + `","team":"Sales","priority":"low","labels":["vip"]}`)
	})
}

// FuzzPlain: no character of somebody else's words means anything in Markdown, and nothing but escapes is added.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"Ana", "**Ana**", "a_b_c", "# x", "1. x", "<b>", "[a](b)", "a\n\nb", "\\", "`", "||x||", "\x00\x07\x7f", "\xff", "é\u2028ü", "~~x~~"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		var unescaped strings.Builder
		escaped := false
		for _, r := range Plain(words) {
			switch {
			case escaped && !isPunctuation(r):
				t.Fatalf("%q becomes %q, where a backslash stands for itself", words, Plain(words))
			case !escaped && r == '\\':
				escaped = true
				continue
			case !escaped && isPunctuation(r), r != ' ' && unicode.IsSpace(r):
				t.Fatalf("%q becomes %q, in which %q has its meaning", words, Plain(words), r)
			}
			escaped = false
			unescaped.WriteRune(r)
		}
		if want := strings.Join(strings.Fields(strings.ToValidUTF8(words, "\uFFFD")), " "); escaped || !sameRunes(unescaped.String(), want) {
			t.Fatalf("%q becomes %q", words, Plain(words))
		}
	})
}

// isPunctuation tells what CommonMark calls an ASCII punctuation character.
func isPunctuation(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// sameRunes leaves out how many wrong bytes one U+FFFD stands for.
func sameRunes(a, b string) bool {
	return strings.ReplaceAll(a, "\uFFFD", "") == strings.ReplaceAll(b, "\uFFFD", "")
}
