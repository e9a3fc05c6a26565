package emulator

import (
	"time"
)

// editWindow is how long a message can be edited and deleted; takeWindow is how long phones accept a deletion.
// ref: reference/signal-cli.md §3, remoteDelete
const (
	editWindow = 24 * time.Hour
	takeWindow = 48 * time.Hour
	maxEdits   = 10
)

func doSend(c *call, b *business, p params) (any, error) {
	e := c.e
	to, err := e.targets(b, p)
	if err != nil {
		return nil, err
	}
	if p.flag("endSession") {
		return nil, nil
	}
	m, edit, err := e.parseSend(b, p)
	if err != nil {
		return nil, err
	}
	m.Author, m.Timestamp = b.ACI, e.stamp(b.ACI)
	return c.sendAll(b, to, m.Timestamp, func(t *thread, r reached) {
		e.acceptRequest(b, t)
		if edit != nil {
			e.editOwn(b, t, m, *edit)
			return
		}
		one := *m
		one.To = r.copies()
		one.ExpiresIn = t.Timer
		e.sent(b, t, &one)
	})
}

// acceptRequest is what writing to somebody does: it accepts their message request.
func (e *Emulator) acceptRequest(b *business, t *thread) {
	for _, aci := range e.st.others(t, b.ACI) {
		if t.GroupID == "" {
			b.relation(aci).Accepted = true
		}
	}
}

// sent puts a message of the daemon's into a conversation and brings it to the phones.
func (e *Emulator) sent(b *business, t *thread, m *Message) {
	e.add(t, m)
	for _, aci := range e.st.others(t, b.ACI) {
		if p := e.st.person(aci); p != nil && m.State(aci) == Sent {
			e.arrive(t, m, p)
		}
	}
	e.tell(event{
		author: b.party(), thread: t, at: m.Timestamp, message: m, fromDaemon: true,
		data: func(other *business) object { return e.data(other, t, m) },
	})
}

// editOwn changes a message that the daemon or the phone sent. Phones ignore an edit of what they do not know.
// They ignore one of a version that is not the latest too: observed with Signal's apps; the sheet's §3 says otherwise.
func (e *Emulator) editOwn(b *business, t *thread, fresh *Message, version int64) {
	old := t.findVersion(b.ACI, version)
	switch {
	case old == nil:
		e.ignore("edit of an unknown message")
		return
	case old.latest() != version:
		e.ignore("edit of a version that is not the latest")
		return
	case old.Deleted || e.clock.Now().Sub(time.UnixMilli(old.Timestamp)) > takeWindow || len(old.Edits) >= maxEdits:
		e.ignore("edit that came too late")
		return
	}
	e.revise(b.party(), t, old, fresh, true)
}

// revise gives a message a new text, and tells the business's accounts.
func (e *Emulator) revise(author *party, t *thread, old, fresh *Message, fromDaemon bool) {
	edits := old.latest()
	old.Text, old.Styles, old.Mentions, old.Previews = fresh.Text, fresh.Styles, fresh.Mentions, fresh.Previews
	old.Edits = append(old.Edits, fresh.Timestamp)
	shown := *old
	e.tell(event{
		author: author, thread: t, at: fresh.Timestamp, edits: edits, fromDaemon: fromDaemon,
		data: func(b *business) object { return e.data(b, t, &shown) },
	})
}

// parseSend reads what send is to send; edit is the timestamp of the version that it replaces.
func (e *Emulator) parseSend(b *business, p params) (m *Message, edit *int64, err error) {
	m = &Message{Kind: "text"}
	for _, part := range []func(*business, params, *Message) error{
		e.parseText, e.parseFiles, e.parseQuote, e.parsePreview, e.parseSticker, e.parseStory,
	} {
		if err := part(b, p, m); err != nil {
			return nil, nil, err
		}
	}
	if m.Text == "" && len(m.Files) == 0 && m.Sticker == nil && m.Quote == nil {
		return nil, nil, userError("Sending empty message is not allowed, either a message, attachment or sticker must be given.")
	}
	return m, p.number("editTimestamp"), nil
}
