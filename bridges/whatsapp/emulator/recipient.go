package emulator

import "context"

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
