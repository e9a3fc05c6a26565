// Package send is the one gate through which everything passes that leaves for a customer, whoever wrote it: one of the
// team in any Matrix client, Puente by a command or a rule, a program through the API. A refusal says why, and what to
// do instead.
//
// What is asked, in this order: is the customer blocked; does the customer allow what it is for (consent); does the network
// let us write now (its window); may this agent write (the team, the assignee). Before the gate the hub has kept back what
// stays among the team. Behind it bridgev2 and the bridge ask what only they know: whether the account is connected, and
// whether the network takes this type and size.
package send

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
	"puente/core/desk/inbox"
)

// Policy says what the assignee of a conversation means for who may write there.
type Policy string

// The policies.
const (
	Anyone       Policy = "off"
	Warn         Policy = "warn"     // others may, and are told whose it is
	OnlyAssignee Policy = "assignee" // others may not
)

// Options is what a gate is made of.
type Options struct {
	Policy    Policy
	Inbox     *inbox.Inbox
	Customers *customer.Customers
	Consent   *consent.Ledger
	Rooms     channel.Rooms
	Clock     clock.Clock
	Log       zerolog.Logger
}

// Gate implements channel.Gate.
type Gate struct{ Options }

var _ channel.Gate = (*Gate)(nil)

// New makes a gate.
func New(opts Options) *Gate { return &Gate{Options: opts} }

// passage is one thing that wants to leave.
type passage struct {
	*Gate
	channel.Outgoing
	conversation *inbox.Conversation
	customer     customer.Customer // zero for a group
}

// MayLeave implements channel.Gate.
func (g *Gate) MayLeave(ctx context.Context, out channel.Outgoing) error {
	if out.Content.Kind == "deletion" {
		return nil // taking something back is never refused
	}
	p, err := g.passage(ctx, out)
	if err != nil {
		return err
	}
	for _, ask := range []func(context.Context) error{p.blocked, p.allowed, p.open, p.theirs} {
		if err = ask(ctx); err != nil {
			return orLater(err)
		}
	}
	return nil
}

// passage finds out what is to be known of what wants to leave.
func (g *Gate) passage(ctx context.Context, out channel.Outgoing) (*passage, error) {
	found, err := g.Inbox.Find(ctx, out.Ref.Room)
	if errors.Is(err, errs.ErrNotFound) {
		return nil, errs.Tell(errs.Final(fmt.Errorf("conversation of %s: %w", out.Ref.Room, errs.ErrNotFound)), "this room is no conversation that Puente knows.")
	} else if err != nil {
		return nil, orLater(err)
	}
	p := &passage{Gate: g, Outgoing: out, conversation: found}
	if found.Customer != "" {
		if p.customer, err = g.Customers.Get(ctx, found.Customer); err != nil {
			return nil, orLater(err)
		}
	}
	return p, nil
}

// orLater has it asked again later what could not be found out: only what says why to people is a refusal.
func orLater(err error) error {
	if _, again := errs.IsTemporary(err); again || errs.IsFinal(err) || errs.Message(err) != "" {
		return err
	}
	return errs.Temporary(err, 0)
}

func (p *passage) blocked(context.Context) error {
	if p.customer.Blocked.IsZero() {
		return nil
	}
	return errs.Tell(fmt.Errorf("send to a blocked customer: %w", errs.ErrForbidden), "this customer is blocked. `!puente unblock` lets you write again.")
}

// theirs asks whether it is this agent's to write here. It is the last question: to answer what is nobody's is to take it.
func (p *passage) theirs(ctx context.Context) error {
	if p.Again || p.From.ID == "" {
		return nil
	}
	standing, err := p.Inbox.Standing(ctx, p.conversation, p.From.ID)
	switch {
	case err != nil:
		return err
	case standing == inbox.Outside:
		return errs.Tell(fmt.Errorf("send by somebody outside of the team: %w", errs.ErrForbidden),
			"only the team writes to customers. `!puente guest "+p.From.ID+" 2h`, by one of them, lets you write for a time.")
	}
	if p.Content.Kind == "reaction" || standing == inbox.Guest {
		return nil // a guest is asked in for what somebody else has
	}
	assignee, err := p.Inbox.ClaimIfFree(ctx, p.conversation, p.From.ID)
	if err != nil || assignee == p.From.ID {
		return err
	}
	switch {
	case p.Policy == OnlyAssignee && assignee == "":
		return errs.Tell(fmt.Errorf("send where nobody is the assignee: %w", errs.ErrForbidden),
			"nobody has this conversation. Take it with ✋ on the card or `!puente claim`, then send it again.")
	case p.Policy == OnlyAssignee:
		return errs.Tell(fmt.Errorf("send where another is the assignee: %w", errs.ErrForbidden),
			p.Inbox.AgentName(ctx, assignee)+" has this conversation. `!puente assign me` takes it over; `!puente note …` says it among you.")
	case p.Policy == Warn && assignee != "":
		p.warn(ctx, assignee)
	}
	return nil
}

// warn tells an agent whose conversation it is, once as long as it is that one's. That it cannot be told holds nothing up.
func (p *passage) warn(ctx context.Context, assignee string) {
	key := fmt.Sprintf("warn:%s:%s:%s:%d", p.conversation.ID, p.From.ID, assignee, p.conversation.AssignedAt.UnixMilli())
	err := p.Rooms.Notify(ctx, p.Ref, key, p.ID, "ℹ️ "+p.Inbox.AgentName(ctx, assignee)+" has this conversation. Your message is sent all the same.")
	if err != nil {
		p.Log.Warn().Err(err).Str("conversation", p.conversation.ID).Msg("Could not tell an agent whose conversation it is")
	}
}

// allowed asks whether the customer wants what it is for. What people write answers the customer; a template is for what
// its category says.
func (p *passage) allowed(ctx context.Context) error {
	if p.customer.ID == "" {
		return nil
	}
	purpose, err := p.purpose(ctx)
	if err != nil || purpose == consent.Answer {
		return err
	}
	decision, err := p.Consent.Allowed(ctx, p.customer.ID, p.Network, purpose)
	if errors.Is(err, errs.ErrInvalid) {
		return errs.Tell(fmt.Errorf("send for a purpose that nobody can agree to: %w", err), fmt.Sprintf("its purpose, %q, is none that this company knows.", purpose))
	} else if err != nil || decision.Allowed {
		return err
	}
	words := fmt.Sprintf("this customer has not agreed to %s on %s. `!puente consent in %s` notes that they did; a message of theirs may be answered in any case.", purpose, p.Rooms.NetworkName(p.Network), purpose)
	if decision.Explicit {
		words = fmt.Sprintf("this customer does not want %s (since %s). A message of theirs may be answered in any case.", purposeWords(decision.Entry.Purpose), decision.Entry.At.Format("2 January 2006"))
	}
	return errs.Tell(fmt.Errorf("send for %s without consent: %w", purpose, errs.ErrForbidden), words)
}

// purposeWords are what a customer does not want any more.
func purposeWords(purpose consent.Purpose) string {
	if purpose == consent.Everything {
		return "messages that answer nothing"
	}
	return string(purpose)
}

// purpose is what it is for.
func (p *passage) purpose(ctx context.Context) (consent.Purpose, error) {
	switch {
	case p.Purpose != "":
		return consent.Purpose(p.Purpose), nil
	case p.Template == "":
		return consent.Answer, nil
	}
	list, err := p.Rooms.Templates(ctx, p.Ref)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(list, func(t channel.Template) bool { return t.Name == p.Template && purposeOf(t) == consent.Marketing }) {
		return consent.Marketing, nil // in one of its languages
	}
	return consent.Utility, nil
}

// purposeOf is what a template is for.
func purposeOf(t channel.Template) consent.Purpose {
	if t.Category == "MARKETING" {
		return consent.Marketing
	}
	return consent.Utility
}
