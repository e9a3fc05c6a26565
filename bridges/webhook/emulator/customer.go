package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// Customer is somebody who uses the widget.
type Customer struct {
	ID      string // the system's own; its ending may be one of Magic
	Name    string
	Phone   string // "+16505551234"; may be empty
	Picture []byte // a PNG or JPEG; may be empty
}

// AddCustomer puts somebody into the system; without an ID one is made up.
func (e *Emulator) AddCustomer(c Customer) (Customer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.ID == "" {
		c.ID = e.st.next("cus")
	}
	if c.Name == "" {
		return Customer{}, fmt.Errorf("customer of the emulator without a name: %w", errs.ErrInvalid)
	} else if _, err := e.st.person(c.ID); err == nil {
		return Customer{}, fmt.Errorf("customer of the emulator: %w", errs.ErrConflict)
	}
	made := &person{ID: c.ID, Name: c.Name, Phone: c.Phone}
	if len(c.Picture) > 0 {
		made.Picture = e.keep("image/png", "picture.png", c.Picture).ID
	}
	e.st.People = append(e.st.People, made)
	e.st.Chats = append(e.st.Chats, &chat{ID: privateChat(c.ID), Members: []string{c.ID}})
	e.touch()
	return c, nil
}

// privateChat is the ID of a customer's own conversation with the business.
func privateChat(customerID string) string { return "con-" + customerID }

// AddGroup makes a conversation of several customers with the business, and tells Puente of it.
func (e *Emulator) AddGroup(name string, members ...string) (chatID string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if name == "" || len(members) == 0 {
		return "", fmt.Errorf("group of the emulator: a name and members are needed: %w", errs.ErrInvalid)
	}
	made := &chat{ID: e.st.next("grp"), Name: name, Members: slices.Clone(members)}
	var list []any
	for _, id := range members {
		p, err := e.st.person(id)
		if err != nil {
			return "", err
		}
		list = append(list, e.from(p))
	}
	e.st.Chats = append(e.st.Chats, made)
	e.enqueue(&update{Event: object{
		"id": e.st.next("evt"), "type": "conversation.updated", "sent_at": e.stamp(),
		"conversation": object{"id": made.ID, "name": name, "members": list},
	}})
	return made.ID, nil
}

// from is a person as an event names them. The caller holds mu.
func (e *Emulator) from(p *person) object {
	out := object{"id": p.ID, "name": p.Name}
	if p.Phone != "" {
		out["phone"] = p.Phone
	}
	if p.Picture != "" {
		out["avatar_url"] = e.fileURL(p.Picture)
	}
	return out
}
