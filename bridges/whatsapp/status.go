package whatsapp

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// states are WhatsApp's words for how far a message got; played is more than read, but says nothing more to us.
var states = map[string]channel.State{
	graph.StatusSent: channel.Sent, graph.StatusDelivered: channel.Delivered, graph.StatusRead: channel.Read,
	graph.StatusPlayed: channel.Read, graph.StatusFailed: channel.Failed,
}

// handleStatus moves a message of ours on. ref: reference/whatsapp-cloud.md §4.3
func (c *Connector) handleStatus(ctx context.Context, entry network.Entry) error {
	envelope, err := graph.DecodeStatus(entry.Payload)
	if err != nil {
		return fmt.Errorf("read a status: %w", err)
	}
	status := envelope.Item
	state, known := states[status.Status]
	if !known {
		return fmt.Errorf("status %q of a message: %w", message.CleanWord(status.Status), errs.ErrUnsupported)
	}
	report := network.Report{
		EventID: id.EventID(status.CallbackData), NetworkMessageID: status.ID, State: state, At: status.Timestamp.Time(),
	}
	if report.By, err = c.recipient(ctx, status); err != nil {
		return err
	}
	if state == channel.Failed {
		report.Reason = failureText(status.Errors)
		report.Objection = graph.ObjectionIn(status.Errors)
		c.alert(ctx, string(envelope.Metadata.PhoneNumberID), status.Errors)
	}
	err = c.env.Outcomes.Report(ctx, report)
	if errors.Is(err, errs.ErrNotFound) {
		return nil // sent by another system that uses the same number
	}
	return err
}

// recipient is the ghost who received the message; nil if the status does not say or the customer is not known.
func (c *Connector) recipient(ctx context.Context, status graph.Status) (*bridgev2.Ghost, error) {
	for _, handle := range []network.Handle{
		{Kind: handleUserID, Value: either(status.ParticipantUserID, status.RecipientUserID)},
		{Kind: handleWaID, Value: digits(either(string(status.ParticipantID), string(status.RecipientID)))},
	} {
		if handle.Value == "" {
			continue
		}
		person, err := c.env.Handles.Lookup(ctx, handle)
		if errors.Is(err, errs.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("find who received a message: %w", err)
		}
		ghost, err := c.bridge.GetGhostByID(ctx, person)
		if err != nil {
			return nil, errs.Temporary(fmt.Errorf("find the ghost who received a message: %w", err), 0)
		}
		return ghost, nil
	}
	return nil, nil
}

// alert tells the operators of what keeps a number from sending and comes by webhook: Meta takes the messages of an
// account that it cannot bill, and fails them afterwards. ref: reference/whatsapp-cloud.md §7, "alert"
func (c *Connector) alert(ctx context.Context, phoneNumberID string, problems []graph.Problem) {
	for _, problem := range problems {
		why := problem.Explain()
		if why.Class != graph.AccountStopped || c.env.Operators == nil {
			continue
		}
		c.env.Operators.Tell(ctx, "whatsapp:"+phoneNumberID+":refused",
			fmt.Sprintf("Meta does not deliver what the WhatsApp number with the ID %s sends (code %d): %s",
				network.Plain(phoneNumberID), why.Code, why.Message()))
	}
}

// failureText says why a message did not arrive and what to do next.
func failureText(problems []graph.Problem) string {
	if len(problems) == 0 {
		return "WhatsApp did not say why."
	}
	return problems[0].Explain().Late()
}

// handleCall shows that the customer called or hung up; calls themselves cannot be answered here.
func (c *Connector) handleCall(ctx context.Context, entry network.Entry) error {
	envelope, err := graph.DecodeCall(entry.Payload)
	if err != nil {
		return fmt.Errorf("read a call: %w", err)
	}
	call := envelope.Item
	if call.Direction == "BUSINESS_INITIATED" || call.Event != "connect" {
		return nil
	}
	client, err := c.client(string(envelope.Metadata.PhoneNumberID))
	if err != nil {
		return err
	}
	in := incoming{client: client, msg: graph.Message{
		ID: "call:" + call.ID, Type: "call", Timestamp: call.Timestamp, From: string(call.From), FromUserID: call.FromUserID,
	}}
	if err = in.place(ctx, envelope.Contact()); err != nil {
		return err
	}
	return in.deliverNotice("📞 The customer is calling by WhatsApp. Calls cannot be taken here; write back or call the customer.")
}

func (in *incoming) deliverNotice(text string) error {
	return network.Result(in.client.login.QueueRemoteEvent(&simplevent.Message[string]{
		EventMeta: simplevent.EventMeta{
			Type: bridgev2.RemoteEventMessage, PortalKey: in.chat, Sender: in.sender, Timestamp: in.msg.Timestamp.Time(), CreatePortal: true,
			// A call opens the window as a message does. ref: reference/whatsapp-cloud.md §6
			PreHandleFunc: in.open,
		},
		Data: text, ID: messageID(in.msg.ID),
		ConvertMessageFunc: func(_ context.Context, _ *bridgev2.Portal, _ bridgev2.MatrixAPI, text string) (*bridgev2.ConvertedMessage, error) {
			return &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{message.Notice(text)}}, nil
		},
	}))
}
