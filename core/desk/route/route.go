// Package route is one customer over all channels: who is the same person as whom, by which channel this person is
// written to, and which conversations are linked with each other.
package route

import (
	"context"
	"fmt"
	"strings"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/customer"
	"puente/core/desk/inbox"
)

// Options is what a router is made of.
type Options struct {
	// Fallback sends what a network could not deliver by the customer's next channel.
	Fallback bool
	// Called is what people call the networks.
	Called    []Called
	DB        *dbutil.Database
	Inbox     *inbox.Inbox
	Customers *customer.Customers
	Consent   *consent.Ledger
	Audit     *audit.Log
	Rooms     channel.Rooms
	Clock     clock.Clock
	Log       zerolog.Logger
}

// Router implements channel.Commands and channel.Listener.
type Router struct {
	Options
	inbox.Clerk
	preferences preferences
}

// New makes a router.
func New(opts Options) *Router {
	r := &Router{Options: opts, preferences: preferencesOf(opts.Called)}
	r.Clerk = inbox.NewClerk(opts.Inbox, r.commands())
	return r
}

// commands are the router's.
func (r *Router) commands() []inbox.Verb {
	room := func(name, args, help string, run inbox.Do) inbox.Verb {
		return inbox.Verb{Verb: channel.Verb{Name: name, Args: args, Help: help, Room: true}, Do: run}
	}
	// A group has no one customer whom a command could be about.
	person := func(name, args, help string, run inbox.Do) inbox.Verb {
		return room(name, args, help, func(ctx context.Context, cmd channel.Command, c *inbox.Conversation) (string, error) {
			if c.Customer == "" {
				return "", errs.Tell(fmt.Errorf("%s in a group: %w", name, errs.ErrUnsupported), "this is a group; the command is for a conversation with one customer.")
			}
			return run(ctx, cmd, c)
		})
	}
	return []inbox.Verb{
		person("customer", "", "what is known of the customer", r.about),
		person("name", "<name>", "call the customer otherwise", r.rename),
		person("language", "<tag>", "the customer's language, such as es or pt-BR", r.language),
		person("attribute", "<key> [value]", "note something of the customer; without a value it is deleted", r.attribute),
		person("tag", "<label> … -<label> …", "labels of the customer, in all conversations", r.tag),
		person("block", "", "nothing is sent to this customer any more", r.block),
		person("unblock", "", "write to this customer again", r.unblock),
		person("consent", "[in | out] [purpose]", "what the customer agreed to; note what they told you otherwise", r.consent),
		person("same", "", "who may be the same person", r.same),
		person("merge", "<name or ID>", "this customer and that one are the same person", r.merge),
		person("unmerge", "<ID>", "they are not the same after all", r.unmerge),
		person("split", "", "take this channel out of the customer: it is somebody else's", r.split),
		person("prefer", "<channel | none>", "the channel on which the customer wants to be written to", r.prefer),
		person("via", "<channel> <text>", "answer on another of the customer's channels", r.via),
		room("link", "<channel> <name> [| words to both]", "join this conversation with another one: each side reads the other", r.link),
		room("unlink", "", "end the link", r.unlink),
		{Verb: channel.Verb{Name: "find", Args: "<name, label or attribute>", Help: "look for a customer", Chat: true}, Do: r.find},
	}
}

// words are what a command's text says, without the spaces around it.
func words(cmd channel.Command) string { return strings.TrimSpace(cmd.Text) }
