package emulator

// reaches tells whether typing and receipts of an account come to a customer: only after the message request was
// accepted. ref: reference/signal-cli.md §3, sendMessageRequestResponse
func (e *Emulator) reaches(b *business, p *person) bool {
	return b.relation(p.ACI).Accepted && !p.Blocks[b.ACI] && !p.Unregistered
}

func doTyping(c *call, b *business, p params) (any, error) {
	e := c.e
	to, err := e.targets(b, p)
	if err != nil {
		return nil, err
	}
	stop := p.flag("stop")
	at := e.stamp(b.ACI)
	if b.Settings.NoTyping {
		return object{"timestamp": at, "results": []object{}}, nil
	}
	return c.sendAll(b, to, at, func(t *thread, _ reached) {
		if t.GroupID == "" {
			for _, aci := range e.st.others(t, b.ACI) {
				if person := e.st.person(aci); person != nil && (!e.reaches(b, person) || person.Offline || person.TypingOff) {
					e.ignore("typing that the customer does not see")
					return
				}
			}
		}
		if stop {
			delete(t.Typing, b.ACI)
			return
		}
		t.Typing[b.ACI] = e.clock.Now().Add(typingLife).UnixMilli()
	})
}

func doReceipt(c *call, b *business, p params) (any, error) {
	e := c.e
	to, err := e.people(b, p)
	if err != nil {
		return nil, err
	}
	timestamps := p.numbers("targetTimestamp")
	kind := p.textOr("type")
	if kind == "" {
		kind = "read"
	}
	if kind != "read" && kind != "viewed" {
		return nil, userError("Unknown receipt type: " + kind)
	}
	at := e.stamp(b.ACI)
	if b.Settings.NoReadReceipts {
		return object{"timestamp": at, "results": []object{}}, nil
	}
	return c.sendAll(b, to, at, func(_ *thread, _ reached) { e.bringReceipt(b, to[0].party, kind, timestamps) })
}

// bringReceipt marks messages of a customer as read or viewed by an account.
func (e *Emulator) bringReceipt(b *business, who *party, kind string, timestamps []int64) {
	state := Read
	if kind == "viewed" {
		state = Viewed
	}
	if who.person == nil || !e.reaches(b, who.person) {
		e.ignore("receipt that the customer does not see")
		return
	}
	known := 0
	for _, t := range e.st.Threads {
		for _, at := range timestamps {
			if m := t.find(who.aci, at); m != nil && m.State(b.ACI) != "" {
				known++
				m.advance(b.ACI, state)
			}
		}
	}
	if known < len(timestamps) {
		e.ignore("receipt about an unknown message")
	}
	e.gotReceipt(who.aci, Receipt{Account: b.Number, Type: kind, Timestamps: timestamps})
}

func doRequestResponse(c *call, b *business, p params) (any, error) {
	e := c.e
	kind := p.textOr("type")
	if kind != "accept" && kind != "delete" {
		return nil, internalError("No enum constant MessageRequestResponseType (IllegalArgumentException)")
	}
	groups := p.texts("groupId")
	for _, id := range groups {
		g, err := e.groupFor(b, id)
		if err != nil {
			return nil, err
		}
		if kind == "accept" {
			e.acceptInvite(b, g)
		}
	}
	to, err := e.people(b, p)
	if err == nil && len(to)+len(groups) == 0 {
		err = userError("No recipients given")
	}
	if err != nil {
		return nil, err
	}
	for _, one := range to {
		if one.party == nil {
			continue
		}
		rel := b.relation(one.party.aci)
		rel.Met = true
		rel.Accepted = kind == "accept"
	}
	return nil, nil
}

// doSyncRequest asks the phone for its contacts, groups and the like, which come as sync messages.
func doSyncRequest(c *call, b *business, _ params) (any, error) {
	if b.HasPhone && b.DeviceID != 1 {
		for _, kind := range []string{"CONTACTS_SYNC", "GROUPS_SYNC"} {
			c.e.sync(b, c.e.stamp(b.ACI), object{"type": kind})
		}
	}
	return nil, nil
}
