package signal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// handover is something ready to be given to the daemon.
type handover struct {
	text string // its words, by which an echo of it is known
	send func(ctx context.Context, late daemon.Late) (daemon.SendResult, error)
	end  func() // removes what was made for it; may be nil
}

// preparation makes what is to be given to the daemon. What it refuses was never sent.
type preparation func(ctx context.Context, to daemon.To) (handover, error)

// delivered is something that Signal took.
type delivered struct {
	id        networkid.MessageID
	timestamp int64
}

// deliver gives something to Signal exactly once, as far as Signal lets us: a message's identity is the timestamp that
// the daemon answers with, and whoever names an unknown one settles an attempt whose end nobody knows.
func (cl *Client) deliver(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, prepare preparation) (delivered, error) {
	return cl.deliverBy(ctx, cl.connector.courier, evt, portal, prepare)
}

// repeat is deliver for what may be done twice, so that nothing has to be waited for.
func (cl *Client) repeat(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, prepare preparation) (delivered, error) {
	return cl.deliverBy(ctx, cl.connector.again, evt, portal, prepare)
}

func (cl *Client) deliverBy(ctx context.Context, courier *delivery.Courier, evt *event.Event, portal *bridgev2.Portal, prepare preparation) (delivered, error) {
	if err := cl.limit.check(cl.connector.clock.Now()); err != nil {
		return delivered{}, err
	}
	var failed []daemon.Result
	handed := false
	end := func() {}
	var err error
	defer func() { // when it is noted what became of it; after a panic too
		if handed && !delivery.IsUnclear(err) {
			cl.connector.attempts.end(evt.ID)
		}
	}()
	id, err := courier.Once(ctx, evt.ID, portal.MXID, func(ctx context.Context) (delivery.Send, error) {
		to, err := cl.to(ctx, portal)
		if err != nil {
			return nil, err
		}
		ready, err := prepare(ctx, to)
		if err != nil {
			return nil, err
		} else if ready.end != nil {
			end = ready.end
		}
		return func(ctx context.Context) (id string, err error) {
			handed = true
			id, failed, err = cl.hand(ctx, evt, portal, to, ready)
			return id, err
		}, nil
	})
	end()
	if err != nil {
		return delivered{}, err
	}
	if len(failed) > 0 {
		cl.tellMissed(ctx, evt, portal, failed)
	}
	cl.answered(ctx, portal)
	_, timestamp, _ := parseMessageID(networkid.MessageID(id))
	return delivered{id: networkid.MessageID(id), timestamp: timestamp}, nil
}

// hand gives it to the daemon. A group of which some got it has it.
func (cl *Client) hand(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, to daemon.To, ready handover) (id string, failed []daemon.Result, err error) {
	cl.connector.attempts.begin(evt.ID, portal.PortalKey, ready.text, cl.connector.clock.Now().UnixMilli())
	late := func(sent daemon.SendResult, err error) { cl.noteLate(context.WithoutCancel(ctx), evt.ID, sent, err) }
	sent, err := ready.send(ctx, late)
	if people := untrustedOf(err); len(people) > 0 && cl.connector.config.TrustNewIdentities == trustAlways {
		if cl.trustAll(ctx, portal, people) == nil {
			sent, err = ready.send(ctx, late)
		}
	}
	cl.noteAccount(err)
	switch {
	case daemon.IsLost(err):
		cl.connector.attempts.lose(evt.ID)
		return "", nil, delivery.Unclear(err)
	case err != nil:
		return "", nil, cl.refused(ctx, evt, portal, err)
	}
	cl.limit.lift()
	return string(messageID(cl.self(), sent.Timestamp)), sent.Failed(), nil
}

// to is the chat as the daemon is told it.
func (cl *Client) to(ctx context.Context, portal *bridgev2.Portal) (daemon.To, error) {
	if group, ok := groupOf(portal.ID); ok {
		return daemon.To{GroupID: group}, nil
	}
	recipient, err := cl.connector.recipient(ctx, networkid.UserID(portal.ID))
	return daemon.To{Recipient: recipient}, err
}

// addressOf is how others name the author of a message.
func (cl *Client) addressOf(ctx context.Context, author string) (string, error) {
	if author == cl.self() {
		return cl.address(), nil
	} else if !strings.HasPrefix(author, "number-") {
		return author, nil
	}
	return "", errs.Tell(fmt.Errorf("address of a message's author: %w", errs.ErrNotFound), "Puente does not know the Signal account of whoever wrote that.")
}

// answered accepts a message request: whoever is answered is no stranger.
func (cl *Client) answered(ctx context.Context, portal *bridgev2.Portal) {
	if !portal.Metadata.(*PortalMeta).Requested {
		return
	}
	if err := cl.accept(ctx, portal); err != nil {
		cl.connector.log.Warn().Err(err).Str("login_id", cl.self()).Msg("Could not accept a first contact; the next answer tries again")
	}
}

// accept accepts a chat's first contact.
func (cl *Client) accept(ctx context.Context, portal *bridgev2.Portal) error {
	to, err := cl.to(ctx, portal)
	if err != nil {
		return err
	}
	if err = cl.connector.daemon.Accept(ctx, cl.account(), to); err != nil {
		return again("accept a first contact", err)
	}
	portal.Metadata.(*PortalMeta).Requested = false
	if err = portal.Save(ctx); err != nil {
		return errs.Temporary(fmt.Errorf("note that a first contact was accepted: %w", err), 0)
	}
	return nil
}

// tellMissed says in the room which members of a group did not get a message.
func (cl *Client) tellMissed(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, failed []daemon.Result) {
	lines := make([]string, 0, len(failed))
	changed := false
	for _, result := range failed {
		name, _ := cl.nameOf(ctx, result.Recipient.UUID, result.Recipient.Number)
		lines = append(lines, fmt.Sprintf("%s (%s)", name, either(missedBecause[result.Type], "Signal refused it")))
		changed = changed || result.Type == daemon.IdentityFail
		if result.Token != "" {
			cl.challenge(ctx, result)
		}
	}
	text := "⚠️ Not everybody got this: " + strings.Join(lines, ", ") + ". The others have it."
	if changed {
		text += " Make sure who they are, then write `!puente trust <safety number>` or `!puente trust all`, and send it again."
	}
	cl.tellRoom(ctx, portal, "missed", evt, text)
}

var missedBecause = map[daemon.ResultType]string{
	daemon.NetworkFail: "Signal could not be reached", daemon.Unregistered: "no longer on Signal", daemon.IdentityFail: "another safety number",
	daemon.RateLimitFail: "too many messages at once", daemon.PreKeyFail: "no keys",
}

// tellRoom says something about an agent's message in the room, in reply to it. It must not queue an event: it is called
// while the room handles one.
func (cl *Client) tellRoom(ctx context.Context, portal *bridgev2.Portal, what string, evt *event.Event, text string) {
	content := &event.MessageEventContent{MsgType: event.MsgNotice, Body: text, Mentions: &event.Mentions{}}
	content.RelatesTo = (&event.RelatesTo{}).SetReplyTo(evt.ID)
	// The ID makes a repetition the same event.
	extra := &bridgev2.MatrixSendExtra{MessageMeta: &database.Message{ID: networkid.MessageID(what + ":" + evt.ID.String())}}
	if _, err := cl.connector.bridge.Bot.SendMessage(ctx, portal.MXID, event.EventMessage, &event.Content{Parsed: content}, extra); err != nil {
		cl.connector.log.Error().Err(err).Stringer("event_id", evt.ID).Str("what", what).Msg("Could not tell the room about a message")
	}
}

// untrustedOf are the people because of whose new safety number a message reached nobody.
func untrustedOf(err error) []daemon.Address {
	var refused *daemon.Error
	if !errors.As(err, &refused) || refused.Response == nil {
		return nil
	}
	var people []daemon.Address
	for _, result := range refused.Response.Results {
		if result.Type == daemon.IdentityFail {
			people = append(people, result.Recipient)
		}
	}
	return people
}
