package network

import (
	"context"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/id"
)

// Commander is implemented by a connector with commands of its own, which the hub lists in its help.
type Commander interface {
	Commands() []Command
}

// Command is one word that people may write. In a conversation's room: `!puente trust`, by any agent. In the chat
// with @puente: `signal captcha …`, by operators only.
type Command struct {
	Name string // one lower-case word
	Args string // for the help: "<safety number>"
	Help string // for the help: what it does
	// InRoom makes it a command of the network's conversations; without it, it is one for operators.
	InRoom bool
	// Run does it and returns what to answer, in Markdown; empty: nothing. Words for people belong into
	// errs.Tell; an errs.Temporary is tried again.
	Run func(ctx context.Context, call Call) (answer string, err error)
}

// Call is a command as somebody gave it.
type Call struct {
	Sender  id.UserID
	EventID id.EventID
	Args    string // behind the command's name, trimmed
	// Portal and Login are the conversation and its account, for a command in a room; nil otherwise.
	Portal *bridgev2.Portal
	Login  *bridgev2.UserLogin
	// ReplyTo is the message that the command answers, if it is one that bridgev2 knows.
	ReplyTo id.EventID
}

// Operators are the people who run Puente, in their own room.
type Operators interface {
	// Tell says something that an operator must know or do, in Markdown: what happened, and how to mend it. What was
	// last said under the same key is not said again until something else was: a key is one account and one matter,
	// "signal:<login>:captcha". It returns when the message is kept for sending, and has no error that a bridge
	// could mend.
	Tell(ctx context.Context, key, markdown string)
}
