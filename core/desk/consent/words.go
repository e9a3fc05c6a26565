package consent

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"puente/core/base/errs"
)

// Language is the words of one language that decide by themselves, each being a whole message, and what is answered. The
// first word of Stop and of Start is the one that answers name.
type Language struct {
	Stop   []string // no messages any more, but answers to what the customer writes
	Offers []string // no marketing any more
	Start  []string // messages again
	Reply  Reply
}

// Reply is what is answered to a customer once. {start} and {stop} stand for the words that undo it.
type Reply struct{ Stop, Offers, Start string }

// Words is what a company changes in the built-in words.
type Words struct {
	Language string              // the company's: answers to a word that several languages share are in it; empty: "en"
	Add      map[string]Language // by language; an answer replaces the built-in one
	Remove   []string            // built-in words that mean something else to this company's customers
}

// meaning is what a word stands for.
type meaning string

const (
	stop   meaning = "stop"
	offers meaning = "offers"
	start  meaning = "start"
)

// lexicon is the words as they are looked up: by their folded form.
type lexicon struct {
	words    map[string]word
	replies  map[string]Reply // by language, complete
	language string
}

type word struct {
	meaning   meaning
	languages []string
}

// base is the language of a tag such as "pt-BR".
func base(tag string) string {
	language, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return strings.ToLower(language)
}

// lexicon puts the built-in words and the company's together.
func (w Words) lexicon() (lexicon, error) {
	lex := lexicon{words: map[string]word{}, replies: map[string]Reply{}, language: "en"}
	if w.Language != "" {
		lex.language = base(w.Language)
	}
	languages := w.merged()
	for _, tag := range slices.Sorted(maps.Keys(languages)) {
		if err := lex.learn(tag, languages[tag]); err != nil {
			return lexicon{}, err
		}
	}
	if _, known := languages[lex.language]; !known {
		return lexicon{}, fmt.Errorf("language %q has no words: %w", lex.language, errs.ErrInvalid)
	}
	return lex, nil
}

// merged returns all languages with the company's words before the built-in ones, the words of all languages included.
func (w Words) merged() map[string]Language {
	removed := map[string]bool{}
	for _, text := range w.Remove {
		removed[Fold(text)] = true
	}
	keep := func(lists ...[]string) []string {
		return slices.DeleteFunc(slices.Concat(lists...), func(text string) bool { return removed[Fold(text)] })
	}
	all, common := languages(), everyLanguage()
	added := slices.Sorted(maps.Keys(w.Add))
	for _, tag := range added {
		if _, builtIn := all[base(tag)]; !builtIn {
			all[base(tag)] = Language{}
		}
	}
	for tag, own := range all {
		own.Stop, own.Offers, own.Start = keep(own.Stop, common.Stop), keep(own.Offers, common.Offers), keep(own.Start, common.Start)
		all[tag] = own
	}
	for _, tag := range added {
		all[base(tag)] = all[base(tag)].with(w.Add[tag])
	}
	return all
}

// with puts a company's words in front, and its answers in place.
func (l Language) with(more Language) Language {
	return Language{
		Stop: slices.Concat(more.Stop, l.Stop), Offers: slices.Concat(more.Offers, l.Offers), Start: slices.Concat(more.Start, l.Start),
		Reply: Reply{Stop: either(more.Reply.Stop, l.Reply.Stop), Offers: either(more.Reply.Offers, l.Reply.Offers), Start: either(more.Reply.Start, l.Reply.Start)},
	}
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// learn adds a language, and refuses what would leave a customer without a way back or without an answer.
func (lex lexicon) learn(tag string, language Language) error {
	reply := language.Reply
	switch {
	case tag == "":
		return fmt.Errorf("words of a language without a name: %w", errs.ErrInvalid)
	case len(language.Stop) == 0 || len(language.Start) == 0:
		return fmt.Errorf("language %q needs a word to stop and one to start again: %w", tag, errs.ErrInvalid)
	case reply.Stop == "" || reply.Offers == "" || reply.Start == "":
		return fmt.Errorf("language %q needs the answers to stop, offers and start: %w", tag, errs.ErrInvalid)
	}
	fill := strings.NewReplacer("{stop}", language.Stop[0], "{start}", language.Start[0])
	lex.replies[tag] = Reply{Stop: fill.Replace(reply.Stop), Offers: fill.Replace(reply.Offers), Start: fill.Replace(reply.Start)}
	for what, texts := range map[meaning][]string{stop: language.Stop, offers: language.Offers, start: language.Start} {
		for _, text := range texts {
			if err := lex.add(tag, what, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (lex lexicon) add(tag string, what meaning, text string) error {
	folded := Fold(text)
	known, found := lex.words[folded]
	switch {
	case folded == "":
		return fmt.Errorf("language %q: %q is no word: %w", tag, text, errs.ErrInvalid)
	case found && known.meaning != what:
		return fmt.Errorf("language %q: %q means %s and %s: remove it from one, or from the built-in words: %w",
			tag, text, known.meaning, what, errs.ErrInvalid)
	case slices.Contains(known.languages, tag):
		return nil
	}
	lex.words[folded] = word{meaning: what, languages: append(known.languages, tag)}
	return nil
}

// match tells what a message means if it is one of the words and nothing else, and the language to answer in: the
// customer's if the word is one of it, else the company's, else the word's own.
func (lex lexicon) match(text, customers string) (what meaning, language string, found bool) {
	known, found := lex.words[Fold(text)]
	if !found || isCommand(text) && known.meaning == start {
		return "", "", false
	}
	for _, preferred := range []string{base(customers), lex.language} {
		if slices.Contains(known.languages, preferred) {
			return known.meaning, preferred, true
		}
	}
	return known.meaning, known.languages[0], true
}

// isCommand tells whether it is a command to a bot: everybody who opens a chat with one sends it "/start", also again after
// having blocked it, and agrees to nothing by that.
func isCommand(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "/") }

// answer is what a customer is told once.
func (lex lexicon) answer(what meaning, language string) string {
	switch what {
	case stop:
		return lex.replies[language].Stop
	case offers:
		return lex.replies[language].Offers
	}
	return lex.replies[language].Start
}
