package hub

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strings"

	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// tellRoom shows a message's new state where its author looks. That it waits or failed is shown at once; that all goes
// well, after the messages that are on their way.
func (o *outcomes) tellRoom(ctx context.Context, row outcome, report network.Report) error {
	switch report.State {
	case channel.Sent, channel.Delivered, channel.Read:
		return o.showLater(ctx, row, report)
	}
	if err := o.sendStatus(ctx, row, report); err != nil {
		return fmt.Errorf("send the status of %s: %w", row.eventID, err)
	}
	if report.State == channel.Failed {
		return o.sendFailure(ctx, row, report.Reason)
	}
	return nil
}

// show shows that a message goes well: a message status event for clients that know it, the bot's receipt for
// delivered and the customer's own for read.
func (o *outcomes) show(ctx context.Context, row outcome, what shown) error {
	content := o.statusContent(row, what.State)
	if what.State != channel.Sent && what.By != "" {
		content.DeliveredToUsers = &[]id.UserID{what.By}
	}
	if err := o.putStatus(ctx, row, what.State, content); err != nil {
		return fmt.Errorf("send the status of %s: %w", row.eventID, err)
	}
	switch {
	case what.State == channel.Delivered:
		return o.markRead(ctx, row, o.bridge.matrix.Bot.UserID)
	case what.State == channel.Read && what.By != "":
		return o.markRead(ctx, row, what.By)
	}
	return nil
}

var statusOf = map[channel.State]event.MessageStatus{
	channel.Pending: event.MessageStatusPending, channel.Sent: event.MessageStatusSuccess,
	channel.Delivered: event.MessageStatusSuccess, channel.Read: event.MessageStatusSuccess, channel.Failed: event.MessageStatusFail,
}

// sendStatus shows that a message waits or failed, and why.
func (o *outcomes) sendStatus(ctx context.Context, row outcome, report network.Report) error {
	content := o.statusContent(row, report.State)
	content.Message = report.Reason
	if report.State == channel.Failed {
		content.Reason = event.MessageStatusGenericError
	}
	return o.putStatus(ctx, row, report.State, content)
}

func (o *outcomes) statusContent(row outcome, state channel.State) *event.BeeperMessageStatusEventContent {
	return &event.BeeperMessageStatusEventContent{
		Network:   o.bridge.matrix.GetUniqueBridgeID(),
		RelatesTo: event.RelatesTo{Type: event.RelReference, EventID: row.eventID},
		Status:    statusOf[state],
	}
}

func (o *outcomes) putStatus(ctx context.Context, row outcome, state channel.State, content *event.BeeperMessageStatusEventContent) error {
	ctx = withTxn(ctx, "status", row.eventID.String(), string(state))
	_, err := o.bridge.matrix.Bot.SendMessageEvent(ctx, row.roomID, event.BeeperMessageStatus, content)
	return err
}

func (o *outcomes) markRead(ctx context.Context, row outcome, by id.UserID) error {
	intent := o.bridge.matrix.AS.Intent(by)
	if err := intent.EnsureJoined(ctx, row.roomID); err != nil {
		return fmt.Errorf("join to mark %s as read: %w", row.eventID, err)
	}
	if err := intent.MarkRead(ctx, row.roomID, row.eventID); err != nil {
		return fmt.Errorf("mark %s as read: %w", row.eventID, err)
	}
	return nil
}

// sendFailure answers the message with why it did not arrive and what to do next.
func (o *outcomes) sendFailure(ctx context.Context, row outcome, reason string) error {
	return o.bridge.answer(withTxn(ctx, "failure", row.eventID.String()), row.roomID, row.eventID, "⚠️ Not delivered: "+reason)
}

// code is a command, or what else is to be copied, in a text for the team.
var code = regexp.MustCompile("`([^`\n]+)`")

// withCode is a text as HTML that shows what stands between backticks as code, and all else, customers' words among it, as it
// is; "" if there is no code in it.
func withCode(text string) string {
	if !code.MatchString(text) {
		return ""
	}
	shown := code.ReplaceAllString(html.EscapeString(text), "<code>$1</code>")
	return strings.ReplaceAll(shown, "\n", "<br>")
}

// answer is a notice from the bridge's bot in reply to an event, encrypted where the room is.
func (b *hosted) answer(ctx context.Context, room id.RoomID, to id.EventID, text string) error {
	notice := &event.MessageEventContent{MsgType: event.MsgNotice, Body: text, Mentions: &event.Mentions{}}
	if shown := withCode(text); shown != "" {
		notice.Format, notice.FormattedBody = event.FormatHTML, shown
	}
	if to != "" {
		notice.RelatesTo = (&event.RelatesTo{}).SetReplyTo(to)
	}
	bot := b.matrix.Connector.BotIntent().(*matrix.ASIntent)
	if _, err := b.sendMessage(ctx, bot, room, event.EventMessage, &event.Content{Parsed: notice}, nil); err != nil {
		return fmt.Errorf("answer in %s: %w", room, err)
	}
	return nil
}
