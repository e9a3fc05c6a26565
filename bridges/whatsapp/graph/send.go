package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"puente/core/base/errs"
)

// SendResult is what Meta answers when it takes a message. Taken is not delivered: how it ends comes by
// webhook. ref: whatsapp-cloud.md §5
type SendResult struct {
	MessageID string // wamid…
	GroupID   string
	Status    string // accepted, held_for_quality_assessment, paused; "" when not said
	Input     string // the recipient as it was given
	WaID      string // the recipient as WhatsApp spells it; may differ from Input
	UserID    string // business-scoped user ID
}

// Turn returns when msg may be sent by the business's number phoneNumberID without breaking WhatsApp's limits. It may take
// minutes. Its error is that of ctx.
func (c *Client) Turn(ctx context.Context, phoneNumberID string, msg OutgoingMessage) error {
	if err := c.pacer.Wait(ctx, phoneNumberID, msg.pair()); err != nil {
		return fmt.Errorf("wait for the turn of a message: %w", err)
	}
	return nil
}

// Send checks msg against WhatsApp's limits and sends it at once by the business's number phoneNumberID; call Turn
// before. Errors: errs.ErrInvalid or errs.ErrTooLarge before anything was sent; *Error when Meta refused;
// errs.IsTemporary when another try makes sense; IsAmbiguous when it may have gone out.
func (c *Client) Send(ctx context.Context, phoneNumberID string, msg OutgoingMessage) (SendResult, error) {
	const op = "send message"
	number, err := id("phone number ID", phoneNumberID)
	if err != nil {
		return SendResult{}, fmt.Errorf("%s: %w", op, err)
	}
	if err = msg.Check(); err != nil {
		return SendResult{}, fmt.Errorf("%s: %w", op, err)
	}
	var answer sendAnswer
	err = c.do(ctx, call{op: op, method: http.MethodPost, path: number + "/messages", json: msg, once: true,
		complete: answer.complete}, &answer)
	if after := c.pacer.Learn(phoneNumberID, msg.pair(), err); err != nil {
		if least, ok := errs.IsTemporary(err); ok && after > least {
			err = errs.Temporary(err, after)
		}
		return SendResult{}, err
	}
	return answer.result(), nil
}

type sendAnswer struct {
	Contacts []struct {
		Input  Literal `json:"input"`
		WaID   Literal `json:"wa_id"`
		UserID Literal `json:"user_id"`
	} `json:"contacts"`
	Messages []struct {
		ID      Literal `json:"id"`
		GroupID Literal `json:"group_id"`
		Status  Literal `json:"message_status"`
	} `json:"messages"`
}

func (a *sendAnswer) complete() error {
	if len(a.Messages) == 0 || a.Messages[0].ID == "" {
		return errors.New("the answer names no message")
	}
	return nil
}

func (a *sendAnswer) result() SendResult {
	m := a.Messages[0]
	r := SendResult{MessageID: string(m.ID), GroupID: string(m.GroupID), Status: string(m.Status)}
	if len(a.Contacts) > 0 {
		r.Input, r.WaID, r.UserID = string(a.Contacts[0].Input), string(a.Contacts[0].WaID), string(a.Contacts[0].UserID)
	}
	return r
}

// MarkRead marks a customer's message and all before it as read. Only for messages of the last 30 days,
// not for groups. ref: whatsapp-cloud.md §5.3
func (c *Client) MarkRead(ctx context.Context, phoneNumberID, messageID string) error {
	return c.mark(ctx, phoneNumberID, readMark{Product: product, Status: "read", MessageID: messageID})
}

// MarkReadTyping is MarkRead that also shows "typing" for 25 s or until the next message. WhatsApp has no
// typing without the read mark.
func (c *Client) MarkReadTyping(ctx context.Context, phoneNumberID, messageID string) error {
	return c.mark(ctx, phoneNumberID, readMark{Product: product, Status: "read", MessageID: messageID,
		Typing: &typing{Type: "text"}})
}

// product is messaging_product, which every body names.
const product = "whatsapp"

type readMark struct {
	Product   string  `json:"messaging_product"`
	Status    string  `json:"status"`
	MessageID string  `json:"message_id"`
	Typing    *typing `json:"typing_indicator,omitempty"`
}

type typing struct {
	Type string `json:"type"`
}

func (c *Client) mark(ctx context.Context, phoneNumberID string, mark readMark) error {
	const op = "mark as read"
	number, err := id("phone number ID", phoneNumberID)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if mark.MessageID == "" {
		return fmt.Errorf("%s: message_id is empty: %w", op, errs.ErrInvalid)
	}
	return c.succeed(ctx, call{op: op, method: http.MethodPost, path: number + "/messages", json: mark})
}

// succeed makes a call whose answer is {"success": true}.
func (c *Client) succeed(ctx context.Context, k call) error {
	var answer struct {
		Success Flag `json:"success"`
	}
	k.complete = func() error {
		if !answer.Success {
			return errors.New("the answer does not say success")
		}
		return nil
	}
	return c.do(ctx, k, &answer)
}
