package emulator

import "errors"

func doUserStatus(c *call, b *business, p params) (any, error) {
	e := c.e
	names := p.texts("recipient")
	users := p.texts("username")
	out := []object{}
	for _, name := range names {
		one := object{"recipient": name, "uuid": nil, "isRegistered": false}
		if isNumber(name) {
			one["number"] = name
		}
		who, err := e.resolve(name)
		if err == nil && who.present() {
			one["uuid"], one["isRegistered"] = who.aci, true
			if name == who.number {
				b.relation(who.aci).Number = true
			}
		}
		out = append(out, one)
	}
	for _, name := range users {
		one := object{"recipient": name, "username": name, "uuid": nil, "isRegistered": false}
		if who, err := e.resolve("u:" + name); err == nil && who.present() {
			one["uuid"], one["isRegistered"] = who.aci, true
		}
		out = append(out, one)
	}
	return out, nil
}

// present tells whether somebody is on Signal.
func (p *party) present() bool {
	return p.business != nil || p.person != nil && !p.person.Unregistered && magicOf(p.number) != "0404"
}

func doListContacts(c *call, b *business, p params) (any, error) {
	wanted, err := c.contactFilter(b, p)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, person := range c.e.st.People {
		if rel := b.Known[person.ACI]; rel != nil && wanted(person, rel) {
			out = append(out, c.e.contactOut(b, person.party(), rel, p.flag("internal")))
		}
	}
	return out, nil
}

// contactFilter reads whom listContacts is to list.
func (c *call) contactFilter(b *business, p params) (func(*person, *relation) bool, error) {
	only := map[string]bool{}
	for _, name := range p.texts("recipient") {
		who, err := c.e.resolve(name)
		var nobody unregisteredError
		if errors.As(err, &nobody) {
			continue
		} else if err != nil {
			return nil, err
		}
		only[who.aci] = true
	}
	all, blocked, name := p.flag("allRecipients"), p.maybe("blocked"), p.text("name")
	return func(someone *person, rel *relation) bool {
		switch who := someone.party(); {
		case !rel.Met && rel.Contact == nil, !all && !rel.isContact(someone):
			return false
		case p.has("recipient") && !only[someone.ACI], blocked != nil && *blocked != rel.Blocked:
			return false
		default:
			return name == nil || *name == b.nameOf(who) || *name == who.name()
		}
	}, nil
}

// isContact tells whether listContacts shows somebody without allRecipients.
func (r *relation) isContact(p *person) bool {
	return !p.Unregistered && (r.Contact != nil && !r.Contact.Hidden || r.Contact == nil && r.Accepted)
}

// contactOut writes a contact. ref: reference/signal-cli.md §3, listContacts
func (e *Emulator) contactOut(b *business, p *party, rel *relation, internal bool) object {
	card := rel.Contact
	if card == nil {
		card = &contact{}
	}
	out := object{
		"number": orNull(b.numberOf(p)), "uuid": p.aci, "username": orNull(p.username),
		"name": joinName(card.Given, card.Family), "givenName": orNull(card.Given), "familyName": orNull(card.Family),
		"nickName": orNull(joinName(card.NickGiven, card.NickFamily)), "nickGivenName": orNull(card.NickGiven),
		"nickFamilyName": orNull(card.NickFamily), "note": orNull(card.Note), "color": nil, "isArchived": false,
		"isBlocked": rel.Blocked, "isHidden": card.Hidden, "messageExpirationTime": e.st.direct(b.ACI, p.aci).Timer,
		"profileSharing": rel.Accepted, "unregistered": p.person.Unregistered,
		"profile": object{
			"lastUpdateTimestamp": e.clock.Now().UnixMilli(), "givenName": orNull(p.given), "familyName": orNull(p.family),
			"about": orNull(p.person.About), "aboutEmoji": orNull(p.person.AboutEmoji), "hasAvatar": p.person.Avatar != "",
			"mobileCoinAddress": nil,
		},
	}
	if internal {
		out["internal"] = object{
			"capabilities": []string{}, "unidentifiedAccessMode": "ENABLED", "sharesPhoneNumber": p.person.SharesNumber,
			"discoverableByPhonenumber": true,
		}
	}
	return out
}

// contactParam reads the one recipient of a method and what the account knows about them.
func (c *call) contactParam(b *business, p params) (*party, *relation, error) {
	name := p.textOr("recipient")
	who, err := c.e.resolveFor(b, name)
	if err != nil {
		return nil, nil, err
	}
	return who, b.relation(who.aci), nil
}

func doUpdateContact(c *call, b *business, p params) (any, error) {
	who, rel, err := c.contactParam(b, p)
	if err != nil {
		return nil, err
	}
	card := contact{}
	if rel.Contact != nil {
		card = *rel.Contact
	}
	for _, field := range []struct {
		key string
		to  *string
	}{
		{"name", &card.Given}, {"givenName", &card.Given}, {"familyName", &card.Family}, {"nickGivenName", &card.NickGiven},
		{"nickFamilyName", &card.NickFamily}, {"note", &card.Note},
	} {
		value := p.text(field.key)
		if value == nil {
			continue
		}
		*field.to = *value
		if field.key == "name" && !p.has("familyName") {
			card.Family = ""
		}
	}
	seconds := p.number("expiration")
	rel.Contact, rel.Met = &card, true
	if seconds != nil {
		c.e.setTimer(b.party(), c.e.st.direct(b.ACI, who.aci), int(*seconds), true)
	}
	return nil, nil
}

func doRemoveContact(c *call, b *business, p params) (any, error) {
	who, rel, err := c.contactParam(b, p)
	if err != nil {
		return nil, err
	}
	hide := p.flag("hide")
	forget := p.flag("forget")
	switch {
	case hide:
		if rel.Contact == nil {
			rel.Contact = &contact{}
		}
		rel.Contact.Hidden, rel.Accepted = true, false
	case forget:
		delete(b.Known, who.aci)
	default:
		rel.Contact = nil
	}
	return nil, nil
}

func doBlock(c *call, b *business, p params) (any, error)   { return c.setBlocked(b, p, true) }
func doUnblock(c *call, b *business, p params) (any, error) { return c.setBlocked(b, p, false) }

func (c *call) setBlocked(b *business, p params, on bool) (any, error) {
	whom, err := c.e.partiesIn(b, p, "recipient")
	if err != nil {
		return nil, err
	}
	groups := p.texts("groupId")
	for _, who := range whom {
		rel := b.relation(who.aci)
		rel.Blocked, rel.Met, rel.Accepted = on, true, !on
	}
	for _, id := range groups {
		g, err := c.e.groupFor(b, id)
		if err != nil {
			continue // the daemon only logs an unknown group
		}
		g.BlockedBy = without(g.BlockedBy, b.ACI)
		if on {
			g.BlockedBy = append(g.BlockedBy, b.ACI)
		}
	}
	return nil, nil
}
