package hub

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// tellRoom shows a message's new state where its author looks: a message status event for clients that know it,
// the bot's receipt for delivered and the customer's own for read, and for a failure an answer in words.
func (o *outcomes) tellRoom(ctx context.Context, row outcome, report network.Report) error {
	if err := o.sendStatus(ctx, row, report); err != nil {
		return fmt.Errorf("send the status of %s: %w", row.eventID, err)
	}
	switch report.State {
	case channel.Delivered:
		return o.markRead(ctx, row, o.bridge.matrix.Bot.UserID)
	case channel.Read:
		if report.By == nil {
			return nil
		}
		return o.markRead(ctx, row, report.By.Intent.GetMXID())
	case channel.Failed:
		return o.sendFailure(ctx, row, report.Reason)
	}
	return nil
}

var statusOf = map[channel.State]event.MessageStatus{
	channel.Pending: event.MessageStatusPending, channel.Sent: event.MessageStatusSuccess,
	channel.Delivered: event.MessageStatusSuccess, channel.Read: event.MessageStatusSuccess, channel.Failed: event.MessageStatusFail,
}

func (o *outcomes) sendStatus(ctx context.Context, row outcome, report network.Report) error {
	content := &event.BeeperMessageStatusEventContent{
		Network:   o.bridge.matrix.GetUniqueBridgeID(),
		RelatesTo: event.RelatesTo{Type: event.RelReference, EventID: row.eventID},
		Status:    statusOf[report.State],
	}
	switch report.State {
	case channel.Pending:
		content.Message = report.Reason
	case channel.Failed:
		content.Reason, content.Message = event.MessageStatusGenericError, report.Reason
	case channel.Delivered, channel.Read:
		if report.By != nil {
			content.DeliveredToUsers = &[]id.UserID{report.By.Intent.GetMXID()}
		}
	}
	ctx = withTxn(ctx, "status", row.eventID.String(), string(report.State))
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

// answer is a notice from the bridge's bot in reply to an event, encrypted where the room is.
func (b *hosted) answer(ctx context.Context, room id.RoomID, to id.EventID, text string) error {
	notice := &event.MessageEventContent{MsgType: event.MsgNotice, Body: text, Mentions: &event.Mentions{}}
	if to != "" {
		notice.RelatesTo = (&event.RelatesTo{}).SetReplyTo(to)
	}
	bot := b.matrix.Connector.BotIntent().(*matrix.ASIntent)
	if _, err := b.sendMessage(ctx, bot, room, event.EventMessage, &event.Content{Parsed: notice}, nil); err != nil {
		return fmt.Errorf("answer in %s: %w", room, err)
	}
	return nil
}
