package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/html"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// keyWait is how long a message may wait for the keys that decrypt it before its lane tries again.
const keyWait = 3 * time.Second

// keyPatience is for how long a room waits for a message whose key does not come; then its author is told, and the
// room goes on.
const keyPatience = 2 * time.Minute

// handleMatrix deals with what one of our people did in a conversation's room.
func (b *hosted) handleMatrix(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	if evt.Unsigned.RedactedBecause != nil {
		return nil // taken back before we saw it; of an encrypted one nothing is left to read
	}
	var what about
	what.read(evt)
	if evt.Type == event.EventEncrypted {
		decrypted, err := b.decrypt(ctx, evt)
		if err != nil {
			return b.unread(ctx, evt, entry, what, err)
		}
		evt = decrypted
		what.read(evt)
	} else if b.hub.Encryption == EncryptionRequired && clientsEncrypt(evt.Type) {
		err := errs.Tell(fmt.Errorf("unencrypted message: %w", errs.ErrForbidden),
			"it was not encrypted, and this company's rooms require it. Use a client that encrypts, and send it again.")
		return b.refuseUnread(ctx, evt, err)
	}
	if isNotice(evt) {
		return nil // said by a bot, which speaks to the room and not to the customer
	}
	if command, ok := commandIn(evt); ok {
		return b.hub.handleRoomCommand(ctx, b, evt, command)
	}
	if evt.Sender != b.hub.Desk() && hidesCommand(evt) { // Puente's own user also passes on what customers wrote
		return b.holdBack(ctx, evt)
	}
	if !fromPerson(evt) {
		return nil
	}
	because, err := b.staysInTeam(ctx, evt, what)
	if because != "" {
		return b.keepInside(ctx, evt, what, because)
	} else if _, again := errs.IsTemporary(err); again {
		return err
	} else if err != nil && evt.Type == event.EventRedaction {
		return nil // nothing is there to delete
	} else if err != nil {
		return b.refuse(ctx, evt, err)
	}
	return b.send(ctx, evt, entry)
}

// fromPerson tells whether the event is something that people say; what Puente makes of a room's state is its own.
func fromPerson(evt *event.Event) bool {
	switch evt.Type {
	case event.EventMessage, event.EventSticker, event.EventReaction, event.EventRedaction,
		event.EventUnstablePollStart, event.EventUnstablePollResponse:
		return true
	}
	return false
}

// isNotice tells whether it is a bot who speaks. It also takes away what some clients repeat above a message's own
// words, as bridgev2 does: a command must be seen behind it.
func isNotice(evt *event.Event) bool {
	msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
	if !ok || evt.Type != event.EventMessage {
		return false
	}
	msg.RemoveReplyFallback()
	removePlainFallback(msg)
	msg.RemovePerMessageProfileFallback()
	return msg.MsgType == event.MsgNotice
}

// removePlainFallback takes away what a reply without HTML repeats of its target, which mautrix leaves in place.
// ref: Matrix specification before v1.13, fallbacks for rich replies
func removePlainFallback(msg *event.MessageEventContent) {
	if msg.RelatesTo.GetReplyTo() != "" && (strings.HasPrefix(msg.Body, "> <@") || strings.HasPrefix(msg.Body, "> * <@")) {
		msg.Body = event.TrimReplyFallbackText(msg.Body)
	}
}

// clientsEncrypt tells whether clients encrypt such an event in an encrypted room: not what is little more than a relation.
func clientsEncrypt(kind event.Type) bool {
	switch kind {
	case event.EventMessage, event.EventSticker, event.EventUnstablePollStart, event.EventUnstablePollResponse:
		return true
	}
	return false
}

// commandIn returns the command that an event's words are, of whatever type it is: its author sees the words and not the
// type. Also an edit that makes one of a message is held back here. Whatever starts with the prefix is one, even with no
// space behind it: bridgev2 would take it for its own.
func commandIn(evt *event.Event) (string, bool) {
	for _, words := range wordsIn(evt) {
		if command, ok := commandOf(words); ok {
			return command, true
		}
	}
	return "", false
}

// hidesCommand tells whether a later line of an event's words is a command: its author means it for Puente, and what starts
// with the prefix is never for the customer.
func hidesCommand(evt *event.Event) bool {
	for _, words := range wordsIn(evt) {
		for line := range strings.Lines(words) {
			if _, ok := commandOf(line); ok {
				return true
			}
		}
	}
	return false
}

// holdBack keeps an event among the team whose author mixed a command into it.
func (b *hosted) holdBack(ctx context.Context, evt *event.Event) error {
	if err := b.hub.notes.keep(ctx, evt.RoomID, evt.ID); err != nil {
		return err
	}
	return b.answerCommand(ctx, evt, "Nothing was sent: a command must be a message of its own.")
}

// wordsIn is what an event says, in each of the ways in which clients may show it.
func wordsIn(evt *event.Event) []string {
	switch content := evt.Content.Parsed.(type) {
	case *event.MessageEventContent:
		words := []string{content.Body, shownText(content.FormattedBody)}
		if content.NewContent != nil {
			words = append([]string{content.NewContent.Body, shownText(content.NewContent.FormattedBody)}, words...)
		}
		return words
	case *event.PollStartEventContent:
		question := content.PollStart.Question
		words := []string{question.Text, shownText(question.HTML)}
		for _, one := range question.Message {
			words = append(words, one.Body)
		}
		return words
	}
	return nil
}

// shownText is what of a formatted text is to be read, without its formatting.
func shownText(markup string) string {
	var text strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		switch token := tokens.Token(); {
		case kind == html.TextToken:
			text.WriteString(token.Data)
		case breaksLine(token.Data):
			text.WriteByte('\n')
		}
	}
	return text.String()
}

// breaksLine tells whether what an HTML tag begins or ends stands on lines of its own.
func breaksLine(tag string) bool {
	switch tag {
	case "br", "p", "div", "pre", "blockquote", "ul", "ol", "li", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "td", "th", "details", "summary", "caption":
		return true
	}
	return false
}

func commandOf(body string) (string, bool) {
	body = strings.TrimSpace(body)
	if len(body) < len(CommandPrefix) || !strings.EqualFold(body[:len(CommandPrefix)], CommandPrefix) {
		return "", false
	}
	return strings.TrimSpace(body[len(CommandPrefix):]), true
}

// send hands the event to the bridge as the business's own: bridgev2 drops reactions, receipts and polls of people
// without a login. Who really wrote it is kept in the signature, for the desk, and in bridgev2's own tables.
func (b *hosted) send(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	portal, err := b.bridge.GetPortalByMXID(ctx, evt.RoomID)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the conversation of %s: %w", evt.RoomID, err), 0)
	} else if portal == nil {
		b.hub.rooms.forget(evt.RoomID)
		return errs.Tell(fmt.Errorf("conversation of %s: %w", evt.RoomID, errs.ErrNotFound), "this room is no longer connected to a conversation.")
	}
	again := entry.Attempts > 0 || entry.Earlier
	if entry.Attempts == 0 {
		reopened, err := b.outcomes.reopen(ctx, evt.ID)
		if err != nil {
			return err
		}
		again = again || reopened
	}
	if err = b.awaitNoted(ctx, evt, entry); err != nil {
		return b.outcomes.pending(ctx, evt, entry.Attempts, err)
	}
	agent := b.agentParty(ctx, evt.RoomID, evt.Sender)
	said := saidBy(evt)
	if err = b.mayLeave(ctx, evt, again, portal, agent, said); err != nil {
		if _, again := errs.IsTemporary(err); again {
			return b.outcomes.pending(ctx, evt, entry.Attempts, err)
		}
		return b.refuse(ctx, evt, err)
	}
	if said != nil {
		if err := b.announceOut(ctx, evt.RoomID, evt.ID, b.author(evt, agent), *said, sentAt(evt)); err != nil {
			return errs.Temporary(err, 0)
		}
	}
	b.hub.Signature.sign(evt, agent)
	owned := *evt // a copy: bridgev2 may still read it in the background, after a panic or a time-out
	owned.Sender = b.hub.Desk()
	res, err := b.hand(ctx, portal, &owned)
	if err != nil {
		return err
	}
	err = b.settle(evt, portal, res, entry.Attempts)
	if res.Success && !res.Ignored {
		b.progress.Add(1)
	}
	if err == nil {
		if err = b.attribute(ctx, evt, entry, res); err != nil {
			return err
		}
		return b.outcomes.sent(ctx, evt)
	}
	if _, again := errs.IsTemporary(err); again {
		return b.outcomes.pending(ctx, evt, entry.Attempts, err)
	}
	return b.refuse(ctx, evt, err)
}

// mayLeave asks the business floor whether the event may go to the customer.
func (b *hosted) mayLeave(ctx context.Context, evt *event.Event, again bool, portal *bridgev2.Portal, agent channel.Party, said *channel.Content) error {
	if b.hub.Gate == nil {
		return nil
	}
	if err := b.open(ctx, evt.RoomID, portal); err != nil {
		return errs.Temporary(err, 0)
	}
	out := channel.Outgoing{
		Ref: owner{network: b.network.ID, key: portal.PortalKey}.ref(evt.RoomID), ID: evt.ID.String(), From: b.author(evt, agent),
		Content: channel.Content{Kind: "other"}, Template: templateIn(evt), Rules: b.connector.Rules(), At: sentAt(evt),
	}
	if said != nil {
		out.Content = *said
	}
	if evt.Sender == b.hub.Desk() {
		out.Purpose, _ = evt.Content.Raw[network.PurposeKey].(string)
	}
	if again {
		earlier, err := b.outcomes.Look(ctx, evt.ID)
		if err != nil {
			return err
		} else if left, err := b.isNoted(ctx, event.EventRedaction, evt.ID); err != nil {
			return errs.Temporary(fmt.Errorf("look whether %s has left: %w", evt.ID, err), 0)
		} else if left || earlier.NetworkMessageID != "" || !earlier.Unresolved.IsZero() {
			return nil // it has left, or may have: what remains is to find out
		}
		out.Again = earlier.Attempts > 0
	}
	return b.hub.Gate.MayLeave(ctx, out)
}

// author is who wrote an event: the agent, or whoever had Puente write it; nobody if Puente did by itself.
func (b *hosted) author(evt *event.Event, sender channel.Party) channel.Party {
	if evt.Sender != b.hub.Desk() {
		return sender
	}
	asked, _ := evt.Content.Raw[network.AuthorKey].(string)
	return channel.Party{ID: asked}
}

// templateIn is the name of the approved template that an event is; empty if it is none.
func templateIn(evt *event.Event) string {
	template, _ := evt.Content.Raw[network.TemplateKey].(map[string]any)
	name, _ := template["name"].(string)
	return name
}

func sentAt(evt *event.Event) time.Time { return time.UnixMilli(evt.Timestamp).UTC() }

// hand gives the event to bridgev2, unless an earlier attempt ended with its message noted: the journal repeats what
// was done just before a crash.
func (b *hosted) hand(ctx context.Context, portal *bridgev2.Portal, evt *event.Event) (bridgev2.EventHandlingResult, error) {
	known, err := b.bridge.DB.Message.GetPartByMXID(ctx, evt.ID)
	if err != nil {
		return bridgev2.EventHandlingResult{}, errs.Temporary(fmt.Errorf("look whether %s is bridged already: %w", evt.ID, err), 0)
	} else if known != nil {
		return bridgev2.EventHandlingResultIgnored, nil
	}
	if msg, ok := evt.Content.Parsed.(*event.MessageEventContent); ok && strings.HasPrefix(msg.Body, CommandPrefix) {
		// bridgev2 would take it for a command to itself, and of its owner. Only an author's name can have brought it here.
		return bridgev2.EventHandlingResultFailed.WithError(errs.Tell(fmt.Errorf("words that begin like a command: %w", errs.ErrInvalid),
			"with your name above it, it begins like a command to Puente. Change your display name.")), nil
	}
	if evt.Type == event.EventReaction {
		if err = b.knowAccount(ctx, portal); err != nil {
			return bridgev2.EventHandlingResult{}, errs.Temporary(err, 0)
		}
	}
	b.hub.lull.messagePasses(b.hub.Clock)
	return b.bridge.QueueMatrixEvent(ctx, evt), nil
}

// knowAccount has bridgev2 know the company's own account, without which it cannot note a reaction; of messages it does so
// itself.
func (b *hosted) knowAccount(ctx context.Context, portal *bridgev2.Portal) error {
	login := b.bridge.GetCachedUserLoginByID(portal.Receiver)
	if login == nil {
		return nil
	}
	account, ok := login.Client.(bridgev2.NetworkAPIWithUserID)
	if !ok {
		return nil
	}
	if _, err := b.bridge.GetGhostByID(ctx, account.GetUserID()); err != nil {
		return fmt.Errorf("note the company's account: %w", err)
	}
	return nil
}

// mostPanics is how often an event may leave its bridge without a result: it is not likely to end otherwise later,
// and its lane waits. bridgev2 keeps the panic from the journal, which would count it.
const mostPanics = 5

// settle is result for what a person did in a conversation.
func (b *hosted) settle(evt *event.Event, portal *bridgev2.Portal, res bridgev2.EventHandlingResult, attempts int) error {
	if evt.Type == event.EventRedaction && errors.Is(res.Error, bridgev2.ErrTargetMessageNotFound) {
		return nil // a command, a message that failed, or one that is deleted already: nothing is there to delete
	} else if errors.Is(res.Error, bridgev2.ErrNotLoggedIn) {
		return b.notConnected(portal, res.Error)
	}
	return limitPanics(b.result(res), attempts)
}

// limitPanics makes the last of an event's tries final if none of them had a result.
func limitPanics(err error, attempts int) error {
	if !errors.Is(err, network.ErrNoResult) || attempts+1 < mostPanics {
		return err
	}
	return errs.Tell(errs.Final(err), "Puente failed over it each time it tried; the log has the details. Send it in other words, and tell whoever runs Puente.")
}

// notConnected is for an account that is not logged in: while it connects, waiting helps.
func (b *hosted) notConnected(portal *bridgev2.Portal, cause error) error {
	login := b.bridge.GetCachedUserLoginByID(portal.Receiver)
	if login != nil {
		switch b.stateOf(login.ID).StateEvent {
		case status.StateBadCredentials, status.StateLoggedOut:
		default:
			return errs.Temporary(errs.Tell(cause, "the account of this conversation is being connected."), 0)
		}
	}
	return errs.Final(b.explain(cause))
}

// result turns what bridgev2 says of an event into done, again or never, with words for people.
func (b *hosted) result(res bridgev2.EventHandlingResult) error {
	err := network.Result(res)
	if err == nil {
		return nil
	}
	return b.explain(err)
}

// refuse tells the author that the event will not arrive, and why, and sets it aside in the journal.
func (b *hosted) refuse(ctx context.Context, evt *event.Event, cause error) error {
	if err := b.outcomes.failed(ctx, evt, cause); err != nil {
		return errs.Temporary(err, 0)
	}
	if errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, context.Canceled) {
		// The journal would take a time-out for no verdict, but this is one.
		return errs.Tell(errs.Final(errors.New(cause.Error())), errs.Message(cause))
	}
	return cause
}

func reasonOf(err error) string {
	if message := errs.Message(err); message != "" {
		return message
	}
	return "something went wrong inside Puente; the log has the details."
}

// decrypt returns what an encrypted event says. Keys that are not there yet may still come.
func (b *hosted) decrypt(ctx context.Context, evt *event.Event) (*event.Event, error) {
	crypto := b.matrix.Crypto
	if crypto == nil {
		return nil, errs.Tell(fmt.Errorf("encrypted event, but encryption is off: %w", errs.ErrUnsupported),
			"this room is encrypted, but Puente is configured without encryption (encryption.mode).")
	}
	content := evt.Content.AsEncrypted()
	decrypted, err := crypto.Decrypt(ctx, evt)
	if errors.Is(err, matrix.NoSessionFound) {
		if crypto.WaitForSession(ctx, evt.RoomID, content.SenderKey, content.SessionID, keyWait) {
			decrypted, err = crypto.Decrypt(ctx, evt)
		} else {
			b.hub.goDo(func() {
				crypto.RequestSession(context.WithoutCancel(ctx), evt.RoomID, content.SenderKey, content.SessionID, evt.Sender, content.DeviceID) //nolint:staticcheck // without a device ID it asks all of the sender's devices
			})
		}
	}
	if errors.Is(err, matrix.NoSessionFound) {
		return nil, errs.Tell(errs.Final(fmt.Errorf("no key for %s: %w", evt.ID, err)),
			"Puente did not get the key to read it. Send it again; if that does not help, log out of that client and in again.")
	} else if err != nil {
		return nil, errs.Tell(fmt.Errorf("decrypt %s: %w: %w", evt.ID, errs.ErrInvalid, err), "Puente could not decrypt it. Send it again.")
	}
	return decrypted, nil
}

// unread deals with an event that Puente cannot read. What is about something internal, as can be seen from outside, need
// not be read. A key may still come, but not for ever: the room's later messages wait too.
func (b *hosted) unread(ctx context.Context, evt *event.Event, entry journal.Entry, what about, cause error) error {
	because, err := b.staysInTeam(ctx, evt, what)
	if _, again := errs.IsTemporary(err); again {
		return err
	} else if because != "" {
		return b.keepInside(ctx, evt, what, because)
	}
	if errors.Is(cause, matrix.NoSessionFound) && b.hub.Clock.Now().Sub(entry.ReceivedAt) < keyPatience {
		return b.outcomes.pending(ctx, evt, entry.Attempts, errs.Temporary(cause, 5*time.Second))
	}
	return b.refuseUnread(ctx, evt, cause)
}

// refuseUnread refuses an event at whose words nobody looked: it may be a note, so what is about it stays among the team.
func (b *hosted) refuseUnread(ctx context.Context, evt *event.Event, cause error) error {
	if err := b.hub.notes.keep(ctx, evt.RoomID, evt.ID); err != nil {
		return err
	}
	return b.refuse(ctx, evt, cause)
}

// onFailed is told when the journal gives up on an event after its retries.
func (b *hosted) onFailed(ctx context.Context, evt *event.Event, cause error) error {
	return b.outcomes.failed(ctx, evt, cause)
}

// agentParty is one of our people as the business floor names them.
func (b *hosted) agentParty(ctx context.Context, room id.RoomID, user id.UserID) channel.Party {
	party := channel.Party{ID: user.String(), Name: user.Localpart()}
	if user == b.hub.Desk() {
		party.Name = ""
		return party
	}
	if member, err := b.hub.as.StateStore.GetMember(ctx, room, user); err == nil && member != nil && member.Displayname != "" {
		party.Name = member.Displayname
	}
	return party
}
