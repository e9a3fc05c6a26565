package emulator

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

// Phone is what somebody's phone shows at one moment: a customer's, or the business's own.
type Phone struct {
	ACI  string
	Name string
	// Messages are those of all conversations, oldest first, with lines about changes.
	Messages []Message
	// Typing are the ACIs of those who are typing now, by chat.
	Typing []Typist
	// Receipts are what the business sent to a customer, delivery receipts too, oldest first.
	Receipts []Receipt
	// ReadReceipts and Online are what the phone is set to.
	ReadReceipts, Online bool
}

// Typist is somebody who is typing.
type Typist struct {
	ACI     string
	GroupID string // empty in a conversation of two
}

// Last returns the newest message that is no line, or false.
func (p Phone) Last() (Message, bool) {
	for i := len(p.Messages) - 1; i >= 0; i-- {
		if p.Messages[i].Kind != "line" {
			return p.Messages[i], true
		}
	}
	return Message{}, false
}

// Message returns a message, or false.
func (p Phone) Message(ref Ref) (Message, bool) {
	for _, m := range p.Messages {
		if m.Ref() == ref {
			return m, true
		}
	}
	return Message{}, false
}

// Texts returns the texts of all messages from somebody, oldest first.
func (p Phone) Texts(author string) []string {
	var out []string
	for _, m := range p.Messages {
		if m.Author == author && m.Text != "" {
			out = append(out, m.Text)
		}
	}
	return out
}

// Phone returns what the phone of a customer, or of an account of the business, shows now; by ACI.
func (e *Emulator) Phone(aci string) (Phone, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.phone(aci)
}

// Wait returns somebody's phone as soon as fact holds for it, or the error of ctx.
func (e *Emulator) Wait(ctx context.Context, aci string, fact func(Phone) bool) (Phone, error) {
	return emulation.Wait(ctx, &e.mu, &e.changed, "wait for an emulated phone", func() (Phone, error) { return e.phone(aci) }, fact)
}

// phone copies what somebody sees. The caller holds mu.
func (e *Emulator) phone(aci string) (Phone, error) {
	who := e.st.party(aci)
	if who == nil {
		return Phone{}, fmt.Errorf("phone of the emulator: %w", errs.ErrNotFound)
	}
	out := Phone{ACI: who.aci, Name: who.name(), ReadReceipts: true, Online: true}
	if p := who.person; p != nil {
		out.ReadReceipts, out.Online = !p.ReceiptsOff, !p.Offline
		out.Receipts = append([]Receipt(nil), p.Got...)
	}
	now := e.clock.Now().UnixMilli()
	for _, t := range e.st.Threads {
		for _, m := range t.Messages {
			if m.seenBy(who.aci) || who.business != nil && m.State(who.aci) != "" {
				out.Messages = append(out.Messages, m.clone())
			}
		}
		for typist, until := range t.Typing {
			if typist != who.aci && until > now && slices.Contains(e.st.members(t), who.aci) {
				out.Typing = append(out.Typing, Typist{ACI: typist, GroupID: t.GroupID})
			}
		}
	}
	sort.Slice(out.Messages, func(i, j int) bool { return out.Messages[i].Seq < out.Messages[j].Seq })
	sort.Slice(out.Typing, func(i, j int) bool { return out.Typing[i].ACI < out.Typing[j].ACI })
	return out, nil
}

// Daemon is what the daemon looks like at one moment.
type Daemon struct {
	Connections   int            // open now
	Accepted      int            // since New
	Subscriptions int            // open now
	Waiting       map[string]int // notifications on Signal's server, by account number
	Kept          map[string]int // those that cannot be read until trust, by account number
	Overlaps      int            // sends to a chat while another one to it was under way
}

// Daemon returns what the daemon looks like now.
func (e *Emulator) Daemon() Daemon {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.daemon()
}

func (e *Emulator) daemon() Daemon {
	d := Daemon{
		Connections: len(e.conns), Accepted: e.accepted, Waiting: map[string]int{}, Kept: map[string]int{}, Overlaps: e.record.overlap,
	}
	for _, s := range e.subs {
		if s.ready {
			d.Subscriptions++
		}
	}
	for _, b := range e.st.Accounts {
		d.Waiting[b.Number] = len(b.Queue)
		for _, rel := range b.Known {
			d.Kept[b.Number] += len(rel.Kept)
		}
	}
	return d
}
