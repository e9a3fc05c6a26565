package emulator

import (
	"fmt"

	"puente/core/base/errs"
)

// Customer is a person with Signal on their phone.
type Customer struct {
	ACI  string `json:"aci"` // made if empty
	PNI  string `json:"pni"` // made if empty, without "PNI:"
	Name string `json:"name"`
	// Number is the phone number, "+491701234567"; its ending may be one of MagicNumbers. Made if empty.
	Number string `json:"number"`
	// SharesNumber lets everybody see the number; else the business sees it only after writing to it.
	SharesNumber bool `json:"shares_number"`
	// Username is a lookup handle, "ana.42".
	Username   string `json:"username"`
	About      string `json:"about"`
	AboutEmoji string `json:"about_emoji"`
	// NoAvatar leaves the profile picture out.
	NoAvatar bool `json:"no_avatar"`
}

// person is a customer and what their phone is set to.
type person struct {
	Customer
	ReceiptsOff  bool            `json:"receipts_off"`
	TypingOff    bool            `json:"typing_off"`
	Offline      bool            `json:"offline"`
	Unregistered bool            `json:"unregistered"`
	Blocks       map[string]bool `json:"blocks"`  // ACIs of accounts that the customer blocked
	Version      int             `json:"version"` // of the identity key; grows with each reinstallation
	Got          []Receipt       `json:"got"`
	Avatar       string          `json:"avatar"`   // file ID
	Missed       bool            `json:"missed"`   // something waits for the phone to come online
	Switched     bool            `json:"switched"` // that the magic of …0409 has happened
}

// AddCustomer puts a customer into the emulated world. Without an ACI or a number one is made up.
func (e *Emulator) AddCustomer(c Customer) (Customer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.ACI == "" {
		c.ACI = newUUID()
	}
	if c.PNI == "" {
		c.PNI = newUUID()
	}
	if c.Number == "" {
		c.Number = e.freeNumber()
	}
	switch {
	case c.Name == "":
		return Customer{}, errs.Tell(fmt.Errorf("customer of the emulator: no name: %w", errs.ErrInvalid), "A customer needs a name.")
	case !isNumber(c.Number):
		return Customer{}, errs.Tell(fmt.Errorf("customer of the emulator: number: %w", errs.ErrInvalid),
			"A phone number has the form +491701234567.")
	case !isUUID(c.ACI) || !isUUID(c.PNI):
		return Customer{}, fmt.Errorf("customer of the emulator: ACI and PNI are lower-case UUIDs: %w", errs.ErrInvalid)
	case c.Username != "" && !userForm.MatchString(c.Username):
		return Customer{}, errs.Tell(fmt.Errorf("customer of the emulator: username: %w", errs.ErrInvalid),
			"A username has the form ana.42.")
	}
	for _, name := range []string{c.ACI, c.Number, "PNI:" + c.PNI, "u:" + c.Username} {
		if e.st.party(name) != nil {
			return Customer{}, errs.Tell(fmt.Errorf("customer of the emulator: %w", errs.ErrConflict),
				"Somebody else has this number or username already.")
		}
	}
	p := &person{Customer: c, Blocks: map[string]bool{}, Version: 1}
	if !c.NoAvatar {
		p.Avatar = e.keep(Sample("avatar.jpg"))
	}
	e.st.People = append(e.st.People, p)
	e.touch()
	return c, nil
}

// freeNumber makes a number that nobody has and that chooses no failure.
func (e *Emulator) freeNumber() string {
	for i := len(e.st.People) + 1; ; i++ {
		if number := fmt.Sprintf("+4915700%06d", i*7+1000); e.st.party(number) == nil && magicOf(number) == "" {
			return number
		}
	}
}

// Customers lists the customers in the order in which they were added.
func (e *Emulator) Customers() []Customer {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]Customer, 0, len(e.st.People))
	for _, p := range e.st.People {
		out = append(out, p.Customer)
	}
	return out
}

func (s *state) person(aci string) *person {
	for _, p := range s.People {
		if p.ACI == aci {
			return p
		}
	}
	return nil
}

// change does something to a customer while the emulator's memory is locked.
func (e *Emulator) change(aci string, do func(*person)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.st.person(aci)
	if p == nil {
		return fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	do(p)
	e.touch()
	return nil
}

// SetReadReceipts lets a customer tell others, or not, what they have read.
func (e *Emulator) SetReadReceipts(aci string, on bool) error {
	return e.change(aci, func(p *person) { p.ReceiptsOff = !on })
}

// SetTypingIndicators lets a customer tell others, or not, that they are typing, and see it of others.
func (e *Emulator) SetTypingIndicators(aci string, on bool) error {
	return e.change(aci, func(p *person) { p.TypingOff = !on })
}

// SetNumberSharing shows or hides a customer's number to everybody.
func (e *Emulator) SetNumberSharing(aci string, on bool) error {
	return e.change(aci, func(p *person) { p.SharesNumber = on })
}

// SetOnline switches a customer's phone off and on. What is sent meanwhile arrives, and is told as delivered, when the
// phone comes back.
func (e *Emulator) SetOnline(aci string, on bool) error {
	return e.change(aci, func(p *person) {
		p.Offline = !on
		if on && p.Missed {
			p.Missed = false
			e.arriveAll(p)
		}
	})
}

// SetRegistered takes a customer off Signal, and back.
func (e *Emulator) SetRegistered(aci string, on bool) error {
	return e.change(aci, func(p *person) { p.Unregistered = !on })
}

// SetBlocks makes a customer block an account of the business: what it sends is taken and never seen.
func (e *Emulator) SetBlocks(aci, accountNumber string, on bool) error {
	return e.change(aci, func(p *person) {
		if b := e.st.account(accountNumber); b != nil {
			p.Blocks[b.ACI] = on
		}
	})
}

// SetProfile changes a customer's name and the words about them.
func (e *Emulator) SetProfile(aci, name, about, emoji string) error {
	return e.change(aci, func(p *person) { p.Name, p.About, p.AboutEmoji = name, about, emoji })
}

// SetAvatar changes a customer's profile picture; nil removes it.
func (e *Emulator) SetAvatar(aci string, picture []byte) error {
	return e.change(aci, func(p *person) {
		p.Avatar = ""
		if picture != nil {
			p.Avatar = e.keep(File{Data: picture, Mime: "image/jpeg"})
		}
	})
}

// Reinstall gives a customer a new identity key, as a new phone does. Accounts that knew the old one do not trust it
// until they are told to, unless Options.TrustNewIdentities says otherwise. The phone keeps its messages.
func (e *Emulator) Reinstall(aci string) error {
	return e.change(aci, func(p *person) { p.Version++ })
}
