package emulator

import (
	"slices"
	"time"
)

// letter is one envelope that waits on Signal's server for a business account.
type letter struct {
	Due      int64  `json:"due"`  // when it may be handed over, ms
	From     string `json:"from"` // ACI
	Envelope object `json:"envelope"`
	// Exception tells that the daemon cannot read it.
	Exception object `json:"exception,omitempty"`
	// Thread and Message are the message that counts as delivered when the letter is handed over.
	Thread  string `json:"thread,omitempty"`
	Message string `json:"message,omitempty"`
}

// object is a JSON object on its way out.
type object = map[string]any

// post leaves an envelope for an account on Signal's server. The caller holds mu.
func (e *Emulator) post(b *business, l *letter) {
	if !b.OnDaemon {
		return
	}
	// Later envelopes never overtake earlier ones, whatever each one's latency is.
	b.LastDue = max(b.LastDue, e.clock.Now().Add(e.opt.Latency.Draw()).UnixMilli())
	l.Due = b.LastDue
	b.Queue = append(b.Queue, l)
	e.touch()
}

// envelope writes what the daemon tells about a message: content stands under kind. ref: reference/signal-cli.md §5
func (e *Emulator) envelope(b *business, from *party, at int64, kind string, content object) object {
	out := object{
		"sourceName": orNull(b.nameOf(from)), "sourceDevice": 1, "timestamp": at,
		"serverReceivedTimestamp": e.clock.Now().UnixMilli(), "serverDeliveredTimestamp": e.clock.Now().UnixMilli(),
	}
	b.authorFields(out, "source", from)
	if kind != "" {
		out[kind] = content
	}
	return out
}

// event is something that somebody did in a conversation and that others hear of.
type event struct {
	author *party
	thread *thread
	at     int64
	// data writes the fields of a dataMessage as an account sees them.
	data func(b *business) object
	// edits is the timestamp of the version that data replaces; 0: none.
	edits int64
	// message counts as delivered when the event is handed over; nil: nothing does.
	message *Message
	// fromDaemon tells that the daemon itself sent it, and so hears nothing of it.
	fromDaemon bool
}

// tell brings an event to all accounts of the business that are in the conversation. The caller holds mu.
func (e *Emulator) tell(ev event) {
	for _, aci := range e.st.members(ev.thread) {
		b := e.st.account(aci)
		if b == nil || b.ACI == ev.author.aci {
			continue
		}
		e.tellOther(b, ev)
	}
	if b := ev.author.business; b != nil && !ev.fromDaemon {
		e.tellSelf(b, ev)
	}
}

// tellOther tells an account what somebody else did.
func (e *Emulator) tellOther(b *business, ev event) {
	rel := b.relation(ev.author.aci)
	if rel.Blocked {
		return // the daemon drops it
	}
	if g := e.st.group(ev.thread.GroupID); g != nil && slices.Contains(g.BlockedBy, b.ACI) {
		return
	}
	rel.Met = true
	data := ev.data(b)
	data["timestamp"] = ev.at
	kind, content := "dataMessage", data
	if ev.edits != 0 {
		kind, content = "editMessage", object{"targetSentTimestamp": ev.edits, "dataMessage": data}
	}
	l := &letter{From: ev.author.aci, Envelope: e.envelope(b, ev.author, ev.at, kind, content)}
	if ev.message != nil {
		l.Thread, l.Message = ev.thread.Key, ev.message.ID
	}
	e.post(b, l)
}

// tellSelf tells the daemon what its account's owner did on the phone. ref: reference/signal-cli.md §5, syncMessage
func (e *Emulator) tellSelf(b *business, ev event) {
	sent := ev.data(b)
	sent["timestamp"] = ev.at
	if ev.edits != 0 {
		sent = object{"editMessage": object{"targetSentTimestamp": ev.edits, "dataMessage": sent}}
	}
	sent["destination"], sent["destinationNumber"], sent["destinationUuid"] = nil, nil, nil
	if ev.thread.GroupID == "" {
		to := b.ACI
		if rest := e.st.others(ev.thread, b.ACI); len(rest) > 0 {
			to = rest[0]
		}
		rel := b.relation(to)
		rel.Met, rel.Accepted = true, true
		b.authorFields(sent, "destination", e.st.party(to))
	}
	e.sync(b, ev.at, object{"sentMessage": sent})
}

// sync posts a message from the account's own phone.
func (e *Emulator) sync(b *business, at int64, content object) {
	e.post(b, &letter{From: b.ACI, Envelope: e.envelope(b, b.party(), at, "syncMessage", content)})
}

// receipt posts a receipt of a customer's. ref: reference/signal-cli.md §5, receiptMessage
func (e *Emulator) receipt(b *business, p *person, kind string, timestamps []int64) {
	when := e.stamp(p.ACI)
	e.post(b, &letter{From: p.ACI, Envelope: e.envelope(b, p.party(), when, "receiptMessage", object{
		"when": when, "isDelivery": kind == "delivery", "isRead": kind == "read", "isViewed": kind == "viewed",
		"timestamps": timestamps,
	})})
}

// Hold keeps all notifications back until Release.
func (e *Emulator) Hold() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = true
}

// Release lets held notifications go, reversed if Options.Order says so.
func (e *Emulator) Release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = false
	if e.opt.Order == Reversed {
		now := e.clock.Now().UnixMilli()
		for _, b := range e.st.Accounts {
			slices.Reverse(b.Queue)
			for _, l := range b.Queue {
				l.Due = min(l.Due, now)
			}
		}
	}
	e.touch()
}

// waiting tells how long until a letter is due; 0: now.
func (e *Emulator) waiting(l *letter) time.Duration {
	return max(0, time.UnixMilli(l.Due).Sub(e.clock.Now()))
}
