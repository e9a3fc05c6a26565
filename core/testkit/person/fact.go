package person

import (
	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Fact is something that is true of an event, for Sees and Seen.
type Fact = func(*event.Event) bool

// Message is a message or sticker of which fact holds.
func Message(fact func(*event.Event, *event.MessageEventContent) bool) Fact {
	return func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && (evt.Type == event.EventMessage || evt.Type == event.EventSticker) && fact(evt, msg)
	}
}

// Text is a message with exactly this text.
func Text(body string) Fact {
	return Message(func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.Body == body })
}

// AnswerTo is a notice in reply to an event.
func AnswerTo(target id.EventID) Fact {
	return Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgNotice && msg.RelatesTo.GetReplyTo() == target
	})
}

// Receipt is somebody's read receipt on an event.
func Receipt(target id.EventID, by func(id.UserID) bool) Fact {
	return func(evt *event.Event) bool {
		receipts, ok := evt.Content.Parsed.(*event.ReceiptEventContent)
		if !ok {
			return false
		}
		for user := range (*receipts)[target][event.ReceiptTypeRead] {
			if by(user) {
				return true
			}
		}
		return false
	}
}

// Status is a message status event of the kind on an event.
func Status(target id.EventID, status event.MessageStatus) Fact {
	return func(evt *event.Event) bool {
		content, ok := evt.Content.Parsed.(*event.BeeperMessageStatusEventContent)
		return ok && content.RelatesTo.EventID == target && content.Status == status
	}
}

// Reaction is a reaction with the emoji on an event, in whichever of an emoji's spellings.
func Reaction(target id.EventID, emoji string) Fact {
	return func(evt *event.Event) bool {
		reaction, ok := evt.Content.Parsed.(*event.ReactionEventContent)
		return ok && reaction.RelatesTo.EventID == target && variationselector.Remove(reaction.RelatesTo.Key) == variationselector.Remove(emoji)
	}
}

// Redaction takes an event back.
func Redaction(target id.EventID) Fact {
	return func(evt *event.Event) bool {
		content, ok := evt.Content.Parsed.(*event.RedactionEventContent)
		return ok && (evt.Redacts == target || content.Redacts == target)
	}
}
