package desk

import (
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

// How Puente answers who does what cannot be.
const (
	noNoteOfIt    = "⚠️ Not delivered: a message that went to the customer cannot be edited into a note."
	noEditOfIt    = "Commands cannot be edited into a message."
	cannotDecrypt = "⚠️ Not delivered: Puente could not decrypt it."
)

// comment is how an agent reacts to notes.
const comment = "🤫"

// changes does to notes, to the card and to Puente's words all that can be done to a message.
func (a *among) changes() {
	a.c.Helper()
	inside := a.says(nothing, "a note in the thread", a.inside(a.text(), ""))
	reply := a.says(lock, "a reply to a note", answers(inside, a.text()))
	command := a.says(lock, "a note by command", a.command())
	asked := a.says(whatever, "a question to Puente", object{"msgtype": "m.text", "body": "!puente team"})
	answer := a.bob.Finds(0, "Puente's answer", person.AnswerTo(asked)).ID
	locked := a.bob.Finds(0, "the lock", person.Reaction(command, lock)).ID
	a.edits(inside, reply, command)
	a.replies(inside, command, a.card, answer, locked)
	a.threads(reply, asked)
	var liked id.EventID
	for _, target := range []id.EventID{inside, command, a.card, answer} {
		liked = a.likes(target)
	}
	a.noted(nothing, "a reaction's end", a.alice.TakesBack(a.Room, liked))
	for _, target := range []id.EventID{inside, command, asked} {
		a.noted(nothing, "a deletion", a.alice.TakesBack(a.Room, target))
		a.says(lock, "a reply to what is deleted", answers(target, a.text()))
	}
	a.says(nothing, "an edit of what is deleted", edits(inside, a.text()))
}

// likes reacts to something of the team's.
func (a *among) likes(target id.EventID) id.EventID {
	a.c.Helper()
	return a.note(nothing, "a reaction", event.EventReaction, relates(object{}, object{"rel_type": "m.annotation", "event_id": target, "key": comment}))
}

// edits edits notes, and into notes.
func (a *among) edits(inside, reply, command id.EventID) {
	a.c.Helper()
	for _, target := range []id.EventID{inside, reply, command} {
		a.says(nothing, "an edit into plain words", edits(target, a.text()))
	}
	a.says(nothing, "an edit within the thread", edits(inside, a.inside(a.text(), "")))
	a.says(nothing, "an edit into a reply to the customer", edits(inside, answers(a.theirs, a.text())))
	edited := a.says(noEditOfIt, "an edit into a command", edits(command, a.command()))
	a.says(nothing, "an edit of an edit", edits(edited, a.text()))
	a.says(lock, "a reply to an edit", answers(edited, a.text()))
	a.noted(nothing, "a deletion of an edit", a.alice.TakesBack(a.Room, edited))
	a.says(nothing, "an edit of Puente's card", edits(a.card, a.text()))
	a.says(noNoteOfIt, "an edit of what the customer has, into the thread", edits(a.ours, a.inside(a.text(), "")))
	a.says(noNoteOfIt, "an edit of what the customer has, into a reply to a note", edits(a.ours, answers(inside, a.text())))
	both := edits(a.ours, a.text())
	both["m.relates_to"].(object)["m.in_reply_to"] = object{"event_id": a.card}
	a.says(noNoteOfIt, "an edit of what the customer has that is about the card", both)
	a.says(noEditOfIt, "an edit of what the customer has, into a command", edits(a.ours, a.command()))
}

// replies answers each target.
func (a *among) replies(targets ...id.EventID) {
	a.c.Helper()
	for _, target := range targets {
		a.says(lock, "a reply", answers(target, a.text()))
	}
	for _, target := range []id.EventID{targets[0], a.theirs, a.ours} {
		a.says(nothing, "a reply in the thread", a.inside(a.text(), target))
	}
	a.says(lock, "a reference", relates(a.text(), object{"rel_type": "m.reference", "event_id": a.card}))
	a.says(lock, "a note by command as a reply to the customer", answers(a.theirs, a.command()))
}

// threads begins others; homeservers take only what has no relation itself for their roots.
func (a *among) threads(roots ...id.EventID) {
	a.c.Helper()
	for _, root := range roots {
		a.says(nothing, "a note in another thread", under(root, a.text(), ""))
		a.says(nothing, "a reply to the customer in another thread", under(root, a.text(), a.theirs))
	}
}

// meanwhile is what the team does while Puente is not there.
func (a *among) meanwhile() {
	a.c.Helper()
	a.says(lock, "a reply to a note, meanwhile", answers(a.first, a.text()))
	inside := a.says(nothing, "a note in the thread, meanwhile", a.inside(a.text(), ""))
	command := a.says(lock, "a note by command, meanwhile", a.command())
	for _, target := range []id.EventID{a.first, inside, command} {
		a.says(nothing, "an edit, meanwhile", edits(target, a.text()))
		a.says(lock, "a reply, meanwhile", answers(target, a.text()))
	}
	a.deleted = a.says(nothing, "a note that is deleted, meanwhile", a.inside(a.text(), ""))
	a.noted(nothing, "a deletion, meanwhile", a.alice.TakesBack(a.Room, a.deleted))
}

// afterwards is what the team does after a restart, with what was said before it.
func (a *among) afterwards() {
	a.c.Helper()
	for _, target := range []id.EventID{a.first, a.card} {
		a.says(nothing, "an edit, afterwards", edits(target, a.text()))
		a.says(lock, "a reply, afterwards", answers(target, a.text()))
		a.says(nothing, "a note in the thread, afterwards", a.inside(a.text(), target))
		a.likes(target)
	}
	a.says(noNoteOfIt, "an edit into the thread, afterwards", edits(a.ours, a.inside(a.text(), "")))
	a.noted(nothing, "a deletion, afterwards", a.alice.TakesBack(a.Room, a.first))
}
