package emulator

import (
	"context"
	"io"
	"net/http"
	"time"
)

// How long things last. ref: reference/whatsapp-cloud.md §5.1, §5.3, §6
const (
	serviceWindow  = 24 * time.Hour
	typingLife     = 25 * time.Second
	reactableFor   = 30 * 24 * time.Hour
	numberKnownFor = 30 * 24 * time.Hour
)

// postMessages answers POST /{pnid}/messages: a message, or a read mark with or without typing.
func (e *Emulator) postMessages(w http.ResponseWriter, r *http.Request, number Number) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		answerError(w, refuse(100, "The request body cannot be read."))
		return
	}
	f, g := parseFields(raw)
	if g != nil {
		answerError(w, g)
		return
	}
	if f.has("status") {
		if g = e.markRead(f, number); g != nil {
			answerError(w, g)
			return
		}
		answerSuccess(w)
		return
	}
	out, g := parseOutgoing(f)
	if g != nil {
		answerError(w, g)
		return
	}
	out.raw = raw
	body, cut, g := e.accept(r.Context(), out, number)
	switch {
	case g != nil:
		answerError(w, g)
	case cut:
		panic(http.ErrAbortHandler) // …0408: the connection ends without an answer
	default:
		answer(w, http.StatusOK, body)
	}
}

// accept takes a message or refuses it. What can only be found out later becomes a failed status.
func (e *Emulator) accept(ctx context.Context, out *outgoing, number Number) (body object, cut bool, g *graphError) {
	e.mu.Lock()
	to, g := e.recipient(out, number)
	if g == nil {
		g = e.checkAgainstMemory(out, number, to)
	}
	e.mu.Unlock()
	if g != nil {
		return nil, false, g
	}
	file, late := e.resolveMedia(ctx, out)
	e.mu.Lock()
	defer e.mu.Unlock()
	if late == nil {
		late = e.lateFailure(out, number, to)
	}
	m := e.place(out, number, to, file, late)
	input := out.to
	if input == "" {
		input = out.recipient
	}
	contact, sent := object{"input": input}, object{"id": m.ID}
	if to.group != nil {
		sent["group_id"] = to.group.ID
	} else {
		if out.to != "" {
			contact["wa_id"] = to.person.WaID
		}
		contact["user_id"] = to.person.UserID
	}
	if out.template != nil {
		sent["message_status"] = Accepted
	}
	body = object{"messaging_product": "whatsapp", "contacts": []object{contact}, "messages": []object{sent}}
	return body, to.person != nil && magicOf(to.person.WaID) == "0408", nil
}

// place puts an accepted message on the customer's phone and lets its statuses follow. The caller holds mu.
func (e *Emulator) place(out *outgoing, number Number, to party, file *mediaFile, late *graphError) *Message {
	m := out.msg
	m.Number, m.FromBusiness, m.Status, m.Callback = number.PhoneNumberID, true, Accepted, out.callbackData
	m.ByUserID = out.to == ""
	m.At = e.clock.Now()
	if file != nil {
		if e.st.Media[file.ID] == nil {
			file.Number, file.Expires = number.PhoneNumberID, m.At.Add(mediaLifeOut)
			e.st.Media[file.ID] = file
		}
		m.Media = &Media{
			ID: file.ID, Kind: out.media.kind, Mime: file.Mime, SHA256: file.SHA256, Size: file.Size,
			Name: out.media.name, Voice: out.media.voice, Animated: file.Animated,
		}
	}
	if to.person != nil {
		m.ID = newWamid(to.person.WaID)
		m.Author = ""
		chat := e.st.chat(to.person.UserID, number.PhoneNumberID)
		chat.TypingUntil = time.Time{}
		if !m.ByUserID {
			chat.KnownUntil = later(chat.KnownUntil, m.At.Add(numberKnownFor))
		}
	} else {
		m.ID, m.GroupID = newWamid(to.group.ID), to.group.ID
	}
	switch {
	case m.Kind == "reaction" && late == nil:
		e.index[out.reactionTo].react("", out.emoji)
		e.reactionSent(&m, to)
	case m.Kind == "reaction":
		m.Status, m.Error = Failed, late.Code
		e.enqueue(e.statusUpdate(&m, to, Failed, late))
	default:
		e.add(&m, to)
		e.travel(&m, to, late)
	}
	e.touch()
	return &m
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// add puts a message on a phone or in a group. The caller holds mu.
func (e *Emulator) add(m *Message, to party) {
	e.st.Seq++
	m.Seq = e.st.Seq
	e.index[m.ID] = m
	if to.group != nil {
		to.group.Messages = append(to.group.Messages, m)
		return
	}
	to.person.Messages = append(to.person.Messages, m)
}

// markRead answers a read mark, which covers all earlier messages too, and shows typing if asked.
// ref: reference/whatsapp-cloud.md §5.3
func (e *Emulator) markRead(f *fields, number Number) *graphError {
	if f.str("messaging_product", 0) != "whatsapp" {
		f.fail(131009, "Param messaging_product must be whatsapp.")
	}
	f.oneOf("status", Read)
	id := f.str("message_id", 0)
	typing := f.optObj("typing_indicator")
	if typing != nil {
		typing.oneOf("type", "text")
		typing.end()
	}
	f.end()
	if g := f.failed(); g != nil {
		return g
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	m := e.index[id]
	if m == nil || m.FromBusiness || m.Number != number.PhoneNumberID || m.GroupID != "" ||
		e.clock.Now().Sub(m.At) > reactableFor {
		return refuse(131009, "Param message_id is not a message that a customer sent to this number in the last 30 days.")
	}
	p := e.st.person(m.Author)
	for _, earlier := range p.Messages {
		if earlier.Seq <= m.Seq && !earlier.FromBusiness && earlier.Number == m.Number {
			earlier.Status = Read
		}
	}
	if typing != nil {
		e.st.chat(m.Author, m.Number).TypingUntil = e.clock.Now().Add(typingLife)
	}
	e.touch()
	return nil
}
