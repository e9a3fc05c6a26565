// Package delivery hands a message to a provider once, as far as the provider lets us. Providers have no idempotency
// key, so every attempt is noted before it begins, and what becomes of one whose end nobody knows is the network's
// to say: wait for a sign of it, or send again.
package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// Courier delivers the messages of one network.
type Courier struct {
	// Network is what people read in refusals: "WhatsApp".
	Network  string
	Outcomes network.Outcomes
	Clock    clock.Clock
	Log      zerolog.Logger
	// Grace is how long to wait for a sign that the provider has a message whose sending broke off; after it the
	// message is sent again. 0 sends it again at once: the network gives no sign, and a possible double is better
	// than a loss.
	Grace time.Duration
	// Away is the time before this start in which nobody listened: signs waited at the provider meanwhile, so it does not
	// count as grace. nil: there was none.
	Away func() (from, until time.Time)
	// Tries is how often a refusal of its kind may come before it is final; 0 means no limit. nil: no limit for any.
	Tries func(error) int

	mu sync.Mutex
	// taken are the provider's IDs of messages that it has and of which that could not be noted: the database is full or
	// gone. While the program runs they need no sign.
	taken map[id.EventID]string
	// underway are the messages that are being delivered now: bridgev2 stops waiting for a large file after some minutes and
	// lets its delivery go on, and the journal comes with the same message again.
	underway map[id.EventID]bool
	// broke is when the sending of a message broke off, as far as this process saw it.
	broke map[id.EventID]time.Time
	// limited is how often a message was refused with errors whose number Tries limits. A restart begins anew.
	limited map[id.EventID]int
}

// WithGrace is a courier for messages of the same network with another Grace.
func (c *Courier) WithGrace(grace time.Duration) *Courier {
	return &Courier{Network: c.Network, Outcomes: c.Outcomes, Clock: c.Clock, Log: c.Log, Grace: grace, Away: c.Away, Tries: c.Tries}
}

// Send hands a message over and returns the provider's ID of it. Its error says what became of the attempt: one of
// Unclear means that nobody knows; any other that the provider certainly does not have the message.
type Send func(ctx context.Context) (networkMessageID string, err error)

// signPatience is how long after the grace a sign that came in time may wait for its turn to be read. Something that
// cannot be dealt with at all must not hold the message up for ever.
const signPatience = 10 * time.Minute

// look is how soon a message whose fate is unknown is looked at again.
const look = 2 * time.Second

// unclear marks an attempt of which nobody knows how it ended.
type unclear struct{ err error }

func (u *unclear) Error() string { return u.err.Error() }
func (u *unclear) Unwrap() error { return u.err }

// Unclear marks err as one after which nobody knows whether the provider has the message: the connection broke, or
// the answer could not be read. Unclear(nil) is nil.
func Unclear(err error) error {
	if err == nil {
		return nil
	}
	return &unclear{err: err}
}

// IsUnclear tells whether err was marked by Unclear.
func IsUnclear(err error) bool {
	var u *unclear
	return errors.As(err, &u)
}

// Once sends the message of an event if the provider does not have it yet, and returns its ID at the provider.
// prepare makes the message: it reads, converts and uploads, and what it refuses was never sent. It runs again with
// every attempt. While one attempt is under way another one is told to come later.
func (c *Courier) Once(ctx context.Context, eventID id.EventID, roomID id.RoomID, prepare func(context.Context) (Send, error)) (networkMessageID string, err error) {
	if !c.enter(eventID) {
		return "", c.stillSending(eventID)
	}
	defer c.leave(eventID)
	networkMessageID, err = c.once(ctx, eventID, roomID, prepare)
	if _, again := errs.IsTemporary(err); !again {
		c.forget(eventID)
	}
	return networkMessageID, err
}

func (c *Courier) once(
	ctx context.Context, eventID id.EventID, roomID id.RoomID, prepare func(context.Context) (Send, error),
) (networkMessageID string, err error) {
	earlier, err := c.Outcomes.Look(ctx, eventID)
	if err != nil {
		return "", err
	} else if earlier.NetworkMessageID != "" {
		return earlier.NetworkMessageID, nil
	} else if taken := c.takenAs(eventID); taken != "" {
		return c.accepted(ctx, eventID, taken)
	} else if err = c.settle(ctx, eventID, earlier); err != nil {
		return "", err
	}
	send, err := prepare(ctx)
	if err != nil {
		return "", err
	}
	if earlier, err = c.Outcomes.Begin(ctx, network.Attempt{EventID: eventID, RoomID: roomID}); err != nil {
		return "", err
	} else if earlier.NetworkMessageID != "" { // its sign came while it was made ready again
		return earlier.NetworkMessageID, nil
	} else if !earlier.Unresolved.IsZero() { // another process, which has been replaced, is not done yet
		return "", c.stillSending(eventID)
	}
	networkMessageID, err = c.hand(ctx, eventID, send)
	if err != nil && c.tooOften(eventID, err) {
		err = errs.Final(err)
	}
	return networkMessageID, err
}

// tooOften counts a refusal whose number is limited, and tells whether it was one too many. Other failures, such as an
// outage before it, take nothing away from its tries.
func (c *Courier) tooOften(eventID id.EventID, err error) bool {
	if c.Tries == nil {
		return false
	}
	tries := c.Tries(err)
	if tries == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limited == nil {
		c.limited = map[id.EventID]int{}
	}
	c.limited[eventID]++
	return c.limited[eventID] > tries
}

func (c *Courier) forget(eventID id.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.broke, eventID)
	delete(c.limited, eventID)
}

func (c *Courier) enter(eventID id.EventID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.underway[eventID] {
		return false
	}
	if c.underway == nil {
		c.underway = map[id.EventID]bool{}
	}
	c.underway[eventID] = true
	return true
}

func (c *Courier) leave(eventID id.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.underway, eventID)
}

func (c *Courier) stillSending(eventID id.EventID) error {
	return errs.Temporary(errs.Tell(fmt.Errorf("message %s is being sent", eventID), "it is still being sent; a large file takes its time."), look)
}

// settle decides what to do about an earlier attempt of which nobody knows how it ended.
func (c *Courier) settle(ctx context.Context, eventID id.EventID, earlier network.Earlier) error {
	if earlier.Unresolved.IsZero() {
		return nil
	}
	waits, err := c.mayBeTold(ctx, earlier.Unresolved, later(c.brokeAt(eventID), earlier.Unresolved))
	if err != nil {
		return err
	} else if waits {
		return errs.Temporary(errs.Tell(fmt.Errorf("message %s: its fate is not known yet", eventID),
			fmt.Sprintf("the connection to %[1]s broke while sending; waiting for %[1]s to say whether it has the message.", c.Network)), look)
	}
	c.Log.Warn().Stringer("event_id", eventID).Msg("No sign came of a message whose sending broke off; sending it again")
	return c.Outcomes.Refused(ctx, eventID)
}

func (c *Courier) brokeAt(eventID id.EventID) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broke[eventID]
}

// mayBeTold tells whether a sign of a message may still come: its time is not over, or what came within it waits for its
// turn, as after an outage. The time counts from when the sending broke off: a large file, or a provider that is slow to
// answer, takes long until then.
func (c *Courier) mayBeTold(ctx context.Context, began, broke time.Time) (bool, error) {
	until := broke.Add(c.Grace)
	if c.Away != nil {
		from, back := c.Away()
		until = until.Add(max(0, back.Sub(later(from, broke))))
	}
	switch now := c.Clock.Now(); {
	case now.Before(until):
		return true, nil
	case c.Grace == 0 || now.Sub(until) > signPatience:
		return false, nil
	}
	return c.Outcomes.Unheard(ctx, began, until)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// accepted notes that the provider has the message.
func (c *Courier) accepted(ctx context.Context, eventID id.EventID, networkMessageID string) (string, error) {
	err := c.Outcomes.Accepted(ctx, eventID, networkMessageID)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if c.taken == nil {
			c.taken = map[id.EventID]string{}
		}
		c.taken[eventID] = networkMessageID
		return "", errs.Temporary(err, 0)
	}
	delete(c.taken, eventID)
	return networkMessageID, nil
}

func (c *Courier) takenAs(eventID id.EventID) (networkMessageID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[eventID]
}

// hand gives the message to the provider and notes what came of it.
func (c *Courier) hand(ctx context.Context, eventID id.EventID, send Send) (string, error) {
	networkMessageID, err := send(ctx)
	switch {
	case err == nil:
		return c.accepted(ctx, eventID, networkMessageID)
	case IsUnclear(err):
		c.brokeOff(eventID)
		wait, _ := errs.IsTemporary(err)
		if c.Grace > 0 { // else there is no sign to look for: each try may be one more at the customer, and comes ever later
			wait = max(wait, look)
		}
		return "", errs.Temporary(errs.Tell(err, fmt.Sprintf("the connection to %s broke while sending.", c.Network)), wait)
	}
	if noteErr := c.Outcomes.Refused(ctx, eventID); noteErr != nil {
		return "", errs.Temporary(errors.Join(err, noteErr), 0)
	}
	return "", err
}

func (c *Courier) brokeOff(eventID id.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broke == nil {
		c.broke = map[id.EventID]time.Time{}
	}
	c.broke[eventID] = c.Clock.Now()
}
