package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"puente/core/base/errs"
)

// own finds an account for something that its owner does on the phone. The caller holds mu.
func (e *Emulator) own(accountNumber, aci string) (*business, *relation, error) {
	b := e.st.account(accountNumber)
	if b == nil || !b.HasPhone || e.st.party(aci) == nil {
		return nil, nil, fmt.Errorf("own phone of the emulator: %w", errs.ErrNotFound)
	}
	return b, b.relation(aci), nil
}

// AnswerRequest has the owner accept a customer's message request on the phone, or delete it. The daemon hears of it
// in a sync message that says nothing.
func (e *Emulator) AnswerRequest(accountNumber, customerACI string, accept bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, rel, err := e.own(accountNumber, customerACI)
	if err != nil {
		return err
	}
	rel.Accepted = accept
	e.sync(b, e.stamp(b.ACI), object{})
	return nil
}

// SaveContact has the owner put a customer into the phone's address book, with the number, and tells the daemon.
func (e *Emulator) SaveContact(accountNumber, customerACI, name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, rel, err := e.own(accountNumber, customerACI)
	if err != nil {
		return err
	}
	given, family := splitName(name)
	rel.Contact = &contact{Given: given, Family: family}
	rel.Number, rel.Met = true, true
	e.sync(b, e.stamp(b.ACI), object{"type": "CONTACTS_SYNC"})
	return nil
}

// BlockOnPhone has the owner block or unblock a customer on the phone, and tells the daemon who is blocked now.
func (e *Emulator) BlockOnPhone(accountNumber, customerACI string, on bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, rel, err := e.own(accountNumber, customerACI)
	if err != nil {
		return err
	}
	rel.Blocked = on
	names, groups := []string{}, []string{}
	for _, p := range e.st.People {
		if b.relation(p.ACI).Blocked {
			names = append(names, b.legacy(p.party()))
		}
	}
	for _, g := range e.st.Groups {
		if slices.Contains(g.BlockedBy, b.ACI) {
			groups = append(groups, g.ID)
		}
	}
	e.sync(b, e.stamp(b.ACI), object{"blockedNumbers": names, "blockedGroupIds": groups})
	return nil
}

// Enqueue leaves an envelope made by hand for an account, with an exception if that is not nil: for what the gestures
// cannot make.
func (e *Emulator) Enqueue(accountNumber string, envelope, exception map[string]any) error {
	if _, err := json.Marshal([]any{envelope, exception}); err != nil {
		return fmt.Errorf("envelope for the emulator: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.st.onDaemon(accountNumber)
	if b == nil {
		return fmt.Errorf("account on the emulated daemon: %w", errs.ErrNotFound)
	}
	e.post(b, &letter{Envelope: maps.Clone(envelope), Exception: maps.Clone(exception)})
	return nil
}
