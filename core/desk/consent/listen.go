package consent

import (
	"context"
	"fmt"
	"strings"
	"time"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

// What a channel.Content's Payload has when a customer chose something in the network's own app: under PreferenceKey a
// map[string]any with texts under CategoryKey and ValueKey. ref: reference/whatsapp-cloud.md §4.4, user_preferences
const (
	PreferenceKey = "preference"
	CategoryKey   = "category" // a purpose and "_messages": "marketing_messages"
	ValueKey      = "value"    // "stop", "resume", "signup"
)

// Heard is what a customer wrote. Words of a group's members are meant for each other: do not pass those on.
type Heard struct {
	Customer     string
	Conversation string
	Network      string
	Event        string // the message in the room
	Key          string // stable over repetitions
	At           time.Time
	Language     string // the customer's as far as known: "pt-BR"; may be empty
	Content      channel.Content
}

// Outcome is what a message did. A repetition of the same message has the same outcome, so send the confirmation with a key
// made of the message's, and as an Answer: the customer may have just objected to all else.
type Outcome struct {
	Changed      bool   // some answer of the ledger is another one now
	Opted        State  // what the message means; "" if it is about something else
	Language     string // the language of the word; "" if it was none
	Confirmation string // what to send back; "" for nothing
}

// Concerns tells whether something may be one of the words, or a choice in the network's app, that Heard records; most is not.
func (l *Ledger) Concerns(content channel.Content) bool {
	if _, _, found := l.preference(content); found {
		return true
	}
	_, _, found := l.word(content, "")
	return found
}

// word finds the word that a message is. A caption is about its picture, a notice is not the customer's.
func (l *Ledger) word(content channel.Content, speaks string) (what meaning, language string, found bool) {
	if content.Kind != "text" && content.Kind != "edit" {
		return "", "", false
	}
	return l.words.match(content.Text, speaks)
}

// Heard records what a customer's message means if it is an opt-out or opt-in word, or a choice made in the network's app.
//
// A stop word closes everything on all networks: whoever says it does not want to hear from the business, and the same
// offer through another app would be no better. A start word opens again what was closed.
func (l *Ledger) Heard(ctx context.Context, in Heard) (Outcome, error) {
	if in.Network == "" {
		return Outcome{}, fmt.Errorf("a customer's message has no network: %w", errs.ErrInvalid)
	}
	entry := Entry{
		Key: in.Key, Customer: in.Customer, Network: in.Network, By: in.Customer, At: in.At, Event: in.Event, Conversation: in.Conversation,
	}
	if purpose, state, found := l.preference(in.Content); found {
		entry.Source, entry.Purpose, entry.State = Preference, purpose, state
		return l.comply(ctx, entry) // without an answer: the network has told the customer itself
	}
	what, language, found := l.word(in.Content, in.Language)
	if !found {
		return Outcome{}, nil
	}
	entry.Source = Keyword
	return l.obey(ctx, entry, what, language)
}

// preference reads a choice made in the network's app.
func (l *Ledger) preference(content channel.Content) (purpose Purpose, state State, found bool) {
	chosen, _ := content.Payload[PreferenceKey].(map[string]any)
	category, _ := chosen[CategoryKey].(string)
	purpose = Purpose(strings.TrimSuffix(category, "_messages"))
	if !l.policy.Has(purpose) {
		return "", "", false
	}
	switch chosen[ValueKey] {
	case "stop":
		return purpose, Out, true
	case "resume", "signup":
		return purpose, In, true
	}
	return "", "", false
}

// obey records what a word means.
func (l *Ledger) obey(ctx context.Context, entry Entry, what meaning, language string) (Outcome, error) {
	outcome := Outcome{Opted: Out, Language: language}
	err := l.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		switch what {
		case stop:
			entry.State, entry.Network, entry.Purpose = Out, Everywhere, Everything
		case offers:
			entry.State, entry.Network, entry.Purpose = Out, Everywhere, Marketing
		case start:
			outcome.Opted = In
			entries, err := l.History(ctx, entry.Customer)
			if err != nil {
				return err
			}
			entry.State = In
			entry.Network, entry.Purpose = l.policy.reopens(entries, entry.Network)
		}
		done, err := l.record(ctx, entry)
		outcome.Changed = done.changed
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	if outcome.Changed {
		outcome.Confirmation = l.words.answer(what, language)
	}
	return outcome, nil
}

// Failure is a message that a network refused.
type Failure struct {
	Customer     string
	Conversation string
	Network      string
	Event        string // the message in the room; the proof, and the key
	// Objection is the purpose that the network says the customer objected to; "" if it was another failure.
	Objection Purpose
	At        time.Time
}

// Failed records the objection that a refusal tells of, if it tells of one: the customer objected where we did not hear it.
func (l *Ledger) Failed(ctx context.Context, failure Failure) (Outcome, error) {
	if !l.policy.Has(failure.Objection) {
		return Outcome{}, nil
	} else if failure.Event == "" || failure.Network == "" {
		return Outcome{}, fmt.Errorf("a refused message has no network or no event: %w", errs.ErrInvalid)
	}
	return l.comply(ctx, Entry{
		Key: failure.Event + "/" + string(failure.Objection), Customer: failure.Customer, Network: failure.Network, Purpose: failure.Objection, State: Out,
		Source: Provider, By: audit.Puente, At: failure.At, Event: failure.Event, Conversation: failure.Conversation,
	})
}

// comply records what needs no answer.
func (l *Ledger) comply(ctx context.Context, entry Entry) (Outcome, error) {
	done, err := l.record(ctx, entry)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Changed: done.changed, Opted: entry.State}, nil
}
