package consent

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"puente/core/base/errs"
)

func builtIn(t testing.TB) lexicon {
	t.Helper()
	lex, err := Words{}.lexicon()
	if err != nil {
		t.Fatal(err)
	}
	return lex
}

func TestMatch(t *testing.T) {
	lex := builtIn(t)
	for text, want := range map[string]struct {
		meaning  meaning
		language string
	}{
		"STOP":                           {stop, "en"},
		"stop":                           {stop, "en"},
		" \n Stop!!! 🙏🏽\t":               {stop, "en"},
		"*STOP*":                         {stop, "en"},
		"“Stop.”":                        {stop, "en"},
		"ＳＴＯＰ":                           {stop, "en"},
		"stop \n all":                    {stop, "en"},
		"stop ❤️":                        {stop, "en"},
		"/stop":                          {stop, "en"},
		"don’t contact me":               {stop, "en"},
		"Opt‑out":                        {stop, "en"},
		"baja":                           {stop, "es"},
		"¡BAJA!":                         {stop, "es"},
		"cancelar suscripcion":           {stop, "es"},
		"Não quero mais mensagens":       {stop, "pt"},
		"sair":                           {stop, "pt"},
		"arret":                          {stop, "fr"},
		"Désabonner":                     {stop, "fr"},
		"ne m’écrivez plus":              {stop, "fr"},
		"stopp":                          {stop, "de"},
		"ABMELDEN":                       {stop, "de"},
		"Cancellami":                     {stop, "it"},
		"afmelden.":                      {stop, "nl"},
		"anuluj subskrypcje":             {stop, "pl"},
		"listeden cik":                   {stop, "tr"},
		"LISTEDEN ÇIK":                   {stop, "tr"},
		"listeden çık":                   {stop, "tr"},
		"الغاء الاشتراك":                 {stop, "ar"},
		"إلغاء الاشتراك":                 {stop, "ar"},
		"إيقـــاف":                       {stop, "ar"},
		"बंद करें":                       {stop, "hi"},
		"बंद करें।":                      {stop, "hi"},
		"ऑफर बंद करें":                   {offers, "hi"}, // without the dot
		"Berhenti":                       {stop, "id"},
		"unreg":                          {stop, "id"},
		"Отписаться":                     {stop, "ru"},
		"не пишите мне больше!":          {stop, "ru"},
		"Відписатись":                    {stop, "uk"},
		"退订":                             {stop, "zh"},
		"退訂。":                            {stop, "zh"},
		"配信停止":                           {stop, "ja"},
		"ｽﾄｯﾌﾟ":                          {stop, "ja"},
		"Stop promotions":                {offers, "en"},
		"keine Werbung":                  {offers, "de"},
		"Detener promociones":            {offers, "es"},
		"START":                          {start, "en"},
		"alta":                           {start, "es"},
		"Старт":                          {start, "ru"},
		"Підписатися":                    {start, "uk"},
		"配信再開":                           {start, "ja"},
		"please stop sending the parcel": {},
		"stop by tomorrow":               {},
		"bus stop":                       {},
		"stop 2":                         {},
		"stop?no":                        {},
		"cancel":                         {},
		"CANCELAR":                       {},
		"Quit":                           {},
		"end":                            {},
		"no":                             {},
		"yes":                            {},
		"red":                            {}, // a Turkish opt-out word, and a colour
		"salir":                          {},
		"baja la voz":                    {},
		"alta mar":                       {},
		"/start":                         {}, // sent by whoever opens a chat with a bot
		" /Start ":                       {},
		"बंद":                            {},
		"":                               {},
		"🛑":                              {},
		"\xff\xfe":                       {},
	} {
		t.Run(text, func(t *testing.T) {
			meaning, language, found := lex.match(text, "")
			if meaning != want.meaning || language != want.language || found != (want.meaning != "") {
				t.Errorf("%q in %q, %v", meaning, language, found)
			}
		})
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"  Two \t\n Words ": "two words",
		"¿¡Él!?":            "el",
		"don’t":             "don't",
		"opt‑out":           "opt-out",
		"Straße":            "strasse",
		"ŁÓDŹ":              "lodz",
		"IŞIK":              "isik",
		"ışık":              "isik",
		"st\u200bo\u00adp":  "stop", // what a copied text may have in it
		"👍🏽 ok 🇩🇪 ❤️":       "ok",
		"1️⃣":               "1",
		"करें":              "करें",    // without its last sign it is another word
		"ガ":                 "カ\u3099", // and so is this one
		"ё":                 "е",
		"مَرحَبًا":          "مرحبا",
		"!?… 👍":             "",
	} {
		t.Run(text, func(t *testing.T) {
			if got := Fold(text); got != want {
				t.Errorf("%q, not %q", got, want)
			}
		})
	}
}

// What the answers name must do what they say, and the lists must not be emptied by accident.
func TestEveryLanguageIsComplete(t *testing.T) {
	want := []string{"ar", "de", "en", "es", "fr", "hi", "id", "it", "ja", "nl", "pl", "pt", "ru", "tr", "uk", "zh"}
	lex := builtIn(t)
	for _, tag := range want {
		t.Run(tag, func(t *testing.T) {
			language := languages()[tag]
			if len(language.Stop) < 5 || len(language.Offers) < 5 || len(language.Start) < 3 {
				t.Errorf("%d words to stop, %d against offers, %d to start", len(language.Stop), len(language.Offers), len(language.Start))
			}
			reply := lex.replies[tag]
			if !strings.Contains(reply.Stop, language.Start[0]) || !strings.Contains(reply.Offers, language.Start[0]) || !strings.Contains(reply.Start, language.Stop[0]) {
				t.Errorf("an answer does not name the way back: %+v", reply)
			}
			if strings.ContainsAny(reply.Stop+reply.Offers+reply.Start, "{}") {
				t.Errorf("an answer has a gap: %+v", reply)
			}
			for what, texts := range map[meaning][]string{stop: language.Stop, offers: language.Offers, start: language.Start} {
				for _, text := range texts {
					if got, spoken, _ := lex.match(text, tag); got != what || spoken != tag {
						t.Errorf("%q means %q in %q", text, got, spoken)
					}
				}
			}
		})
	}
	if len(languages()) != len(want) {
		t.Errorf("there are %d languages", len(languages()))
	}
}

func TestLanguageOfTheAnswer(t *testing.T) {
	for name, test := range map[string]struct{ companys, text, customers, want string }{
		"TheCustomers":           {"es", "STOP", "pl", "pl"},
		"TheCustomersWithRegion": {"es", "STOP", "pt_BR", "pt"},
		"TheCompanys":            {"es", "STOP", "", "es"},
		"TheCompanysWithRegion":  {"de-AT", "STOP", "", "de"},
		"UnknownCustomers":       {"es", "STOP", "tlh", "es"},
		"TheWordsOwn":            {"de", "BAJA", "pl", "es"},
		"OneOfTheWords":          {"de", "СТОП", "uk", "uk"},
		"NothingSet":             {"", "STOP", "", "en"},
	} {
		t.Run(name, func(t *testing.T) {
			lex, err := Words{Language: test.companys}.lexicon()
			if err != nil {
				t.Fatal(err)
			}
			if _, got, _ := lex.match(test.text, test.customers); got != test.want {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestCompanysWords(t *testing.T) {
	catalan := Language{
		Stop: []string{"ATURA"}, Start: []string{"TORNA"},
		Reply: Reply{Stop: "Escriviu {start}.", Offers: "Sense ofertes; {start}.", Start: "Escriviu {stop}."},
	}
	lex, err := Words{
		Add:    map[string]Language{"ca-ES": catalan, "en": {Stop: []string{"Cancel"}, Offers: []string{"unsubscribe"}, Reply: Reply{Stop: "Bye, {start} = back."}}},
		Remove: []string{"baja", "Unsubscribe"},
	}.lexicon()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text string
		want meaning
	}{
		"Added": {"CANCEL", stop}, "Removed": {"BAJA", ""}, "OtherMeaning": {"unsubscribe", offers}, "OthersStay": {"Darme de baja", stop}, "NewLanguage": {"atura", stop},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _, _ := lex.match(test.text, ""); got != test.want {
				t.Errorf("%q", got)
			}
		})
	}
	t.Run("NewLanguagesAnswers", func(t *testing.T) {
		if got := lex.replies["ca"]; got != (Reply{Stop: "Escriviu TORNA.", Offers: "Sense ofertes; TORNA.", Start: "Escriviu ATURA."}) {
			t.Errorf("%+v", got)
		}
		if _, language, _ := lex.match("STOP", "ca"); language != "ca" {
			t.Errorf("STOP is answered in %q", language)
		}
	})
	t.Run("OwnAnswerReplacesOne", func(t *testing.T) {
		if got := lex.replies["en"]; got.Stop != "Bye, START = back." || !strings.Contains(got.Start, "reply Cancel.") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("AnswerNamesAWordThatIsLeft", func(t *testing.T) {
		if got := lex.replies["es"].Start; !strings.Contains(got, "responda PARAR.") {
			t.Errorf("%q", got)
		}
	})
}

func TestCompanysWordsRefused(t *testing.T) {
	english := languages()["en"]
	for name, words := range map[string]Words{
		"TwoMeanings":     {Add: map[string]Language{"en": {Start: []string{"stop"}}}},
		"NoWord":          {Add: map[string]Language{"en": {Stop: []string{"!!!"}}}},
		"NoAnswers":       {Add: map[string]Language{"ca": {Stop: []string{"ATURA"}}}},
		"NoLanguage":      {Add: map[string]Language{"": english}},
		"UnknownLanguage": {Language: "tlh"},
		"NoWayBackIsLeft": {Remove: slices.Concat(english.Start, everyLanguage().Start)},
		"NoWayOutIsLeft":  {Remove: slices.Concat(english.Stop, everyLanguage().Stop)},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := words.lexicon(); !errors.Is(err, errs.ErrInvalid) {
				t.Errorf("%v", err)
			}
		})
	}
}
