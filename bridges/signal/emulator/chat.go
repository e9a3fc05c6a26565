package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// Chat is a conversation on somebody's phone: a customer's or the business's own. Its methods are what that person
// does there. Messages are named by Ref: their author's ACI and their timestamp.
type Chat struct {
	e     *Emulator
	actor string // ACI
	key   string // of the thread
}

// Ref returns a message's name.
func (m Message) Ref() Ref { return Ref{Author: m.Author, Timestamp: m.Timestamp} }

// Chat returns a customer's conversation with an account of the business; an empty number means the first account.
func (e *Emulator) Chat(customerACI, accountNumber string) (*Chat, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, err := e.accountOrFirst(accountNumber)
	if err != nil {
		return nil, err
	}
	if e.st.person(customerACI) == nil {
		return nil, fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	return &Chat{e: e, actor: customerACI, key: e.st.direct(customerACI, b.ACI).Key}, nil
}

// GroupChat returns a group on a customer's phone.
func (e *Emulator) GroupChat(customerACI, groupID string) (*Chat, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.st.person(customerACI) == nil || e.st.group(groupID) == nil {
		return nil, fmt.Errorf("group of the emulator: %w", errs.ErrNotFound)
	}
	return &Chat{e: e, actor: customerACI, key: e.st.groupThread(groupID).Key}, nil
}

// Own returns a conversation on the business's own phone: with is a customer's ACI, a group's ID, or the account's own
// ACI for notes to itself.
func (e *Emulator) Own(accountNumber, with string) (*Chat, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, err := e.accountOrFirst(accountNumber)
	if err != nil {
		return nil, err
	}
	if !b.HasPhone {
		return nil, fmt.Errorf("own phone of the emulator: this account has none: %w", errs.ErrNotFound)
	}
	if e.st.group(with) != nil {
		return &Chat{e: e, actor: b.ACI, key: e.st.groupThread(with).Key}, nil
	}
	if e.st.party(with) == nil {
		return nil, fmt.Errorf("chat on the own phone of the emulator: %w", errs.ErrNotFound)
	}
	return &Chat{e: e, actor: b.ACI, key: e.st.direct(b.ACI, e.st.party(with).aci).Key}, nil
}

// accountOrFirst finds an account by number or ACI. The caller holds mu.
func (e *Emulator) accountOrFirst(number string) (*business, error) {
	if number == "" && len(e.st.Accounts) > 0 {
		return e.st.Accounts[0], nil
	}
	if b := e.st.account(number); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("account of the emulator: %w", errs.ErrNotFound)
}

// locked runs act while the emulator's memory is locked, if the person can do anything here at all.
func (c *Chat) locked(act func(me *party, t *thread) error) error {
	e := c.e
	e.mu.Lock()
	defer e.mu.Unlock()
	me, t := e.st.party(c.actor), e.st.Threads[c.key]
	if me == nil || t == nil {
		return fmt.Errorf("chat of the emulator: %w", errs.ErrNotFound)
	}
	t = e.st.threadOf(t)
	switch {
	case me.person != nil && me.person.Offline:
		return forbidden("The phone is switched off.")
	case me.person != nil && me.person.Unregistered:
		return forbidden("The customer is not on Signal any more.")
	case t.GroupID != "" && e.st.group(t.GroupID).member(c.actor) == nil:
		return forbidden("This person is not in the group.")
	}
	err := act(me, t)
	e.touch()
	return err
}

// forbidden is what a phone refuses, with words for people.
func forbidden(why string) error {
	return errs.Tell(fmt.Errorf("gesture on an emulated phone: %w", errs.ErrForbidden), why)
}

func invalid(why string) error {
	return errs.Tell(fmt.Errorf("gesture on an emulated phone: %w", errs.ErrInvalid), why)
}

// message finds a message of this conversation that the person's phone shows.
func (c *Chat) message(t *thread, ref Ref) (*Message, error) {
	m := t.find(ref.Author, ref.Timestamp)
	if m == nil || m.Kind == "line" || !m.seenBy(c.actor) {
		return nil, fmt.Errorf("message of the emulator: %w", errs.ErrNotFound)
	}
	return m, nil
}

// send puts a message of the person's into the conversation, for everybody in it.
func (c *Chat) send(m *Message, opts []SendOption) (ref Ref, err error) {
	err = c.locked(func(me *party, t *thread) error {
		if g := c.e.st.group(t.GroupID); g != nil && g.OnlyAdminsSend && !g.member(me.aci).Admin {
			return forbidden("Only admins may write in this group.")
		}
		for _, opt := range opts {
			if err := opt(c, t, m); err != nil {
				return err
			}
		}
		c.e.publish(me, t, m)
		ref = m.Ref()
		return nil
	})
	return ref, err
}

// publish is how a message leaves a phone. The caller holds mu.
func (e *Emulator) publish(me *party, t *thread, m *Message) {
	m.Author, m.Timestamp, m.ExpiresIn = me.aci, e.stamp(me.aci), t.Timer
	for _, aci := range e.st.others(t, me.aci) {
		m.To = append(m.To, Copy{ACI: aci, State: Sent})
	}
	if me.business != nil {
		e.acceptRequest(me.business, t)
	}
	e.add(t, m)
	for _, aci := range e.st.others(t, me.aci) {
		if p := e.st.person(aci); p != nil {
			e.arrive(t, m, p)
		} else if b := e.st.account(aci); b != nil && !b.OnDaemon && b.HasPhone {
			m.advance(aci, Delivered)
		}
	}
	shown := *m
	e.tell(event{author: me, thread: t, at: m.Timestamp, message: m, data: func(b *business) object { return e.data(b, t, &shown) }})
}

// SendOption adds something to a message.
type SendOption func(c *Chat, t *thread, m *Message) error

// ReplyTo makes a message an answer to another.
func ReplyTo(ref Ref) SendOption {
	return func(c *Chat, t *thread, m *Message) error {
		to, err := c.message(t, ref)
		if err != nil {
			return err
		}
		q := &Quote{Ref: ref, Text: to.Text, Styles: to.Styles, Mentions: to.Mentions}
		if to.Poll != nil {
			q.Text = to.Poll.Question
		}
		for _, f := range to.Files {
			q.Files = append(q.Files, QuotedMedia{Mime: f.Mime, Name: f.Name})
		}
		m.Quote = q
		return nil
	}
}

// WithStyles formats parts of the text, in UTF-16 code units.
func WithStyles(list ...Style) SendOption {
	return func(_ *Chat, _ *thread, m *Message) error {
		for _, s := range list {
			if inText(m.Text, s.Start, s.Length) != nil || !slices.Contains(styles(), s.Name) {
				return invalid("A style lies outside the text or has no such name.")
			}
		}
		m.Styles = append(m.Styles, list...)
		return nil
	}
}

// WithMentions names people at the U+FFFC characters of the text, in order.
func WithMentions(acis ...string) SendOption {
	return func(_ *Chat, _ *thread, m *Message) error {
		at, rest := 0, acis
		for _, r := range m.Text {
			if r == '\ufffc' && len(rest) > 0 {
				m.Mentions = append(m.Mentions, Mention{Start: at, Length: 1, ACI: rest[0]})
				rest = rest[1:]
			}
			at += units(string(r))
		}
		if len(rest) > 0 {
			return invalid("The text has fewer U+FFFC characters than there are people to mention.")
		}
		return nil
	}
}

// Once makes photos and films vanish after they were seen.
func Once() SendOption {
	return func(_ *Chat, _ *thread, m *Message) error {
		m.ViewOnce = true
		return nil
	}
}

// WithPreview adds what a message shows of a link in it.
func WithPreview(link, title, description string, picture *File) SendOption {
	return func(c *Chat, _ *thread, m *Message) error {
		p := Preview{URL: link, Title: title, Description: description}
		if picture != nil {
			image := c.e.media(*picture, false)
			p.Image = &image
		}
		m.Previews = append(m.Previews, p)
		return nil
	}
}

// AboutStory makes a message an answer to a story.
func AboutStory(ref Ref) SendOption {
	return func(_ *Chat, _ *thread, m *Message) error {
		m.Story = &ref
		return nil
	}
}
