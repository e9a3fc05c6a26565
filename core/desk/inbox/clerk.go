package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// Do does what a command asks for, and returns what to answer. c is the conversation that it was given in; nil for a command
// that is one for chats too.
type Do func(ctx context.Context, cmd channel.Command, c *Conversation) (answer string, err error)

// Verb is a command with what it does.
type Verb struct {
	channel.Verb
	Do Do
}

// Clerk runs the commands of one part of the desk, each with the conversation that it was given in. It implements
// channel.Commands.
type Clerk struct {
	inbox *Inbox
	verbs []Verb
}

var _ channel.Commands = Clerk{}

// NewClerk makes a clerk who knows these commands.
func NewClerk(i *Inbox, verbs []Verb) Clerk { return Clerk{inbox: i, verbs: verbs} }

// Verbs implements channel.Commands.
func (c Clerk) Verbs() []channel.Verb {
	list := make([]channel.Verb, len(c.verbs))
	for n, one := range c.verbs {
		list[n] = one.Verb
	}
	return list
}

// Run implements channel.Commands.
func (c Clerk) Run(ctx context.Context, cmd channel.Command) (string, error) {
	index := slices.IndexFunc(c.verbs, func(v Verb) bool { return v.Name == cmd.Name })
	if index < 0 {
		return "", fmt.Errorf("command %q: %w", cmd.Name, errs.ErrUnsupported)
	}
	asked := c.verbs[index]
	cmd.Text = storable(cmd.Text)
	switch {
	case asked.Chat:
		return asked.Do(ctx, cmd, nil)
	case cmd.Ref.Room == "":
		return "", errs.Tell(fmt.Errorf("command %q in a chat: %w", cmd.Name, errs.ErrUnsupported), "write that in a conversation's room.")
	}
	found, err := c.inbox.store.byRoom(ctx, cmd.Ref.Room)
	if err != nil {
		return "", errs.Tell(err, "nothing is known of this conversation yet. Try again when the customer has written.")
	}
	return asked.Do(ctx, cmd, found)
}

// storable leaves out of a text what PostgreSQL does not take.
func storable(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}
