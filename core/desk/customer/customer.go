// Package customer keeps who the business talks to: one customer with many handles over all networks, what is known of
// them, and that two of them are one.
package customer

import (
	"maps"
	"slices"
	"time"
)

// Customer is one person, or whoever else writes to the business, over all networks.
type Customer struct {
	ID   string // "cus_…"
	Name string // as the team sees it; "" if nobody knows
	// NamedBy is who gave the name: "" the network, whose name it then follows, else one of the team, whose word stays.
	NamedBy    string
	Language   string            // a BCP 47 tag: "de-AT"; "" if nobody knows
	Attributes map[string]string // never nil
	Labels     []string          // sorted
	Preferred  string            // the ID of the network that this person wants to be written to on; "" for none
	// PreferredBy is who said so: one of the team, or the customer by their own ID.
	PreferredBy string
	Blocked     time.Time // since when nothing of theirs is wanted; zero if they are not blocked
	MergedInto  string    // the customer that this one is part of now; "" if it stands for itself
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Contact is one handle of a customer: by what one network knows them.
type Contact struct {
	Network   string // the network's ID: "whatsapp"
	Person    string // stable and opaque; no phone number
	Customer  string // the customer whose handle it is
	Name      string // as the network tells it; may be empty
	CreatedAt time.Time
}

// clone returns a copy that can be changed alone.
func (c Customer) clone() Customer {
	c.Attributes = maps.Clone(c.Attributes)
	if c.Attributes == nil {
		c.Attributes = map[string]string{}
	}
	c.Labels = slices.Clone(c.Labels)
	return c
}

// same tells whether nothing but the times of the two differs.
func (c Customer) same(other Customer) bool {
	return c.Name == other.Name && c.NamedBy == other.NamedBy && c.Language == other.Language &&
		maps.Equal(c.Attributes, other.Attributes) && slices.Equal(c.Labels, other.Labels) &&
		c.Preferred == other.Preferred && c.PreferredBy == other.PreferredBy &&
		c.Blocked.Equal(other.Blocked) && c.MergedInto == other.MergedInto
}

// addLabel puts a label in its place; one that is there stays.
func (c *Customer) addLabel(label string) {
	if at, found := slices.BinarySearch(c.Labels, label); !found {
		c.Labels = slices.Insert(c.Labels, at, label)
	}
}

func (c *Customer) removeLabel(label string) {
	if at, found := slices.BinarySearch(c.Labels, label); found {
		c.Labels = slices.Delete(c.Labels, at, at+1)
	}
}

// settle makes a customer fit their contacts after some have come or gone: whom nobody in the team has named is called as
// one of the networks calls them, and nobody prefers a network on which they are not.
func (c *Customer) settle(contacts []Contact) {
	if !reaches(contacts, c.Preferred) {
		c.Preferred, c.PreferredBy = "", ""
	}
	if c.NamedBy == "" && !slices.ContainsFunc(contacts, func(contact Contact) bool { return contact.Name == c.Name }) {
		c.Name = firstName(contacts)
	}
}

// reaches tells whether one of the contacts is on the network.
func reaches(contacts []Contact, network string) bool {
	return slices.ContainsFunc(contacts, func(contact Contact) bool { return contact.Network == network })
}

// firstName is the name of the oldest contact that has one.
func firstName(contacts []Contact) string {
	for _, contact := range contacts {
		if contact.Name != "" {
			return contact.Name
		}
	}
	return ""
}
