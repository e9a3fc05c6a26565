package inbox

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"puente/core/desk/channel"
	"puente/core/desk/customer"
)

// person is what a card shows of a conversation's customer; empty for a group.
type person struct {
	lines []string // in Markdown
	views []string // the customer's own space, if there is one
}

func customerKey(id string) string { return "customer:" + id }

// person says what is known of the customer, and where else this person writes.
func (i *Inbox) person(ctx context.Context, c *Conversation) (person, error) {
	if c.Customer == "" {
		return person{}, nil
	}
	who, err := i.Customers.Get(ctx, c.Customer)
	if err != nil {
		return person{}, err
	}
	var found person
	if line := i.aboutCustomer(who); line != "" {
		found.lines = append(found.lines, line)
	}
	all, err := i.store.list(ctx, byCustomerQuery, who.ID)
	if err != nil || len(all) < 2 {
		return found, err
	}
	link, err := i.showCustomer(ctx, who, all)
	if err != nil {
		return person{}, err
	}
	found.views = []string{customerKey(who.ID)}
	found.lines = append(found.lines, "Also on "+i.otherChannels(c, all)+" · [all conversations of this customer]("+link+")")
	return found, nil
}

// otherChannels are the customer's other conversations, with when this person wrote there last.
func (i *Inbox) otherChannels(c *Conversation, all []*Conversation) string {
	var list []string
	for _, other := range all {
		if other.ID == c.ID {
			continue
		}
		text := "[" + i.Rooms.NetworkName(other.Ref.Network) + "](" + i.Rooms.Link(other.Ref, "") + ")"
		if !other.LastIn.IsZero() {
			text += " (last wrote " + other.LastIn.In(i.zone()).Format("2 Jan 2006") + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// showCustomer keeps the customer's own space, in which all of this person's rooms are, and returns its link. Nobody is
// invited, since there may be thousands of them: whoever is in one of the rooms may come in.
func (i *Inbox) showCustomer(ctx context.Context, who customer.Customer, all []*Conversation) (string, error) {
	view := channel.View{Key: customerKey(who.ID), Name: cmp.Or(who.Name, nameless), Topic: "All conversations of this customer"}
	for _, one := range all {
		view.Rooms = append(view.Rooms, one.Ref.Room)
	}
	slices.Sort(view.Rooms)
	if err := i.Rooms.ShowView(ctx, view); err != nil {
		return "", err
	}
	return i.Rooms.ViewLink(ctx, view.Key)
}

// aboutCustomer is what is known of the customer in one line; empty if nothing is.
func (i *Inbox) aboutCustomer(who customer.Customer) string {
	var parts []string
	if !who.Blocked.IsZero() {
		parts = append(parts, "**blocked**")
	}
	if len(who.Labels) > 0 {
		parts = append(parts, "customer: "+Plain(strings.Join(who.Labels, ", ")))
	}
	if who.Language != "" {
		parts = append(parts, "language "+Plain(who.Language))
	}
	if who.Preferred != "" {
		parts = append(parts, "prefers "+Plain(i.Rooms.NetworkName(who.Preferred)))
	}
	return strings.Join(parts, " · ")
}
