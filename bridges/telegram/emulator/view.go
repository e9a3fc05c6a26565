package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// phone copies what a person sees. The caller holds mu.
func (e *Emulator) phone(userID int64) (Phone, error) {
	p := e.st.person(userID)
	if p == nil {
		return Phone{}, fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	out := Phone{Customer: p.Customer}
	for _, one := range e.st.Chats {
		if one.Moved == 0 && (one.User == userID || one.Owner == userID || one.isGroup() && one.has(userID)) {
			out.Chats = append(out.Chats, e.view(one, userID))
		}
	}
	return out, nil
}

// view copies one chat. The caller holds mu.
func (e *Emulator) view(one *chat, userID int64) View {
	out := View{
		Key: one.Key, ID: one.ID, Kind: one.Kind, Name: e.nameFor(one, userID), Blocked: one.Blocked,
		Keyboard: one.Keyboard, Answers: slices.Clone(one.Answers), Topics: map[int64]string{},
	}
	for _, t := range one.Topics {
		out.Topics[t.ID] = t.Name
	}
	now := e.clock.Now()
	for _, shown := range one.typing {
		if shown.until.After(now) {
			out.Typing = shown.action
		}
	}
	for _, m := range one.Messages {
		out.Messages = append(out.Messages, e.show(one, m, userID))
		if m.ID > one.Seen[userID] && m.From != userID && !m.Deleted && !m.Service {
			out.Unread++
		}
	}
	return out
}

// nameFor is what a person's phone calls a chat.
func (e *Emulator) nameFor(one *chat, userID int64) string {
	switch {
	case one.isGroup():
		return one.Title
	case one.Kind == kindPrivate:
		return e.st.bot(one.Bot).Name
	case one.Owner == userID:
		return e.st.person(one.User).Name()
	}
	return e.st.person(one.Owner).Name()
}

// show copies one message. The caller holds mu.
func (e *Emulator) show(one *chat, m *message, userID int64) Message {
	text, entities := textOf(m.Content)
	out := Message{
		ID: m.ID, Kind: kindOf(m.Content), From: m.From, Bot: m.Bot, At: m.At, Edited: m.Edited, Text: text,
		ReplyTo: m.ReplyTo, Thread: m.Thread, Reactions: slices.Clone(m.Reactions), Deleted: m.Deleted, Service: m.Service,
		Pinned: slices.Contains(one.Pinned, m.ID), Read: one.Kind == kindBusiness && m.ID <= one.Read,
	}
	out.Content, _ = deepCopy(m.Content).(object)
	if m.Request != nil {
		out.Request, _ = deepCopy(m.Request).(object)
	}
	for _, v := range entities {
		out.Entities = append(out.Entities, readEntity(v))
	}
	out.markup = m.Markup
	rows, _ := m.Markup["inline_keyboard"].([]any)
	for _, row := range rows {
		cells, _ := row.([]any)
		for _, v := range cells {
			name, _ := v.(object)["text"].(string)
			out.Buttons = append(out.Buttons, name)
		}
	}
	if p := e.st.Polls[m.Poll]; p != nil {
		out.Kind = "poll"
		out.Poll = p.results(userID)
	}
	return out
}

func deepCopy(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for name, inner := range v {
			out[name] = deepCopy(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = deepCopy(inner)
		}
		return out
	}
	return v
}

func readEntity(v any) Entity {
	o, _ := v.(object)
	text := func(name string) string { s, _ := o[name].(string); return s }
	user, _ := o["user"].(object)
	return Entity{
		Type: text("type"), Offset: int(integer(o["offset"])), Length: int(integer(o["length"])), URL: text("url"),
		User: integer(user["id"]), Language: text("language"), CustomEmoji: text("custom_emoji_id"),
		UnixTime: integer(o["unix_time"]), DateTimeFormat: text("date_time_format"),
	}
}

func (p *poll) results(userID int64) *Results {
	out := &Results{
		Question: p.Question, Votes: make([]int, len(p.Options)), Mine: slices.Clone(p.Votes[decimal(userID)]),
		Closed: p.Closed, Multiple: p.Multiple,
	}
	for _, o := range p.Options {
		text, _ := o["text"].(string)
		out.Options = append(out.Options, text)
	}
	for _, chosen := range p.Votes {
		for _, i := range chosen {
			out.Votes[i]++
		}
	}
	return out
}
