package emulator

// ReadAll reads all that others wrote here. Customers who let others know send read receipts, one for all messages of
// one author.
func (c *Chat) ReadAll() error { return c.see(Read, nil) }

// Read reads some messages.
func (c *Chat) Read(refs ...Ref) error { return c.see(Read, refs) }

// View opens view-once photos or plays voice notes.
func (c *Chat) View(refs ...Ref) error { return c.see(Viewed, refs) }

func (c *Chat) see(state string, refs []Ref) error {
	return c.locked(func(me *party, t *thread) error {
		seen := map[string][]int64{}
		var order []string
		for _, m := range t.Messages {
			if m.Author == me.aci || m.Kind == "line" || !m.seenBy(me.aci) || refs != nil && !named(refs, m) {
				continue
			}
			if m.advance(me.aci, state) {
				if seen[m.Author] == nil {
					order = append(order, m.Author)
				}
				seen[m.Author] = append(seen[m.Author], m.Timestamp)
			}
		}
		if len(order) == 0 {
			return nil
		}
		if me.business != nil {
			c.e.ownRead(me.business, order, seen, state)
			return nil
		}
		kind := map[string]string{Read: "read", Viewed: "viewed"}[state]
		for _, author := range order {
			if b := c.e.st.account(author); b != nil && !me.person.ReceiptsOff {
				c.e.receipt(b, me.person, kind, seen[author])
			}
		}
		return nil
	})
}

func named(refs []Ref, m *Message) bool {
	for _, r := range refs {
		if r == m.Ref() {
			return true
		}
	}
	return false
}

// ownRead tells the daemon what its owner read on the phone, and sends the customers their receipts.
// ref: reference/signal-cli.md §5, readMessages
func (e *Emulator) ownRead(b *business, order []string, seen map[string][]int64, state string) {
	var read []object
	for _, author := range order {
		for _, at := range seen[author] {
			one := object{"timestamp": at}
			b.authorFields(one, "sender", e.known(author))
			read = append(read, one)
		}
		if p := e.st.person(author); p != nil && !b.Settings.NoReadReceipts && e.reaches(b, p) {
			kind := map[string]string{Read: "read", Viewed: "viewed"}[state]
			e.gotReceipt(author, Receipt{Account: b.Number, Type: kind, Timestamps: seen[author]})
		}
	}
	content := object{}
	if state == Read {
		content["readMessages"] = read
	}
	e.sync(b, e.stamp(b.ACI), content)
}

// Typing shows others that the person is typing, or no longer.
func (c *Chat) Typing(on bool) error {
	return c.locked(func(me *party, t *thread) error {
		if me.person != nil && me.person.TypingOff {
			return nil
		}
		delete(t.Typing, me.aci)
		action := "STOPPED"
		if on {
			t.Typing[me.aci] = c.e.clock.Now().Add(typingLife).UnixMilli()
			action = "STARTED"
		}
		at := c.e.stamp(me.aci)
		content := object{"action": action, "timestamp": at}
		if t.GroupID != "" {
			content["groupId"] = t.GroupID
		}
		c.e.whisper(me, t, at, "typingMessage", content)
		return nil
	})
}

// whisper brings something that is no message to the business's accounts in a conversation.
func (e *Emulator) whisper(me *party, t *thread, at int64, kind string, content object) {
	for _, aci := range e.st.others(t, me.aci) {
		if b := e.st.account(aci); b != nil && !b.relation(me.aci).Blocked {
			b.relation(me.aci).Met = true
			e.post(b, &letter{From: me.aci, Envelope: e.envelope(b, me, at, kind, content)})
		}
	}
}

// Call rings and hangs up without an answer: an offer, some network candidates and a hang-up arrive.
func (c *Chat) Call(video bool) error {
	return c.locked(func(me *party, t *thread) error {
		if t.GroupID != "" {
			return forbidden("Calls of groups are not imitated.")
		}
		at := c.e.stamp(me.aci)
		id := at
		kind, line := "AUDIO_CALL", "Voice call, not answered"
		if video {
			kind, line = "VIDEO_CALL", "Video call, not answered"
		}
		m := c.e.addLine(t, me.aci, at, line)
		m.Kind = "call"
		c.e.whisper(me, t, at, "callMessage", object{"offerMessage": object{"id": id, "type": kind, "opaque": "AAECAw=="}})
		c.e.whisper(me, t, c.e.stamp(me.aci), "callMessage", object{"iceUpdateMessages": []object{{"id": id, "opaque": "BAUGBw=="}}})
		c.e.whisper(me, t, c.e.stamp(me.aci), "callMessage", object{"hangupMessage": object{"id": id, "type": "NORMAL", "deviceId": 0}})
		return nil
	})
}

// SendUndecryptable sends something that the daemon cannot decrypt. With sealed, it cannot even tell who sent it: the
// source is null. ref: reference/signal-cli.md §5, exception
func (c *Chat) SendUndecryptable(sealed bool) (Ref, error) {
	var ref Ref
	err := c.locked(func(me *party, t *thread) error {
		at := c.e.stamp(me.aci)
		ref = Ref{me.aci, at}
		c.e.addLine(t, me.aci, at, "Sent something that the business cannot read")
		for _, aci := range c.e.st.others(t, me.aci) {
			b := c.e.st.account(aci)
			if b == nil {
				continue
			}
			shown := c.e.envelope(b, me, at, "", nil)
			if sealed {
				for _, key := range []string{"source", "sourceNumber", "sourceUuid", "sourceName", "sourceDevice"} {
					shown[key] = nil
				}
			}
			c.e.post(b, &letter{From: me.aci, Envelope: shown, Exception: object{
				"message": "org.signal.libsignal.protocol.InvalidMessageException: decryption failed", "type": "ProtocolInvalidMessageException",
			}})
		}
		return nil
	})
	return ref, err
}
