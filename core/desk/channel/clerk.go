package channel

import (
	"context"
	"time"
)

// Command is what one of our own people asked of Puente in words.
type Command struct {
	Ref      Ref    // the conversation that it was written in; zero in a chat with Puente
	ID       string // the message; opaque, stable over repetitions
	By       Party
	Operator bool   // By may change what concerns everybody
	Name     string // the first word, in lower case
	Text     string // what follows it
	Target   string // the message that it is a reply to; ""
	Mentions []string
	At       time.Time
}

// Press is a button of a conversation's card that one of our own people pressed.
type Press struct {
	Ref    Ref
	ID     string // opaque, stable over repetitions
	By     Party
	Button string // as Face.Buttons named it
	At     time.Time
}

// Verb is a command as the help lists it.
type Verb struct {
	Name, Args, Help string
	Room             bool // it is one for a conversation's room
	Chat             bool // it is one for a chat with Puente
	Operator         bool // only for those who may change what concerns everybody
}

// Commands does what our own people ask for in words. An error's errs.Message is shown to whoever asked; an errs.Temporary
// is tried again.
type Commands interface {
	// Verbs lists the commands in the order of the help.
	Verbs() []Verb
	// Run does a command and returns what to answer in plain text; "" if the room shows it by itself.
	Run(ctx context.Context, cmd Command) (answer string, err error)
}

// Clerk does what our own people ask for, in words or by a card's buttons.
type Clerk interface {
	Commands
	// Press does what a card's button stands for.
	Press(ctx context.Context, press Press) (answer string, err error)
}
