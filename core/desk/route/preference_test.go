package route

import (
	"strings"
	"testing"

	"puente/core/desk/channel"
)

func TestSentencesThatAskForAChannel(t *testing.T) {
	p := preferencesOf(called())
	for text, want := range map[string][2]string{
		"Please write to me on Telegram!":       {"telegram", "en"},
		"write to me on TG, please 🙏":           {"telegram", "en"},
		"I'd prefer Signal":                     {"signal", "en"},
		"I’d prefer signal.":                    {"signal", "en"},
		"Escríbanme por WhatsApp, por favor":    {"whatsapp", "es"},
		"escribanme por whatsapp":               {"whatsapp", "es"},
		"Prefiro o Telegram":                    {"telegram", "pt"},
		"Plutôt sur Signal, s’il vous plaît":    {"signal", "fr"},
		"Bitte schreiben Sie mir auf WhatsApp.": {"whatsapp", "de"},
		"Proszę pisać na Telegram":              {"telegram", "pl"},
		"Пишите мне в ватсап":                   {"whatsapp", "ru"},
		"من فضلك راسلوني على تلغرام":            {"telegram", "ar"},
		"请用 Telegram 联系我":                       {"telegram", "zh"},
		"Signalでお願いします":                         {"signal", "ja"},
		"कृपया मुझे Signal पर लिखें":            {"signal", "hi"},
	} {
		network, language, found := p.match(channel.Content{Kind: "text", Text: text}, "")
		if !found || [2]string{network, language} != want {
			t.Errorf("%q is %v %q in %q", text, found, network, language)
		}
	}
	for _, said := range []channel.Content{
		{Kind: "text", Text: "Telegram"}, {Kind: "text", Text: ""}, {Kind: "text", Text: "please"}, {Kind: "text", Text: "Please don't write to me on Telegram"},
		{Kind: "text", Text: "write to me on Facebook"}, {Kind: "text", Text: "Did you write to me on Telegram?"}, {Kind: "image", Text: "write to me on Telegram"},
		{Kind: "notice", Text: "write to me on Telegram"}, {Kind: "text", Text: "Lieber per WhatsApp?"}, {Kind: "text", Text: "¿Prefiero WhatsApp"},
		{Kind: "text", Text: "من فضلك راسلوني على تلغرام؟"}, {Kind: "text", Text: "请用 Telegram 联系我？"},
	} {
		if network, _, found := p.match(said, ""); found {
			t.Errorf("%+v asks for %s", said, network)
		}
	}
}

// TestNoSentenceAsksForTwoChannels: two networks with one name, or a sentence that is another one's with more in it, would
// make the last one learned win.
func TestNoSentenceAsksForTwoChannels(t *testing.T) {
	asks := map[string]string{}
	for _, one := range called() {
		for text := range preferencesOf([]Called{one}).sentences {
			if other := asks[text]; other != "" {
				t.Errorf("%q asks for %s and for %s", text, other, one.Network)
			}
			asks[text] = one.Network
		}
	}
	if len(asks) < 1000 {
		t.Errorf("there are %d sentences", len(asks))
	}
}

func TestEveryLanguageAnswers(t *testing.T) {
	for language, said := range phrases() {
		if !strings.Contains(said.reply, "{channel}") || len(said.please) == 0 {
			t.Errorf("%s answers %q", language, said.reply)
		}
		for _, form := range said.forms {
			if strings.Count(form, "{channel}") != 1 {
				t.Errorf("%s asks %q", language, form)
			}
		}
	}
}

// personOf is who writes in a conversation, as the network calls them.
func (w *world) personOf(ref channel.Ref) string {
	w.t.Helper()
	contacts, err := w.Customers.Contacts(w.ctx, w.of(ref).ID)
	w.must(err)
	for _, one := range contacts {
		if one.Network == ref.Network {
			return one.Person
		}
	}
	w.t.Fatalf("nobody writes on %s", ref.Network)
	return ""
}

func TestTheCustomerChoosesTheChannel(t *testing.T) {
	asks := channel.Content{Kind: "text", Text: "Please write to me on Telegram"}
	each(t, func(w *world) {
		refs := w.person("telegram", "whatsapp")
		here := refs[1]
		w.fact("ItIsNotedAndConfirmed", func(w *world) {
			asked := w.writes(here, w.personOf(here), "Ana", asks)
			who := w.of(here)
			if who.Preferred != "telegram" || who.PreferredBy != who.ID {
				w.t.Errorf("noted is %q by %q", who.Preferred, who.PreferredBy)
			}
			if got := w.rooms.Said()["preference:in:"+asked]; got.To != here || !strings.HasPrefix(got.Text, "From now on we write to you on telegram.") {
				w.t.Errorf("confirmed is %+v", got)
			}
			if best, err := w.Best(w.ctx, who.ID); err != nil || best[0].Ref.Network != "telegram" {
				w.t.Errorf("the best is %+v, %v", best, err)
			}
		})
		w.fact("InTheirLanguage", func(w *world) {
			w.must(w.Customers.SetLanguage(w.ctx, w.of(here).ID, "pt-BR", anna))
			asked := w.writes(here, w.personOf(here), "Ana", channel.Content{Kind: "text", Text: "prefiro WhatsApp"})
			if got := w.rooms.Said()["preference:in:"+asked]; !strings.HasPrefix(got.Text, "De agora em diante") || w.of(here).Preferred != "whatsapp" {
				w.t.Errorf("confirmed is %+v", got)
			}
		})
		w.fact("WhereTheyNeverWroteTheTeamIsTold", func(w *world) {
			before := len(w.rooms.Said())
			w.writes(here, w.personOf(here), "Ana", channel.Content{Kind: "text", Text: "I prefer Signal"})
			if notices := strings.Join(w.rooms.Notices(), "\n"); !strings.Contains(notices, "The customer asks for signal, but has not written there") {
				w.t.Errorf("the team was told %q", notices)
			}
			if w.of(here).Preferred != "whatsapp" || len(w.rooms.Said()) != before {
				w.t.Errorf("noted is %q, and said %+v", w.of(here).Preferred, w.rooms.Said())
			}
		})
		w.fact("WhoIsBlockedIsNotAnswered", func(w *world) {
			before := len(w.rooms.Said())
			w.must(w.Customers.Block(w.ctx, w.of(here).ID, anna))
			w.writes(here, w.personOf(here), "Ana", asks)
			if w.of(here).Preferred != "telegram" || len(w.rooms.Said()) != before {
				w.t.Errorf("noted is %q, and said %+v", w.of(here).Preferred, w.rooms.Said())
			}
		})
		w.fact("InAGroupPeopleSpeakToEachOther", func(w *world) {
			group, before := channel.Ref{Network: "telegram", Account: "first", Chat: "g", Room: "!g"}, len(w.rooms.Said())
			w.hear(channel.PortalOpened{Base: channel.Base{Ref: group, Key: "opened:g", At: w.time.Now()}, Customer: channel.Party{Name: "The family"}, Group: true})
			w.writes(group, "carl", "Carl", asks)
			if len(w.rooms.Said()) != before || len(w.rooms.Notices()) != 1 {
				w.t.Errorf("said is %+v, told %q", w.rooms.Said(), w.rooms.Notices())
			}
		})
	})
}
