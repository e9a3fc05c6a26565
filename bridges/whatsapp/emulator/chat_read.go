package emulator

// MarkRead lets the customer read all that the business sent up to a message; an empty ID means everything. Without
// read receipts the business is not told.
func (c *Chat) MarkRead(wamid string) error {
	return c.locked(func(p *person) error {
		last := c.e.st.Seq
		if wamid != "" {
			m, err := c.message(wamid)
			if err != nil {
				return err
			}
			last = m.Seq
		}
		var updates []*update
		read := func(messages []*Message, to party) {
			for _, m := range messages {
				if m.FromBusiness && !m.Echo && m.Seq <= last && m.Number == c.number.PhoneNumberID {
					updates = append(updates, c.e.advance(m, to, Read)...)
				}
			}
		}
		read(p.Messages, party{person: p})
		for _, g := range c.e.st.Groups {
			if g.member(p.UserID) {
				read(g.Messages, party{person: p, group: g})
			}
		}
		c.e.enqueue(updates...)
		c.e.touch()
		return nil
	})
}

// MarkPlayed lets the customer listen to a voice message. ref: reference/whatsapp-cloud.md §4.3
func (c *Chat) MarkPlayed(wamid string) error {
	return c.locked(func(p *person) error {
		m, err := c.message(wamid)
		if err != nil {
			return err
		}
		if m.Media == nil || !m.Media.Voice || !m.FromBusiness {
			return nil
		}
		to := party{person: p}
		if m.GroupID != "" {
			to.group = c.e.st.group(m.GroupID)
		}
		c.e.enqueue(c.e.advance(m, to, Played)...)
		c.e.touch()
		return nil
	})
}

// SetReadReceipts says whether the customer lets others see what they have read.
func (c *Chat) SetReadReceipts(on bool) error {
	return c.locked(func(p *person) error {
		p.ReceiptsOff = !on
		c.e.touch()
		return nil
	})
}

// SetOnline turns the customer's phone off, so that messages stay `sent`, or on again, which delivers them.
func (c *Chat) SetOnline(on bool) error {
	return c.locked(func(p *person) error {
		p.Offline = !on
		if on {
			var updates []*update
			deliver := func(messages []*Message, to party) {
				for _, m := range messages {
					if m.FromBusiness && !m.Echo {
						updates = append(updates, c.e.advance(m, to, Delivered)...)
					}
				}
			}
			deliver(p.Messages, party{person: p})
			for _, g := range c.e.st.Groups {
				if g.member(p.UserID) {
					deliver(g.Messages, party{person: p, group: g})
				}
			}
			c.e.enqueue(updates...)
		}
		c.e.touch()
		return nil
	})
}
