package emulator

import (
	"fmt"
	"regexp"
	"strings"

	"puente/core/base/errs"
)

// Customer is a person with Telegram on their phone. The owner of a business account is one too.
type Customer struct {
	// ID is the user ID; its ending may be one of MagicNumbers. 0 has one made.
	ID        int64  `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"` // without @
	Phone     string `json:"phone,omitempty"`    // as Telegram keeps it: digits, mostly without +
	Language  string `json:"language,omitempty"` // IETF tag
	Bio       string `json:"bio,omitempty"`
	Premium   bool   `json:"premium,omitempty"`
	Business  bool   `json:"business,omitempty"` // owns a business account
}

// Name is the whole name.
func (c Customer) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

// usernameForm is what Telegram takes as a username.
var usernameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`)

// AddCustomer puts a person into the emulated world. Nobody has pressed Start yet.
func (e *Emulator) AddCustomer(c Customer) (Customer, error) {
	if c.FirstName == "" {
		return Customer{}, fmt.Errorf("customer of the emulator: a first name is needed: %w", errs.ErrInvalid)
	}
	if c.Username != "" && !usernameForm.MatchString(c.Username) || c.ID < 0 || c.ID >= 1<<52 {
		return Customer{}, fmt.Errorf("customer of the emulator: a username of 4 to 32 letters, digits and _: %w", errs.ErrInvalid)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.ID == 0 {
		c.ID = e.newUserID(c.Username)
	}
	if c.Phone == "" {
		c.Phone = "1650555" + decimal(c.ID)[max(0, len(decimal(c.ID))-4):]
	}
	for _, p := range e.st.People {
		if p.ID == c.ID || c.Username != "" && strings.EqualFold(p.Username, c.Username) {
			return Customer{}, fmt.Errorf("customer of the emulator: the ID or the username is taken: %w", errs.ErrConflict)
		}
	}
	if e.st.bot(c.ID) != nil {
		return Customer{}, fmt.Errorf("customer of the emulator: the ID is a bot's: %w", errs.ErrConflict)
	}
	e.st.People = append(e.st.People, &person{Customer: c})
	e.touch()
	return c, nil
}

// newUserID makes a user ID of more than 32 bits, with the magic ending of a username if it has one. The caller
// holds mu.
func (e *Emulator) newUserID(username string) int64 {
	for {
		id := 7_000_000_000 + e.st.next()*10_000 + 1111
		for _, m := range MagicNumbers() {
			if strings.HasSuffix(username, m.Digits) {
				id = id/10_000*10_000 + magicDigits(m)
			}
		}
		if e.st.person(id) == nil {
			return id
		}
	}
}

func magicDigits(m Magic) int64 {
	var n int64
	for _, d := range m.Digits {
		n = n*10 + int64(d-'0')
	}
	return n
}

// Customers lists the people in the order in which they were added.
func (e *Emulator) Customers() []Customer {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]Customer, 0, len(e.st.People))
	for _, p := range e.st.People {
		out = append(out, p.Customer)
	}
	return out
}

// Rename changes a person's names and username; bots learn of it with the next message.
func (e *Emulator) Rename(userID int64, first, last, username string) error {
	return e.onPerson(userID, func(p *person) { p.FirstName, p.LastName, p.Username = first, last, username })
}

// DeleteAccount deletes a person's account: sending to them answers 403 from then on.
func (e *Emulator) DeleteAccount(userID int64) error {
	return e.onPerson(userID, func(p *person) { p.Gone = true })
}

// SetPhoto gives a person a profile picture; no bytes take it away.
func (e *Emulator) SetPhoto(userID int64, picture []byte) error {
	photo, err := e.makeChatPhoto(picture)
	if err != nil {
		return err
	}
	return e.onPerson(userID, func(p *person) { p.Photo = photo })
}

func (e *Emulator) onPerson(id int64, change func(*person)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.st.person(id)
	if p == nil {
		return fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	change(p)
	e.touch()
	return nil
}
