package desk

import (
	"fmt"
	"maps"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/test/company"
)

// seal is the encrypted event of a message, whose relation stands inside and outside.
func (a *among) seal(content object) object {
	a.c.Helper()
	sealed, err := a.alice.Web.Seal(a.c.Ctx, a.Room, event.EventMessage, content)
	a.c.Must(err)
	return sealed
}

// whole is an encrypted event with nothing about it outside.
func whole(sealed object) object {
	sealed = maps.Clone(sealed)
	delete(sealed, "m.relates_to")
	return sealed
}

// sealed sends encrypted events as no web client does by itself.
func (a *among) sealed() {
	a.c.Helper()
	sends := func(shows, what string, sealed object) id.EventID {
		a.c.Helper()
		return a.note(shows, what, event.EventEncrypted, sealed)
	}
	inside := sends(nothing, "a note with its thread only inside", whole(a.seal(a.inside(a.text(), ""))))
	sends(lock, "a reply to a note, only inside", whole(a.seal(answers(inside, a.text()))))
	sends(nothing, "an edit of a note, only inside", whole(a.seal(edits(inside, a.text()))))
	sends(noNoteOfIt, "an edit into the thread, only inside", whole(a.seal(edits(a.ours, a.inside(a.text(), "")))))
	sends(nothing, "a note with its thread only outside", a.inside(a.seal(a.text()), ""))
	sends(lock, "a reply to a note, only outside", answers(inside, a.seal(a.text())))
	sends(nothing, "a note that outside is a reply to the customer", answers(a.theirs, a.seal(a.inside(a.text(), ""))))
	sends(nothing, "a reply to the customer that outside is a note", a.inside(a.seal(answers(a.theirs, a.text())), ""))
	sends(nothing, "an edit of a note that outside is one of our answer", relates(a.seal(edits(inside, a.text())), object{"rel_type": "m.replace", "event_id": a.ours}))

	content := a.inside(a.text(), "")
	sends(nothing, "a note", a.seal(content))
	sends(nothing, "the note encrypted anew", a.seal(content))
	open, err := a.alice.Person.Send(a.c.Ctx, a.Room, event.EventMessage, a.inside(a.text(), ""))
	a.c.Must(err)
	a.noted(nothing, "a note of a client that does not encrypt", open)
}

// unreadable does to notes that Puente cannot decrypt, and never could, what can be done to others.
func (a *among) unreadable() {
	a.c.Helper()
	sealed := a.seal(a.inside(a.text(), ""))
	a.note(nothing, "a note", event.EventEncrypted, sealed)
	repeated := a.note(nothing, "the note's encrypted event once more", event.EventEncrypted, sealed)
	bare := a.note(cannotDecrypt, "the note's encrypted event once more, without its relation", event.EventEncrypted, whole(sealed))
	broken := a.seal(a.inside(a.text(), ""))
	broken["ciphertext"] = "AwgA" + fmt.Sprint(broken["ciphertext"])[4:]
	damaged := a.note(whatever, "a damaged note", event.EventEncrypted, broken)
	for _, target := range []id.EventID{repeated, bare, damaged, a.deleted} {
		a.says(nothing, "an edit of what cannot be read", edits(target, a.text()))
		a.says(nothing, "a reply in the thread to what cannot be read", a.inside(a.text(), target))
		a.says(lock, "a reply to what cannot be read", answers(target, a.text()))
		a.likes(target)
	}
}

// keysComeLate: what cannot be decrypted at first is a note, or none, when it can be.
func keysComeLate(c *company.Company, all []*among) {
	c.Helper()
	alice := c.Agents["alice"]
	c.Must(alice.Web.Hold(c.Ctx))
	first := map[*among]id.EventID{}
	for _, a := range all {
		c.Must(alice.Web.Discard(c.Ctx, a.Room))
		first[a] = a.note(nothing, "a note without its key", event.EventEncrypted, whole(a.seal(a.inside(a.text(), ""))))
		a.says(nothing, "another note without its key", a.inside(a.text(), ""))
		a.says(lock, "a reply to a note without its key", answers(first[a], a.text()))
		a.says(lock, "a note by command without its key", a.command())
		a.says(nothing, "an edit of a note without its key", edits(first[a], a.text()))
	}
	for _, a := range all {
		a.bob.Finds(0, "that a note waits for its key", person.Status(first[a], event.MessageStatusPending))
	}
	c.Must(alice.Web.Release(c.Ctx))
	for _, a := range all {
		a.ends("Here is the key")
	}
}
