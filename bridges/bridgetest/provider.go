package bridgetest

import (
	"context"
)

// Provider plays one network in the suite: the provider's servers, which are the network's emulator, and the phones of
// the business's customers. It speaks the suite's words; how the network says them is its own business.
//
// Everything may be called from several goroutines at once. What the network does not have returns an error that is
// errs.ErrUnsupported, and does nothing; whether that is right, the suite reads off network.Capabilities.
type Provider interface {
	// Start brings the emulated provider up, for a Puente whose listener is at puenteURL ("http://127.0.0.1:29330",
	// no slash at the end), so that webhooks go to puenteURL + "/" + the network's ID + the bridge's path. It is called
	// once, before Puente runs; the provider outlives all of Puente's restarts and keeps for it what it cannot deliver.
	Start(ctx context.Context, puenteURL string) error
	// Stop ends everything that Start began, and waits for it.
	Stop()
	// Config fills in the network's part of Puente's config: into is what the bridge gives to network.Env.Config. It is
	// called after Start, at each start of Puente. Waiting times should be short, typing and the like switched on.
	Config(into any) error
	// Login says how an operator connects the business's account.
	Login() Login
	// Traits says what no declaration of capabilities can.
	Traits() Traits
	// Secrets are what must stand in no log: tokens, secrets, the business's own numbers. It is asked at the end.
	Secrets() []string

	// Customer puts somebody new into the network's world, who has not written to the business yet.
	Customer(ctx context.Context, who Person) (Customer, error)
	// Group makes a group with the business and some customers in it, and returns its ID for acts in it.
	Group(ctx context.Context, name string, members ...Customer) (groupID string, err error)

	// Hold keeps back all that customers do from now on, until Release. What goes out to them is not held up.
	Hold() error
	// Release delivers what was kept back, in the given way, and lets what comes later go as usual. A way that the
	// network's transport does not know is an errs.ErrUnsupported, and everything stays held.
	Release(ctx context.Context, way Delivery) error
	// Forge delivers, past Puente's guards if they fail, a well-formed message of a customer with the text ForgedText,
	// in every wrong way that there is: no signature, a false one, another secret. It returns the HTTP status of each
	// by a name of the way. errs.ErrUnsupported: the network has no webhooks.
	Forge(ctx context.Context) (statuses map[string]int, err error)
	// Garble delivers something that the provider would never send and that cannot be read, rightly signed.
	// errs.ErrUnsupported: Puente fetches by itself, and what it fetches cannot be garbled in part.
	Garble(ctx context.Context) error

	// Revoke makes the provider refuse the business's credentials, whatever is asked, as if somebody had withdrawn them.
	Revoke(ctx context.Context) error
	// Restore takes the same credentials again. Login must work after it.
	Restore(ctx context.Context) error
}

// ForgedText is what forged messages say; the suite looks for it everywhere and must not find it.
const ForgedText = "forged marzipan"

// Traits are facts about a network which the suite cannot read off its capabilities.
type Traits struct {
	// ExactlyOnce: the bridge can find out what became of a message whose answer was lost, so that it is never sent
	// twice. Without it the suite allows a second copy then, and then only.
	ExactlyOnce bool
	// Avatars: the network shows a picture of a customer to the business (Person.Avatar).
	Avatars bool
	// GroupNames: the network tells what a group is called.
	GroupNames bool
	// NameIsShown, if not nil, says how the room's ghost is called for a customer named so; nil: exactly so.
	NameIsShown func(name string) string
	// Patience is how many times the suite's usual waiting a check may take, for networks whose own waiting times
	// cannot be made short; 0 is 1.
	Patience int
}

// Person is somebody whom the suite wants.
type Person struct {
	// Name is what the person is called on the network.
	Name string
	// Avatar is the person's picture, a PNG; nil: none. Networks without pictures pass it over.
	Avatar []byte
	// Trouble is how sending to this person goes wrong.
	Trouble Trouble
}

// Trouble is one way in which what the business sends to a customer goes wrong at the provider. Where the emulator
// chooses the failure by a magic number, the provider picks that number.
type Trouble string

// The troubles. What a customer with a trouble sends arrives as usual. "Each message" counts what an agent sent, however
// often the bridge tries; sending includes files, reactions and edits where that is natural.
const (
	// NoTrouble: everything goes well.
	NoTrouble Trouble = ""
	// RateLimited: each message is refused once as too fast, to be tried again in at most a second or two, then taken.
	RateLimited Trouble = "rate limited"
	// DownOnce: each message meets a fault of the provider (HTTP 5xx, an I/O error) once, then it is taken.
	DownOnce Trouble = "down once"
	// Down: the provider has a fault for good.
	Down Trouble = "down"
	// Cut: each message is taken and reaches the phone, but the answer to the first try never comes: the connection
	// breaks instead. Later tries of the same message are taken as new ones, as the network would.
	Cut Trouble = "answer cut"
	// Garbled: the same, but the first answer is something that cannot be read instead (HTML, half of a JSON).
	Garbled Trouble = "answer garbled"
	// Blocked: the customer has blocked the business, or left: the provider refuses for good and says why.
	Blocked Trouble = "blocked"
)

// Troubles lists them all but NoTrouble.
func Troubles() []Trouble { return []Trouble{RateLimited, DownOnce, Down, Cut, Garbled, Blocked} }

// Delivery is a way in which what was held back is delivered.
type Delivery struct {
	Twice    bool // everything comes a second time, as after an answer that was lost
	Reversed bool // the newest first
	Together bool // as much as possible in one request, or in one go
}

// Login is what an operator does in the chat with @puente to connect the business's account.
type Login struct {
	// Flow is the flow's ID, written behind `login <network>`; empty if there is one only.
	Flow string
	// Answers are what the operator answers to the questions, one after another.
	Answers []string
	// Wrong are answers with which the provider refuses the account; nil if nothing that is typed can be wrong.
	Wrong []string
	// Shown, if not nil, is called with each text that @puente answers while the login goes on, the last one included:
	// a link to open on the phone, a secret to give to the other system. It does what the person would do with it.
	Shown func(ctx context.Context, text string) error
}

// Customer is somebody on the network with a phone.
type Customer interface {
	// Do lets the customer do something, and returns the provider's ID of the message that came of it; empty if none
	// did. It does not wait for Puente. An act, or a part of it (a style, a kind of file, a group), that customers of
	// this network do not have is an errs.ErrUnsupported.
	Do(ctx context.Context, act Act) (messageID string, err error)
	// Wait returns what the phone shows as soon as fact holds for it, or, with what it shows then, the error of ctx.
	// fact may be called any number of times and must not call back.
	Wait(ctx context.Context, fact func(Phone) bool) (Phone, error)
	// Secrets are what must stand in no log: the phone number, in the spelling of the provider.
	Secrets() []string
}
