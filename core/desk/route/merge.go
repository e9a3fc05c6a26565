package route

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/customer"
	"puente/core/desk/inbox"
)

// Merge makes two customers one person, with all that either allowed or forbade.
func (r *Router) Merge(ctx context.Context, into, from, by string) error {
	return r.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		if err := r.Customers.Merge(ctx, into, from, by); err != nil {
			return err
		}
		return r.Consent.Move(ctx, from, into)
	})
}

// Unmerge makes a merged customer stand alone again.
func (r *Router) Unmerge(ctx context.Context, merged, by string) error {
	return r.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		if err := r.Customers.Unmerge(ctx, merged, by); err != nil {
			return err
		}
		conversations, err := r.idsOf(ctx, merged)
		if err != nil {
			return err
		}
		return r.Consent.MoveBack(ctx, merged, conversations)
	})
}

// Split makes a customer of their own of one contact, with what they allowed or forbade in the conversations that go along.
func (r *Router) Split(ctx context.Context, network, person, by string) (made customer.Customer, err error) {
	err = r.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		before, err := r.Customers.ByContact(ctx, network, person)
		if err != nil {
			return errs.Tell(err, "No customer has this contact.")
		}
		if made, err = r.Customers.Split(ctx, network, person, by); err != nil {
			return err
		}
		conversations, err := r.idsOf(ctx, made.ID)
		if err != nil {
			return err
		}
		return r.Consent.Copy(ctx, before.ID, made.ID, conversations)
	})
	return made, err
}

// idsOf are the IDs of a customer's conversations.
func (r *Router) idsOf(ctx context.Context, id string) (conversations []string, err error) {
	list, err := r.Inbox.OfCustomer(ctx, id)
	for _, one := range list {
		conversations = append(conversations, one.ID)
	}
	return conversations, err
}

// merge makes another customer part of this room's.
func (r *Router) merge(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	if words(cmd) == "" {
		return "", errs.Tell(fmt.Errorf("merge: %w", errs.ErrInvalid), "write who is the same person: `!puente merge Ana Müller`. `!puente same` suggests some.")
	}
	list, err := r.Customers.Find(ctx, words(cmd), mostFound)
	if err != nil {
		return "", err
	}
	var others []string
	other := ""
	for _, one := range list {
		if one.ID == c.Customer {
			continue
		}
		line, err := r.customerLine(ctx, one)
		if err != nil {
			return "", err
		}
		others, other = append(others, line), one.ID
	}
	switch len(others) {
	case 0:
		return "", errs.Tell(fmt.Errorf("customer to merge with: %w", errs.ErrNotFound), "no other customer is called that.")
	case 1:
	default:
		return "", errs.Tell(fmt.Errorf("customer to merge with: %w", errs.ErrInvalid), "several are called that; write the ID:\n"+strings.Join(others, "\n"))
	}
	if err = r.Merge(ctx, c.Customer, other, cmd.By.ID); err != nil {
		return "", err
	}
	return "They are one customer now. `!puente unmerge " + other + "` takes it back.", nil
}

func (r *Router) unmerge(ctx context.Context, cmd channel.Command, _ *inbox.Conversation) (string, error) {
	if words(cmd) == "" {
		return "", errs.Tell(fmt.Errorf("unmerge: %w", errs.ErrInvalid), "write the ID that the merge named: `!puente unmerge cus_…`.")
	}
	return "They are two customers again.", r.Unmerge(ctx, words(cmd), cmd.By.ID)
}

// split makes a customer of its own of whoever writes in this room.
func (r *Router) split(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
	contacts, err := r.Customers.Contacts(ctx, c.Customer)
	if err != nil {
		return "", err
	}
	contacts = slices.DeleteFunc(contacts, func(one customer.Contact) bool { return one.Network != c.Ref.Network })
	at := slices.IndexFunc(contacts, func(one customer.Contact) bool { return one.Person == c.Ref.Chat })
	switch {
	case at < 0 && len(contacts) == 1:
		at = 0
	case at < 0:
		return "", errs.Tell(fmt.Errorf("split of one of %d contacts: %w", len(contacts), errs.ErrInvalid),
			fmt.Sprintf("the customer has %d contacts on %s, and it does not say which of them writes here.", len(contacts), r.Rooms.NetworkName(c.Ref.Network)))
	}
	person := contacts[at].Person
	made, err := r.Split(ctx, c.Ref.Network, person, cmd.By.ID)
	if err != nil {
		return "", err
	}
	return "Whoever writes here is a customer of their own now (" + made.ID + ").", nil
}

// same suggests who may be the same person.
func (r *Router) same(ctx context.Context, _ channel.Command, c *inbox.Conversation) (string, error) {
	list, err := r.Customers.Suggestions(ctx, c.Customer, 0)
	if errors.Is(err, errs.ErrNotFound) || (err == nil && len(list) == 0) {
		return "Nobody looks like the same person. `!puente merge <name>` merges whom you know to be.", nil
	} else if err != nil {
		return "", err
	}
	var lines []string
	for _, one := range list {
		line, err := r.customerLine(ctx, one.Customer)
		if err != nil {
			return "", err
		}
		var reasons []string
		for _, reason := range one.Reasons {
			reasons = append(reasons, "same "+string(reason))
		}
		lines = append(lines, fmt.Sprintf("%s – %s: `!puente merge %s`", line, strings.Join(reasons, ", "), one.Customer.ID))
	}
	return strings.Join(lines, "\n"), nil
}
