package consent

import "slices"

// How the ledger is read. A question is: may this customer be written to, on this network, for this purpose?
//
//  1. An answer to what the customer wrote is always allowed.
//  2. An entry covers the question if its network is the question's or Everywhere, and its purpose is the question's or
//     Everything.
//  3. Of the entries that cover it, the newest decides, however wide or narrow it is: by when it was said, and of two of
//     the same moment the one recorded later (networks date in whole seconds, but keep the order). So an objection to
//     everything beats an older agreement to one purpose, and a newer agreement to one purpose opens that one only.
//  4. If none covers it, the policy decides.
//
// What a customer says thus always beats what was known before, and an old list that is imported today never beats what
// the customer said since: its entries are of the day on which they were said.

// Decision answers a question.
type Decision struct {
	Allowed  bool
	Explicit bool  // an entry decided; otherwise the policy did
	Entry    Entry // that entry
}

// covers tells whether the entry says something about the question.
func (e Entry) covers(network string, purpose Purpose) bool {
	return (e.Network == Everywhere || e.Network == network) && (e.Purpose == Everything || e.Purpose == purpose)
}

// newer tells whether the entry beats the other one where both cover a question.
func (e Entry) newer(other Entry) bool {
	if !e.At.Equal(other.At) {
		return e.At.After(other.At)
	}
	return e.ID > other.ID
}

// Decide answers a question from the entries of one customer, in any order. With Everywhere as the network it answers for
// a network about which nothing special was said.
func (p Policy) Decide(entries []Entry, network string, purpose Purpose) Decision {
	if purpose == Answer {
		return Decision{Allowed: true}
	}
	entry, found := newest(entries, network, purpose)
	if !found {
		return Decision{Allowed: p.Purposes[purpose]}
	}
	return Decision{Allowed: entry.State == In, Explicit: true, Entry: entry}
}

func newest(entries []Entry, network string, purpose Purpose) (best Entry, found bool) {
	for _, entry := range entries {
		if entry.covers(network, purpose) && (!found || entry.newer(best)) {
			best, found = entry, true
		}
	}
	return best, found
}

// changes tells whether the entry changes any answer: what is allowed, or that it is the customer's own word. It compares
// with the entries that were recorded before it, so the result is the same whenever it is asked.
func (p Policy) changes(entries []Entry, entry Entry) bool {
	before := slices.DeleteFunc(slices.Clone(entries), func(other Entry) bool { return other.ID >= entry.ID })
	after := append(slices.Clone(before), entry)
	for _, network := range networksOf(after) {
		for purpose := range p.Purposes {
			old, now := p.Decide(before, network, purpose), p.Decide(after, network, purpose)
			if old.Allowed != now.Allowed || old.Explicit != now.Explicit {
				return true
			}
		}
	}
	return false
}

// networksOf returns the networks about which something special was said, and Everywhere for all others.
func networksOf(entries []Entry) []string {
	networks := []string{Everywhere}
	for _, entry := range entries {
		networks = append(networks, entry.Network)
	}
	slices.Sort(networks)
	return slices.Compact(networks)
}

// reopens returns what a customer opens who asks for messages again on a network: exactly what they, or somebody for them,
// closed: all that an objection to everything closed, or marketing where it was closed. Who closed nothing agrees to
// marketing on this network, because agreement has to be specific.
func (p Policy) reopens(entries []Entry, network string) (string, Purpose) {
	// Only objections to everything cover this question.
	if closed, found := newest(entries, network, Everything); found && closed.State == Out {
		return closed.Network, Everything
	}
	if now := p.Decide(entries, network, Marketing); now.Explicit && !now.Allowed {
		return now.Entry.Network, Marketing
	}
	return network, Marketing
}
