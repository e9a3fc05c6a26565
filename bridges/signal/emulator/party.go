package emulator

import "strings"

// party is somebody with a Signal account: a customer, or the business itself.
type party struct {
	aci, pni, number, username string
	given, family              string
	person                     *person   // nil for the business
	business                   *business // nil for a customer
}

func (p *party) name() string { return joinName(p.given, p.family) }

// splitName takes the last word for the family name, as people type names into Signal's profile.
func splitName(name string) (given, family string) {
	name = strings.TrimSpace(name)
	if i := strings.LastIndex(name, " "); i > 0 {
		return strings.TrimSpace(name[:i]), name[i+1:]
	}
	return name, ""
}

func joinName(given, family string) string { return strings.TrimSpace(given + " " + family) }

func (p *person) party() *party {
	given, family := splitName(p.Name)
	return &party{aci: p.ACI, pni: p.PNI, number: p.Number, username: p.Username, given: given, family: family, person: p}
}

func (b *business) party() *party {
	return &party{aci: b.ACI, pni: b.PNI, number: b.Number, username: b.Username, given: b.Given, family: b.Family, business: b}
}

// party finds somebody by any of the forms of a recipient: ACI, +number, PNI:, u:name or a bare username.
// ref: reference/signal-cli.md §3, recipient strings
func (s *state) party(name string) *party {
	if name == "" {
		return nil
	}
	matches := func(aci, pni, number, username string) bool {
		switch {
		case strings.HasPrefix(name, "PNI:"):
			return strings.EqualFold(name[4:], pni)
		case strings.HasPrefix(name, "u:"):
			return username != "" && strings.EqualFold(name[2:], username)
		}
		return strings.EqualFold(name, aci) || name == number
	}
	for _, p := range s.People {
		if matches(p.ACI, p.PNI, p.Number, p.Username) {
			return p.party()
		}
	}
	for _, b := range s.Accounts {
		if matches(b.ACI, b.PNI, b.Number, b.Username) {
			return b.party()
		}
	}
	return nil
}

// relation is what the daemon keeps for one account about somebody.
type relation struct {
	// Met tells that they have exchanged something, so that the daemon knows them as a recipient.
	Met bool `json:"met"`
	// Accepted tells that the message request was accepted, or the business wrote first.
	Accepted bool `json:"accepted"`
	// Number tells that the account knows the phone number.
	Number  bool     `json:"number"`
	Blocked bool     `json:"blocked"` // the business blocked them
	Contact *contact `json:"contact"` // in the address book
	// Trust is the level of their present identity key.
	Trust string `json:"trust"`
	Since int64  `json:"since"` // when that key was first seen, ms
	// Version is the number of the key that Trust is about; another one means that it has changed.
	Version int `json:"version"`
	// Kept are letters that could not be read, because their key is not trusted.
	Kept []*letter `json:"kept"`
}

// contact is somebody in the account's address book.
type contact struct {
	Given      string `json:"given"`
	Family     string `json:"family"`
	NickGiven  string `json:"nick_given"`
	NickFamily string `json:"nick_family"`
	Note       string `json:"note"`
	Hidden     bool   `json:"hidden"`
}

// relation returns what the account keeps about somebody, made on first use.
func (b *business) relation(aci string) *relation {
	if b.Known[aci] == nil {
		b.Known[aci] = &relation{}
	}
	return b.Known[aci]
}

// address is somebody's address as the account knows it. ref: reference/signal-cli.md §4, recipientAddress
func (b *business) address(p *party) object {
	return object{"uuid": p.aci, "number": orNull(b.numberOf(p)), "username": orNull(p.username)}
}

// numberOf returns the phone number of somebody if the account knows it, or "".
func (b *business) numberOf(p *party) string {
	if p.aci == b.ACI || b.relation(p.aci).Number || p.person != nil && p.person.SharesNumber ||
		p.business != nil && p.business.Settings.SharesNumber {
		return p.number
	}
	return ""
}

// authorFields writes an address under three keys, the first of them deprecated: author, authorNumber, authorUuid.
func (b *business) authorFields(out object, key string, p *party) {
	out[key], out[key+"Number"], out[key+"Uuid"] = b.legacy(p), orNull(b.numberOf(p)), p.aci
}

// legacy is somebody's number if the account knows it, or else their ACI: what deprecated keys hold.
func (b *business) legacy(p *party) string {
	if number := b.numberOf(p); number != "" {
		return number
	}
	return p.aci
}

// nameOf is the contact's name, or else the profile's.
func (b *business) nameOf(p *party) string {
	if c := b.relation(p.aci).Contact; c != nil {
		if name := joinName(c.Given, c.Family); name != "" {
			return name
		}
	}
	return p.name()
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
