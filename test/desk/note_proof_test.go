package desk

import (
	"reflect"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/phone"
	"puente/core/testkit/person"
	"puente/test/company"
)

// begins remembers what the customer and the provider have.
func (a *among) begins() {
	a.c.Helper()
	a.before, a.mark, a.notes = a.shown(), a.c.Wire.Mark(), nil
}

// shown is what the phone shows, without how far a message got.
func (a *among) shown() []phone.Message {
	a.c.Helper()
	list := a.Shown()
	for i := range list {
		list[i].State = ""
	}
	return list
}

// ends has alice write to the customer, which proves the rest: a room's events are dealt with in their order.
func (a *among) ends(words string) {
	a.c.Helper()
	a.alice.Writes(a.Room, words)
	a.Gets(words)
	a.bob.Text(a.Asks()) // all that Puente said before has come too
	for _, one := range a.notes {
		if one.shows == lock { // what was written around a restart the homeserver may hand over later than what follows it
			a.c.Until("a lock at "+one.what, func() bool { return len(a.bob.Seen(0, person.Reaction(one.event, lock))) > 0 })
		}
	}
	a.phoneGot(words)
	a.providerGot(words)
	for _, one := range a.notes {
		a.roomShows(one)
	}
	a.begins()
}

// phoneGot compares the phone with what it showed at the beginning.
func (a *among) phoneGot(words string) {
	a.c.Helper()
	now := a.shown()
	for i, m := range now {
		switch old := i < len(a.before); {
		case old && !reflect.DeepEqual(m, a.before[i]):
			a.c.Errorf("the phone showed %+v and shows %+v", a.before[i], m)
		case !old && !m.Mine && m.Text != words:
			a.c.Errorf("the phone shows %+v", m)
		}
	}
	if got, want := len(now), len(a.before)+2; got != want {
		a.c.Errorf("the phone shows %d messages, want %d", got, want)
	}
}

// providerGot looks at what Puente asked of the provider: one message, and else only what changes nothing.
func (a *among) providerGot(words string) {
	a.c.Helper()
	var sent []company.Request
	for _, one := range a.c.Wire.Since(a.mark, a.Line.Network.ID) {
		if strings.Contains(one.Body, secret) || strings.Contains(one.Body, comment) {
			a.c.Errorf("a note has left: %s %.300q", one.What, one.Body)
		}
		if !asksOnly(one) {
			sent = append(sent, one)
		}
	}
	if len(sent) != 1 || !strings.Contains(sent[0].Body, words) {
		a.c.Errorf("the provider got %d requests, want that with %q: %.1000q", len(sent), words, sent)
	}
}

// asksOnly tells whether a request tells a customer nothing.
func asksOnly(one company.Request) bool {
	switch one.What {
	case "POST callback":
		return strings.Contains(one.Body, `"type":"ping"`)
	case "POST deleteWebhook", // Telegram is asked for updates instead
		"listAccounts", "listContacts", "subscribeReceive", "unsubscribeReceive", "version",
		"sendMessageRequestResponse": // that the customer is no stranger, after a first answer
		return true
	}
	for _, asks := range []string{"GET ", "POST get", "get"} {
		if strings.HasPrefix(one.What, asks) {
			return true
		}
	}
	return false
}

// roomShows looks at what the team is shown of a note.
func (a *among) roomShows(one note) {
	a.c.Helper()
	if one.shows == nothing || one.shows == lock {
		for _, status := range []event.MessageStatus{event.MessageStatusSuccess, event.MessageStatusRetriable, event.MessageStatusFail} {
			if len(a.bob.Seen(0, person.Status(one.event, status))) > 0 {
				a.c.Errorf("%s has the status %s, as if it were for the customer", one.what, status)
			}
		}
	}
	var shows string
	for _, evt := range a.bob.Seen(0, func(evt *event.Event) bool {
		return person.AnswerTo(one.event)(evt) || person.Reaction(one.event, lock)(evt)
	}) {
		if evt.Type == event.EventReaction {
			shows = lock
		} else {
			shows = evt.Content.AsMessage().Body
		}
	}
	if one.shows != whatever && (!strings.HasPrefix(shows, one.shows) || (one.shows == nothing && shows != nothing)) {
		a.c.Errorf("to %s the room shows %q, want %q", one.what, shows, one.shows)
	}
}
