package emulator

import (
	"fmt"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// dayTimer is the timer of disappearing messages that the page can switch on.
const dayTimer = 24 * 60 * 60

// settings lists what can be switched in a chat on somebody's phone; with is nil in a group. The caller holds mu.
func (e *Emulator) settings(who, with *party, t *thread) []phone.Setting {
	timer := phone.Setting{ID: "timer", Name: "Disappearing messages (1 day)", On: t.Timer > 0}
	if b := who.business; b != nil {
		out := []phone.Setting{{ID: "linked", Name: "Linked to the daemon", On: b.OnDaemon}, timer}
		if with != nil && with.person != nil {
			out = append(out, phone.Setting{ID: "accepted", Name: "Message request accepted", On: b.relation(with.aci).Accepted})
		}
		return out
	}
	p := who.person
	out := []phone.Setting{
		{ID: "online", Name: "Phone switched on", On: !p.Offline},
		{ID: "receipts", Name: "Read receipts", On: !p.ReceiptsOff},
		{ID: "typing", Name: "Typing indicators", On: !p.TypingOff},
		{ID: "number", Name: "Phone number visible to everybody", On: p.SharesNumber},
		{ID: "registered", Name: "On Signal", On: !p.Unregistered},
		{ID: "reinstall", Name: "New phone (changes the safety number)"},
		timer,
	}
	if with != nil {
		out = append(out, phone.Setting{ID: "blocked", Name: "Block the business", On: p.Blocks[with.aci]})
	}
	return out
}

// set switches one of settings.
func (e *Emulator) set(who *party, t *thread, what phone.Gesture) error {
	if len(what.Choices) != 1 {
		return invalid("Choose one setting.")
	}
	id := what.Choices[0]
	c := &Chat{e: e, actor: who.aci, key: t.Key}
	switch {
	case id == "timer" && what.On:
		return c.SetTimer(dayTimer)
	case id == "timer":
		return c.SetTimer(0)
	case who.business != nil:
		return e.setOwn(who, t, id, what.On)
	}
	aci := who.aci
	switch id {
	case "online":
		return e.SetOnline(aci, what.On)
	case "receipts":
		return e.SetReadReceipts(aci, what.On)
	case "typing":
		return e.SetTypingIndicators(aci, what.On)
	case "number":
		return e.SetNumberSharing(aci, what.On)
	case "registered":
		return e.SetRegistered(aci, what.On)
	case "reinstall":
		return e.Reinstall(aci)
	case "blocked":
		for _, other := range t.Parties {
			if other != aci {
				return e.SetBlocks(aci, other, what.On)
			}
		}
	}
	return fmt.Errorf("setting of an emulated phone: %w", errs.ErrNotFound)
}

// setOwn switches something on the business's own phone. "linked" scans the newest link code, or unlinks the daemon.
func (e *Emulator) setOwn(who *party, t *thread, id string, on bool) error {
	switch id {
	case "linked":
		if !on {
			return e.Unlink(who.number)
		}
		codes := e.LinkCodes()
		if len(codes) == 0 {
			return errs.Tell(fmt.Errorf("scan a link code: %w", errs.ErrNotFound), "There is no code to scan. Start linking first.")
		}
		return e.Scan(codes[len(codes)-1], who.number)
	case "accepted":
		for _, other := range t.Parties {
			if other != who.aci {
				return e.AnswerRequest(who.number, other, on)
			}
		}
	}
	return fmt.Errorf("setting of an emulated phone: %w", errs.ErrNotFound)
}
