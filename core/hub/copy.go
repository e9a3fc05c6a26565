package hub

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// copying is one thing that is said again in another room, by the business's own user: from there it takes the way of
// every other message to that room's customer.
type copying struct {
	channel.Copy
	to   *hosted
	room id.RoomID
}

// Copy implements channel.Rooms.
func (h *Hub) Copy(ctx context.Context, to channel.Ref, what channel.Copy) (string, error) {
	from, err := h.bridgeOf(what.From)
	if err != nil {
		return "", err
	}
	other, err := h.bridgeOf(to)
	if err != nil {
		return "", err
	}
	c := &copying{Copy: what, to: other, room: id.RoomID(to.Room)}
	if what.Kind == "deletion" {
		return c.takeBack(ctx)
	}
	evt, err := from.original(ctx, id.RoomID(what.From.Room), id.EventID(what.ID))
	if err != nil {
		return "", err
	}
	if err = h.answers(evt); err != nil {
		return "", err
	}
	sent, err := c.say(ctx, evt)
	return sent.String(), err
}

// original reads what is to be copied. Of an encrypted event that was taken back nothing is left to decrypt.
func (b *hosted) original(ctx context.Context, room id.RoomID, eventID id.EventID) (*event.Event, error) {
	evt, err := b.bot().Matrix.Client.GetEvent(ctx, room, eventID)
	if err != nil {
		return nil, asked(fmt.Errorf("read a message to copy: %w", err))
	} else if evt.Unsigned.RedactedBecause != nil {
		return nil, fmt.Errorf("message to copy: %w", errs.ErrNotFound)
	}
	_ = evt.Content.ParseRaw(evt.Type) // what cannot be parsed is of no kind that is copied
	if evt.Type != event.EventEncrypted {
		return evt, nil
	}
	decrypted, err := b.decrypt(ctx, evt)
	if err != nil && ctx.Err() != nil {
		return nil, errs.Temporary(fmt.Errorf("decrypt a message to copy: %w", err), 0)
	} else if err != nil {
		return nil, fmt.Errorf("decrypt a message to copy: %w: %w", errs.ErrUnsupported, err)
	}
	return decrypted, nil
}

// answers returns an errs.ErrForbidden for what is no answer: as plain words in another room, the gate would take it for one.
func (h *Hub) answers(evt *event.Event) error {
	purpose, _ := evt.Content.Raw[network.PurposeKey].(string)
	_, template := evt.Content.Raw[network.TemplateKey]
	if template || purpose != "" && evt.Sender == h.Desk() {
		return errs.Tell(fmt.Errorf("copy what is no answer: %w", errs.ErrForbidden),
			"it is a template or is for a purpose, and whether the customer wants it elsewhere is not known. Write it there yourself if it answers them.")
	}
	return nil
}

// say says it again, by its kind.
func (c *copying) say(ctx context.Context, evt *event.Event) (id.EventID, error) {
	switch content := evt.Content.Parsed.(type) {
	case *event.ReactionEventContent:
		content.RelatesTo.EventID = id.EventID(c.Target)
		return c.send(ctx, event.EventReaction, content)
	case *event.MessageEventContent:
		return c.sayMessage(ctx, evt.Type, content)
	}
	return "", fmt.Errorf("copy a %s: %w", evt.Type.Type, errs.ErrUnsupported)
}

// sayMessage says words and files again. The file itself stays where it is: who has its address and its key can read it.
func (c *copying) sayMessage(ctx context.Context, kind event.Type, msg *event.MessageEventContent) (id.EventID, error) {
	if c.Kind == "edit" && msg.NewContent != nil {
		msg = msg.NewContent
	}
	msg.RemoveReplyFallback()
	msg.RelatesTo, msg.NewContent, msg.Mentions = nil, nil, &event.Mentions{}
	if err := c.sign(ctx, kind, msg); err != nil {
		return "", err
	}
	switch {
	case c.Kind == "edit":
		msg.SetEdit(id.EventID(c.Target))
	case c.Target != "":
		msg.RelatesTo = (&event.RelatesTo{}).SetReplyTo(id.EventID(c.Target))
	}
	return c.send(ctx, kind, msg)
}

// sign names the author: above the words, under a picture, and before what can have no words.
func (c *copying) sign(ctx context.Context, kind event.Type, msg *event.MessageEventContent) error {
	if c.By == "" {
		return nil
	}
	switch msg.MsgType {
	case event.MsgText, event.MsgEmote, event.MsgNotice:
		msg.MsgType = event.MsgText
		signContent(msg, c.By)
		return nil
	case event.MsgImage, event.MsgVideo, event.MsgFile:
		if kind == event.EventSticker {
			break
		}
		if msg.GetCaption() != "" {
			signContent(msg, c.By)
		} else {
			msg.FileName, msg.Body, msg.Format, msg.FormattedBody = msg.GetFileName(), c.By, "", ""
		}
		return nil
	}
	if c.Kind == "edit" {
		return nil
	}
	before := &copying{Copy: channel.Copy{Key: c.Key + ":author"}, to: c.to, room: c.room}
	_, err := before.send(ctx, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: c.By + ":", Mentions: &event.Mentions{}})
	return err
}

func (c *copying) send(ctx context.Context, kind event.Type, content any) (id.EventID, error) {
	return c.to.writeEvent(ctx, c.room, c.Key, kind, &event.Content{Parsed: content})
}

// takeBack redacts what was copied.
func (c *copying) takeBack(ctx context.Context) (string, error) {
	desk := c.to.matrix.AS.Intent(c.to.hub.Desk())
	done, err := desk.RedactEvent(withTxn(ctx, "say", c.Key), c.room, id.EventID(c.Target), mautrix.ReqRedact{})
	if isRefusal(err) {
		return "", fmt.Errorf("take back a copy: %w: %w", errs.ErrNotFound, err)
	} else if err != nil {
		return "", errs.Temporary(fmt.Errorf("take back a copy: %w", err), 0)
	}
	return done.EventID.String(), nil
}
