package signal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// fewTries is how often a fault that may pass, but often does not, is tried again.
const fewTries = 5

// passing marks a fault of which fewTries are enough.
type passing struct{ err error }

func (p *passing) Error() string { return p.err.Error() }
func (p *passing) Unwrap() error { return p.err }

// tries is how often a refusal may come before it is final; 0 means no limit.
func tries(err error) int {
	var p *passing
	if errors.As(err, &p) {
		return fewTries
	}
	return 0
}

// refused says why Signal certainly did not take something, and what to do next. ref: reference/signal-cli.md §4
func (cl *Client) refused(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, err error) error {
	var refused *daemon.Error
	if !errors.As(err, &refused) {
		return err // the daemon is away
	}
	if refused.Response != nil && len(refused.Response.Results) > 0 {
		return cl.refusedByAll(ctx, evt, portal, refused)
	}
	switch refused.Code {
	case daemon.CodeUntrusted:
		return cl.refusedIdentity(evt, portal, refused, nil)
	case daemon.CodeRateLimit:
		return cl.refusedLimit(ctx, refused, daemon.Result{})
	case daemon.CodeIO:
		return errs.Temporary(errs.Tell(refused, "Signal's server could not be reached; Puente keeps trying."), 0)
	}
	return explain(refused)
}

// refusedByAll is for a message that reached none of its recipients: the results say why.
func (cl *Client) refusedByAll(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, refused *daemon.Error) error {
	results := refused.Response.Results
	worst := results[0]
	for _, result := range results {
		if result.Type == daemon.RateLimitFail || (result.Type == daemon.NetworkFail && worst.Type != daemon.RateLimitFail) {
			worst = result // what passes is worth waiting for
		}
	}
	switch worst.Type {
	case daemon.RateLimitFail:
		return cl.refusedLimit(ctx, refused, worst)
	case daemon.NetworkFail:
		return errs.Temporary(errs.Tell(refused, "Signal's server could not be reached; Puente keeps trying."), 0)
	case daemon.PreKeyFail:
		return errs.Temporary(&passing{errs.Tell(refused, "Signal has no keys of the customer's phone. The customer should open Signal; then send it again.")}, 0)
	case daemon.IdentityFail:
		return cl.refusedIdentity(evt, portal, refused, untrustedOf(refused))
	case daemon.Unregistered:
		return errs.Tell(fmt.Errorf("%w: %w", errs.ErrNotFound, refused), unregisteredWords)
	}
	return errs.Tell(fmt.Errorf("%w: %w", errs.ErrForbidden, refused), otherWords)
}

const (
	unregisteredWords = "the customer is not on Signal any more, or has blocked you. Use another channel."
	otherWords        = "Signal refused this for a reason that Puente does not know; the log has its code. Send it in another form."
)

// refusals are the daemon's words in a user error, which has no code of its own for each, and ours.
func refusals() []struct{ says, words string } {
	return []struct{ says, words string }{
		{"is not registered", unregisteredWords},
		{"not a member", "the account is not a member of this group any more. Somebody in the group must add it again."},
		{"group not found", "the account is not a member of this group any more. Somebody in the group must add it again."},
		{"not allowed to send", "only admins may write into this group."},
		{"attachment", "Signal could not take the file. Send it in another form."},
		{"invalid", "Signal found a wrong value in the message. Send it in another form."},
	}
}

// explain gives a refusal of the daemon's itself words.
func explain(refused *daemon.Error) error {
	switch {
	case isGone(refused):
		return errs.Tell(fmt.Errorf("%w: %w", errs.ErrForbidden, refused), goneWords)
	case refused.Code == daemon.CodeNoMethod:
		return errs.Tell(fmt.Errorf("%w: %w", errs.ErrUnsupported, refused), "the signal-cli daemon is too old for this. Whoever runs Puente should update it.")
	case refused.Code == daemon.CodeInternal:
		return errs.Temporary(&passing{errs.Tell(refused, "the signal-cli daemon failed over it. Send it again; if that does not help, in another form.")}, 0)
	case refused.Code == daemon.CodeUser:
		for _, known := range refusals() {
			if refused.Says(known.says) {
				return errs.Tell(fmt.Errorf("%w: %w", errs.ErrForbidden, refused), known.words)
			}
		}
	}
	return errs.Tell(fmt.Errorf("%w: %w", errs.ErrForbidden, refused), otherWords)
}

// defaultWait is how long to wait where the daemon does not say.
const defaultWait = 30 * time.Second

// refusedLimit waits as long as Signal wants. One that wants a captcha is told to the operators: until it is solved
// nothing is sent, for each try makes it worse.
func (cl *Client) refusedLimit(ctx context.Context, refused *daemon.Error, result daemon.Result) error {
	wait := result.Wait()
	if wait <= 0 {
		wait = defaultWait
	}
	words := fmt.Sprintf("Signal takes no more messages for the moment; Puente sends it in %s.", span(int64(wait/time.Second)))
	if result.Token != "" {
		cl.challenge(ctx, result)
		words = "Signal wants a proof that a person sends this. Whoever runs Puente was told how to give it; then it is sent by itself."
		cl.limit.set(cl.connector.clock.Now().Add(wait), words)
	}
	return errs.Temporary(errs.Tell(refused, words), wait)
}

// refusedIdentity asks the agent to make sure who it is. The message is remembered: `!puente trust` sends it.
func (cl *Client) refusedIdentity(evt *event.Event, portal *bridgev2.Portal, refused *daemon.Error, people []daemon.Address) error {
	cl.connector.untrusted.remember(portal.PortalKey, evt, people)
	return errs.Tell(fmt.Errorf("%w: %w", errs.ErrForbidden, refused),
		"the customer's safety number changed: Signal was installed anew, or somebody else uses the number. Make sure who it is, "+
			"then write `!puente trust <safety number>`, or `!puente trust all` without comparing it; Puente then sends this again.")
}

// isForGood tells whether the daemon refused what it was asked for in a way that comes again with each try.
func isForGood(err error) bool {
	var refused *daemon.Error
	return errors.As(err, &refused) &&
		(refused.Code == daemon.CodeUser || refused.Code == daemon.CodeParams || refused.Code == daemon.CodeNoMethod)
}
