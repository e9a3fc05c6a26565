// Package consent keeps what customers agreed to and what they objected to, with the proof, and answers whether somebody
// may be written to. ref: reference/field-map.md, "Consent ledger tied to events"
package consent

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"puente/core/base/errs"
)

// State is what a customer said.
type State string

// The states of an entry.
const (
	In  State = "in"
	Out State = "out"
)

// Purpose is what a message is for: one of these, or another word that the company's policy has.
type Purpose string

// The purposes that every policy has. Answer is not in the ledger: nobody needs consent for it.
const (
	Everything Purpose = "" // in an entry: all purposes, also those that are added later
	Marketing  Purpose = "marketing"
	Utility    Purpose = "utility" // about something that the customer ordered, booked or owns
	Service    Purpose = "service" // anything else that is no marketing
	Answer     Purpose = "answer"  // an answer to what the customer wrote, within the network's window
)

// Everywhere stands for all networks in an entry.
const Everywhere = ""

// Source is how Puente learned of it.
type Source string

// The sources of an entry.
const (
	Keyword    Source = "keyword"    // the customer wrote a word that means it
	Preference Source = "preference" // the customer chose it in the network's own app
	Provider   Source = "provider"   // the network refused a message for this reason
	Agent      Source = "agent"      // one of our own people noted it
	Import     Source = "import"
	API        Source = "api"
)

// valid tells whether it is one of the sources.
func (s Source) valid() bool {
	switch s {
	case Keyword, Preference, Provider, Agent, Import, API:
		return true
	}
	return false
}

// Entry is one thing that a customer said, or that somebody knows of them. It is never changed.
type Entry struct {
	ID       int64  // given by the ledger, in the order of recording
	Key      string // chosen by its cause: of one source's entries with the same key only the first is kept
	Customer string // whom it was recorded for; after a merge that may be another one than the person is now
	Network  string // Everywhere, or a network's ID
	Purpose  Purpose
	State    State
	Source   Source
	Basis    string // the legal basis as the company calls it; may be empty

	Event        string // the proof: the message in the room with the customer's words; opaque
	Conversation string // where that is
	By           string // a customer's ID, a Matrix user ID, or audit.Puente

	At         time.Time // when it was said; zero when recording: now
	RecordedAt time.Time // given by the ledger
}

// longestBasis keeps whole letters out of the field for a word.
const longestBasis = 255

// check returns an errs.ErrInvalid that names what is wrong with an entry that is to be recorded. It names no values but
// the words that the ledger knows: somebody might have put a customer's words in the wrong place.
func (e Entry) check(policy Policy) error {
	switch {
	case e.Customer == "":
		return fmt.Errorf("consent has no customer: %w", errs.ErrInvalid)
	case e.Key == "":
		return fmt.Errorf("consent has no key: %w", errs.ErrInvalid)
	case e.By == "":
		return fmt.Errorf("consent does not say by whom: %w", errs.ErrInvalid)
	case e.State != In && e.State != Out:
		return fmt.Errorf("consent's state is neither %q nor %q: %w", In, Out, errs.ErrInvalid)
	case !e.Source.valid():
		return fmt.Errorf("consent's source is unknown: %w", errs.ErrInvalid)
	case e.Purpose != Everything && !policy.Has(e.Purpose):
		// A misspelt objection would cover nothing.
		return fmt.Errorf("consent's purpose is none of %s: %w", policy.names(), errs.ErrInvalid)
	case len(e.Basis) > longestBasis:
		return fmt.Errorf("consent's legal basis is longer than %d bytes: %w", longestBasis, errs.ErrTooLarge)
	case !e.storable():
		return fmt.Errorf("consent has text that is no UTF-8: %w", errs.ErrInvalid)
	}
	return nil
}

// storable tells whether PostgreSQL takes all texts.
func (e Entry) storable() bool {
	for _, text := range []string{e.Key, e.Customer, e.Network, e.Basis, e.Event, e.Conversation, e.By} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return false
		}
	}
	return true
}
