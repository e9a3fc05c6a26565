package customer

import (
	"context"
	"fmt"
	"time"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/desk/audit"
)

// object is what the audit log calls a customer.
const object = "customer"

// Rename gives a customer a name that no network changes any more. "" gives the name back to the networks.
func (s *Customers) Rename(ctx context.Context, id, name, by string) error {
	name, err := parseName(name)
	if err != nil {
		return err
	}
	return s.change(ctx, id, by, "customer.renamed", func(ctx context.Context, one *Customer) error {
		if name != "" {
			if one.Name != name || one.NamedBy == "" { // or the network might change it
				one.Name, one.NamedBy = name, by
			}
			return nil
		}
		contacts, err := s.contactsOf(ctx, one.ID)
		one.NamedBy = ""
		one.settle(contacts)
		return err
	})
}

// SetLanguage notes the language that a customer is to be written to in, a BCP 47 tag; "" if nobody knows.
func (s *Customers) SetLanguage(ctx context.Context, id, tag, by string) error {
	tag, err := ParseLanguage(tag)
	if err != nil {
		return err
	}
	return s.change(ctx, id, by, "customer.language_set", func(_ context.Context, one *Customer) error {
		one.Language = tag
		return nil
	})
}

// SetAttribute notes something about a customer, such as "customer_number". An empty value removes it.
func (s *Customers) SetAttribute(ctx context.Context, id, key, value, by string) error {
	value = cleanValue(value)
	if err := CheckAttribute(key, value); err != nil {
		return err
	}
	return s.change(ctx, id, by, "customer.attribute_set", func(_ context.Context, one *Customer) error {
		return one.setAttribute(key, value)
	})
}

func (c *Customer) setAttribute(key, value string) error {
	if value == "" {
		delete(c.Attributes, key)
		return nil
	}
	if _, known := c.Attributes[key]; !known && len(c.Attributes) >= mostAttributes {
		return invalid("too many attributes", fmt.Sprintf("A customer has at most %d attributes; remove one first.", mostAttributes))
	}
	c.Attributes[key] = value
	return nil
}

// AddLabel labels a customer.
func (s *Customers) AddLabel(ctx context.Context, id, label, by string) error {
	if err := CheckLabel(label); err != nil {
		return err
	}
	return s.change(ctx, id, by, "customer.labelled", func(_ context.Context, one *Customer) error {
		if one.addLabel(label); len(one.Labels) > mostLabels {
			return invalid("too many labels", fmt.Sprintf("A customer has at most %d labels; remove one first.", mostLabels))
		}
		return nil
	})
}

// RemoveLabel takes a label away; one that is not there is none.
func (s *Customers) RemoveLabel(ctx context.Context, id, label, by string) error {
	return s.change(ctx, id, by, "customer.unlabelled", func(_ context.Context, one *Customer) error {
		one.removeLabel(label)
		return nil
	})
}

// Prefer notes on which network a customer wants to be written to; "" for none. by is the customer's own ID if they
// said so themselves.
func (s *Customers) Prefer(ctx context.Context, id, network, by string) error {
	return s.change(ctx, id, by, "customer.preferred", func(ctx context.Context, one *Customer) error {
		contacts, err := s.contactsOf(ctx, one.ID)
		if err != nil {
			return err
		}
		return one.prefer(network, by, contacts)
	})
}

func (c *Customer) prefer(network, by string, contacts []Contact) error {
	switch {
	case network == c.Preferred:
	case network == "":
		c.Preferred, c.PreferredBy = "", ""
	case !reaches(contacts, network):
		return invalid("preferred network without a contact", "This customer has no contact on that channel; choose one on which they have written.")
	default:
		c.Preferred, c.PreferredBy = network, by
	}
	return nil
}

// Block notes that nothing of a customer's is wanted any more.
func (s *Customers) Block(ctx context.Context, id, by string) error {
	return s.change(ctx, id, by, "customer.blocked", func(_ context.Context, one *Customer) error {
		one.block(true, s.clock.Now())
		return nil
	})
}

// Unblock undoes Block.
func (s *Customers) Unblock(ctx context.Context, id, by string) error {
	return s.change(ctx, id, by, "customer.unblocked", func(_ context.Context, one *Customer) error {
		one.block(false, s.clock.Now())
		return nil
	})
}

func (c *Customer) block(yes bool, now time.Time) {
	switch {
	case !yes:
		c.Blocked = time.Time{}
	case c.Blocked.IsZero():
		c.Blocked = fromMilli(now.UnixMilli())
	}
}

// change applies a change to a customer, or to the one that they were merged into, and notes it. If it changes nothing,
// nothing is written. apply may be called twice.
func (s *Customers) change(ctx context.Context, id, by, action string, apply func(context.Context, *Customer) error) error {
	if by == "" {
		return fmt.Errorf("%s by nobody: %w", action, errs.ErrInvalid)
	}
	before, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	if after := before.clone(); apply(ctx, &after) == nil && after.same(before) {
		return nil
	}
	return s.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		before, err := s.lock(ctx, before.ID)
		if err != nil {
			return err
		}
		after := before.clone()
		if err = apply(ctx, &after); err != nil || after.same(before) {
			return err
		}
		if err = s.save(ctx, before, after); err != nil {
			return err
		}
		return s.note(ctx, action, by, before, after)
	})
}

// note writes what is different in after into the audit log.
func (s *Customers) note(ctx context.Context, action, by string, before, after Customer) error {
	was, is := differences(before, after)
	return s.log.Write(ctx, audit.Entry{
		At: s.clock.Now(), Actor: by, Action: action, Object: object, ObjectID: after.ID, Before: was, After: is,
	})
}
