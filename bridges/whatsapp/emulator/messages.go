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

// party is whom a message goes to: a person or a group.
type party struct {
	person *person
	group  *group
}

// recipient finds the party. The caller holds mu.
func (e *Emulator) recipient(out *outgoing, number Number) (party, *graphError) {
	if out.group {
		g := e.st.group(out.to)
		if g == nil || g.Number != number.PhoneNumberID {
			return party{}, refuse(131041, "The group does not exist or belongs to another number.")
		}
		return party{group: g}, nil
	}
	undeliverable := refuse(131026, "Message undeliverable.")
	if out.to == "" {
		p := e.st.person(out.recipient)
		if p == nil {
			return party{}, undeliverable
		}
		if out.template != nil {
			if t := e.st.templateNamed(out.template.name, out.template.language); t != nil && t.Category == "AUTHENTICATION" {
				return party{}, refuse(131062, "")
			}
		}
		return party{person: p}, nil
	}
	digits := onlyDigits(out.to)
	if digits == number.digits() {
		return party{}, refuse(131021, "")
	}
	p := e.st.personByWaID(digits)
	for n := 1; p == nil && n <= min(3, len(number.digits())) && out.to[0] != '+'; n++ { // without +, the business's country code is put before it
		p = e.st.personByWaID(number.digits()[:n] + digits)
	}
	if p == nil {
		return party{}, undeliverable
	}
	return party{person: p}, nil
}

// checkAgainstMemory applies the rules that need to know what happened before. The caller holds mu.
func (e *Emulator) checkAgainstMemory(out *outgoing, number Number, to party) *graphError {
	if to.person != nil {
		if g := e.magicRefusal(magicOf(to.person.WaID), out); g != nil {
			return g
		}
		if e.blocked(to.person.UserID, number) {
			return refuse(131026, "The user is blocked.")
		}
		if out.template == nil && !e.opt.WindowFailsLate && !e.windowOpen(to.person.UserID, number) {
			return windowClosed()
		}
	}
	if to.group != nil && out.msg.Kind == "interactive" {
		return refuse(131051, "Interactive messages are not supported in groups.")
	}
	if q := out.msg.Quote; q != "" {
		if m := e.index[q]; m == nil || m.Number != number.PhoneNumberID || m.GroupID != to.groupID() {
			return refuse(131009, "Param context['message_id'] is not a message of this conversation.")
		}
	}
	return e.checkTemplate(out)
}

func (p party) groupID() string {
	if p.group == nil {
		return ""
	}
	return p.group.ID
}

// checkTemplate finds the template and fills it. The caller holds mu.
func (e *Emulator) checkTemplate(out *outgoing) *graphError {
	if out.template == nil {
		return nil
	}
	t := e.st.templateNamed(out.template.name, out.template.language)
	if t == nil {
		return refuse(132001, "template name ("+out.template.name+") does not exist in "+out.template.language)
	}
	switch t.Status {
	case templateApproved:
	case templatePaused:
		return refuse(132015, "")
	case templateDisabled:
		return refuse(132016, "")
	default:
		return refuse(132001, "template name ("+out.template.name+") is not approved in "+out.template.language)
	}
	m, media, g := t.render(out.template)
	if g != nil {
		return g
	}
	m.Quote = out.msg.Quote
	out.msg, out.media = m, media
	return nil
}

// resolveMedia finds or downloads the file of a message. ref: reference/whatsapp-cloud.md §7, 131053
func (e *Emulator) resolveMedia(ctx context.Context, out *outgoing) (*mediaFile, *graphError) {
	if out.media == nil {
		return nil, nil
	}
	if out.media.link != "" {
		return e.fetchLink(ctx, out.media.kind, out.media.link)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	file := e.liveMedia(out.media.id)
	if file == nil {
		return nil, refuse(131053, "There is no media with this ID.")
	}
	if reason := checkUse(out.media.kind, out.media.voice, file); reason != "" {
		return nil, refuse(131053, reason)
	}
	return file, nil
}

// lateFailure tells what becomes of a message after it was accepted, if that is bad. The caller holds mu.
func (e *Emulator) lateFailure(out *outgoing, number Number, to party) *graphError {
	if to.person != nil {
		switch ending := magicOf(to.person.WaID); {
		case ending == "0026":
			return refuse(131026, "Message undeliverable.")
		case ending == "0471" && out.template == nil,
			out.template == nil && !e.windowOpen(to.person.UserID, number):
			return windowClosed()
		}
		if out.msg.Category == "marketing" && e.st.chat(to.person.UserID, number.PhoneNumberID).Stopped {
			return refuse(131050, "")
		}
	}
	if out.msg.Kind == "reaction" {
		target := e.index[out.reactionTo]
		if target == nil || target.Number != number.PhoneNumberID || target.GroupID != to.groupID() ||
			e.clock.Now().Sub(target.At) > reactableFor {
			return refuse(131009, "The message to react to does not exist or is too old.")
		}
	}
	return nil
}

func (e *Emulator) windowOpen(userID string, number Number) bool {
	last := e.st.chat(userID, number.PhoneNumberID).LastInbound
	return !last.IsZero() && e.clock.Now().Sub(last) < serviceWindow
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
