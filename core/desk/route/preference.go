package route

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
)

// Called is what people call a network.
type Called struct {
	Network string   // its ID
	Name    string   // as it calls itself
	Also    []string // in other scripts, cases and for short
}

// preferences are the sentences by which customers say where they want to be written to, by their folded form.
type preferences struct {
	sentences map[string]sentence
	replies   map[string]string // by language
}

// sentence is what one means.
type sentence struct {
	network   string
	languages []string // sorted
}

func preferencesOf(networks []Called) preferences {
	p := preferences{sentences: map[string]sentence{}, replies: map[string]string{}}
	for language, said := range phrases() {
		p.replies[language] = said.reply
		for _, one := range networks {
			for _, name := range append([]string{one.Network, one.Name}, one.Also...) {
				p.learn(language, said, one.Network, name)
			}
		}
	}
	return p
}

// learn adds the sentences of a language with one name of a network.
func (p preferences) learn(language string, said phrase, network, name string) {
	for _, form := range said.forms {
		form = strings.ReplaceAll(form, "{channel}", name)
		for _, text := range append([]string{form}, politely(form, said.please)...) {
			known := p.sentences[bare(text)]
			known.network = network
			if !slices.Contains(known.languages, language) {
				known.languages = append(known.languages, language)
				slices.Sort(known.languages)
			}
			p.sentences[bare(text)] = known
		}
	}
}

// politely are a sentence's forms with a "please" before or after it.
func politely(text string, please []string) (list []string) {
	for _, word := range please {
		list = append(list, word+" "+text, text+" "+word)
	}
	return list
}

// bare is the form in which sentences are compared: without spaces, which some languages have where others write, and
// without what stands between words.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.Nd, unicode.M) {
			return r
		}
		return -1
	}, consent.Fold(text))
}

// match tells which network a message asks for if it is one of the sentences and nothing else, and the language to answer
// in: the customer's if the sentence is of it, else its own.
func (p preferences) match(said channel.Content, speaks string) (network, language string, found bool) {
	if said.Kind != "text" && said.Kind != "edit" || strings.ContainsAny(said.Text, "?？؟¿") {
		return "", "", false // who asks has not chosen
	}
	known, found := p.sentences[bare(said.Text)]
	if !found {
		return "", "", false
	}
	customers, _, _ := strings.Cut(speaks, "-")
	if slices.Contains(known.languages, customers) {
		return known.network, customers, true
	}
	return known.network, known.languages[0], true
}

// preferred notes where a customer wants to be written to, if that is what they wrote, and confirms it. In a group people
// speak to each other. One who is blocked is not answered.
func (r *Router) preferred(ctx context.Context, evt channel.MessageIn) error {
	if _, _, found := r.preferences.match(evt.Content, ""); !found {
		return nil
	}
	c, err := r.Inbox.Find(ctx, evt.Ref.Room)
	if errors.Is(err, errs.ErrNotFound) || err == nil && c.Customer == "" {
		return nil
	} else if err != nil {
		return err
	}
	who, err := r.Customers.Get(ctx, c.Customer)
	if err != nil {
		return err
	}
	network, language, _ := r.preferences.match(evt.Content, who.Language)
	contacts, err := r.Customers.Contacts(ctx, who.ID)
	if err != nil {
		return err
	} else if !slices.ContainsFunc(contacts, func(one customer.Contact) bool { return one.Network == network }) {
		return errs.Temporary(r.Rooms.Notify(ctx, evt.Ref, "preference:"+evt.Key, evt.ID, fmt.Sprintf(
			"ℹ️ The customer asks for %s, but has not written there, or as somebody else: `!puente same` shows who that may be.", r.Rooms.NetworkName(network))), 0)
	}
	if err = r.Customers.Prefer(ctx, who.ID, network, who.ID); err != nil || !who.Blocked.IsZero() {
		return err
	}
	text := strings.ReplaceAll(r.preferences.replies[language], "{channel}", r.Rooms.NetworkName(network))
	_, err = r.Rooms.Send(ctx, evt.Ref, channel.Message{Key: "preference:" + evt.Key, Text: text})
	return err
}
