package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// Customer is a person with WhatsApp on their phone.
type Customer struct {
	UserID       string `json:"user_id"`                  // business-scoped: "US.13491208655302741918"
	ParentUserID string `json:"parent_user_id,omitempty"` // "US.ENT.…", of managed businesses only
	WaID         string `json:"wa_id"`                    // phone number, digits only; its ending may be one of MagicNumbers
	Name         string `json:"name"`
	Username     string `json:"username,omitempty"` // without @
	// HidesNumber leaves wa_id and from out of webhooks, as for people with a username, until the business writes to
	// the number or the customer shares it.
	HidesNumber bool `json:"hides_number,omitempty"`
}

// Group is a WhatsApp group of a business number.
type Group struct {
	ID      string   `json:"id"`
	Number  string   `json:"number"` // phone number ID
	Subject string   `json:"subject"`
	Members []string `json:"members"` // user IDs; at most 8. ref: reference/whatsapp-cloud.md §8
}

func (g *group) member(userID string) bool { return slices.Contains(g.Members, userID) }

// AddCustomer puts a customer into the emulated world; without a UserID one is made up.
func (e *Emulator) AddCustomer(c Customer) (Customer, error) {
	c.WaID = onlyDigits(c.WaID)
	if c.UserID == "" {
		c.UserID = "US." + newDecimalID() + "0042"
	}
	if c.Name == "" || c.WaID == "" && !c.HidesNumber {
		return Customer{}, fmt.Errorf("customer of the emulator: a name and a phone number are needed: %w", errs.ErrInvalid)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.st.person(c.UserID) != nil || e.st.personByWaID(c.WaID) != nil {
		return Customer{}, fmt.Errorf("customer of the emulator: %w", errs.ErrConflict)
	}
	e.st.People = append(e.st.People, &person{Customer: c})
	e.touch()
	return c, nil
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

// AddGroup makes a group of a business number with some customers; without an ID one is made up.
func (e *Emulator) AddGroup(g Group) (Group, error) {
	if _, ok := e.number(g.Number); !ok {
		return Group{}, fmt.Errorf("group of the emulator: no such phone number ID: %w", errs.ErrInvalid)
	}
	if len(g.Members) == 0 || len(g.Members) > 8 {
		return Group{}, fmt.Errorf("group of the emulator: 1 to 8 members: %w", errs.ErrInvalid)
	}
	if g.ID == "" {
		g.ID = "Y2FwaV9ncm91cDo" + newDecimalID()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range g.Members {
		if e.st.person(id) == nil {
			return Group{}, fmt.Errorf("member of an emulated group: %w", errs.ErrNotFound)
		}
	}
	if e.st.group(g.ID) != nil {
		return Group{}, fmt.Errorf("group of the emulator: %w", errs.ErrConflict)
	}
	e.st.Groups = append(e.st.Groups, &group{Group: g})
	e.touch()
	return g, nil
}

// Chat is one customer's conversation with one business number; its methods are what the customer does.
type Chat struct {
	e      *Emulator
	userID string
	number Number
}

// Chat returns a customer's conversation with a business number; an empty phone number ID means the first one.
func (e *Emulator) Chat(userID, phoneNumberID string) (*Chat, error) {
	if phoneNumberID == "" && len(e.opt.Numbers) > 0 {
		phoneNumberID = e.opt.Numbers[0].PhoneNumberID
	}
	n, ok := e.number(phoneNumberID)
	if !ok {
		return nil, fmt.Errorf("business number of the emulator: %w", errs.ErrNotFound)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.st.person(userID) == nil {
		return nil, fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	return &Chat{e: e, userID: userID, number: n}, nil
}

// locked runs act with the customer while the emulator's memory is locked.
func (c *Chat) locked(act func(p *person) error) error {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	p := c.e.st.person(c.userID)
	if p == nil {
		return fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	return act(p)
}

// message finds a message of this conversation, or of a group that the customer is in.
func (c *Chat) message(id string) (*Message, error) {
	m := c.e.index[id]
	if m == nil || m.Number != c.number.PhoneNumberID {
		return nil, fmt.Errorf("message of the emulator: %w", errs.ErrNotFound)
	}
	if m.GroupID != "" {
		if g := c.e.st.group(m.GroupID); g == nil || !g.member(c.userID) {
			return nil, fmt.Errorf("message of the emulator: %w", errs.ErrNotFound)
		}
		return m, nil
	}
	if !slices.Contains(c.e.st.person(c.userID).Messages, m) {
		return nil, fmt.Errorf("message of the emulator: %w", errs.ErrNotFound)
	}
	return m, nil
}

// WindowOpen tells whether the business may send freely to this customer now.
func (c *Chat) WindowOpen() bool {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.e.windowOpen(c.userID, c.number)
}

// BusinessTyping tells whether the business shows that it is typing.
func (c *Chat) BusinessTyping() bool {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.e.st.chat(c.userID, c.number.PhoneNumberID).TypingUntil.After(c.e.clock.Now())
}
